"""The newsletter: the best stories since an instant as one letter, HTML and plain text, and the mail that carries it. Pure.

The letter has no pictures: they would tell their hosts who reads it when. Its styles are written into its elements, as many
mail programs drop style sheets. Text from the web is escaped, and addresses are only those that a page may link to.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Iterable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

import jinja2

from broadsheet.errors import PublishError
from broadsheet.models import PublishedStory, Value
from broadsheet.publish.site_view import in_utc, outlets, story_path, web_url
from broadsheet.settings import NewsletterSettings, NewsroomSettings
from broadsheet.text import clean, fold_space, shorten

MAX_EXCERPT = 300  # characters
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Letter(Value, frozen=True):
    """One newsletter, the same for all who get it. ``name`` is its day, such as "2031-05-12"."""

    name: str
    subject: str
    html: str
    text: str


class Item(Value, frozen=True):
    """What a letter says of a story."""

    title: str
    url: str
    lead: str
    outlet: str
    excerpt: str
    topic: str
    language: str
    heat: int
    outlets: int


def best(stories: Iterable[PublishedStory], count: int) -> list[PublishedStory]:
    """The ``count`` stories of most heat, the hottest first, ties by path."""
    return heapq.nlargest(count, stories, key=lambda story: (story.record.heat or 0, story.record.path))


def compose_letter(
    stories: Iterable[PublishedStory], since: datetime, at: datetime, newsroom: NewsroomSettings, settings: NewsletterSettings
) -> Letter:
    """The letter of ``stories``, in their order, about the time between two instants.

    Raises PublishError when there are none, or when the library that writes styles into elements is not installed.
    """
    items = [_item(story, newsroom.url) for story in stories]
    if not items:
        raise PublishError(f"no story was published since {since:%Y-%m-%d %H:%M} UTC, so there is nothing to send")
    subject = shorten(f"{newsroom.name}: {items[0].title}", 150)
    start, end = in_utc(since), in_utc(at)
    values = {
        "newsroom": newsroom,
        "subject": subject,
        "period": f"{_day(start)} to {_day(end)}",
        "items": items,
        "unsubscribe": settings.unsubscribe,
    }
    loader = jinja2.PackageLoader("broadsheet.publish", "letters")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    html = _inlined(environment.get_template("letter.html").render(values))
    text = environment.get_template("letter.txt").render(values)
    return Letter(name=f"{end:%Y-%m-%d}", subject=subject, html=html, text=text)


def message(
    letter: Letter, recipient: str, at: datetime, newsroom: NewsroomSettings, settings: NewsletterSettings
) -> EmailMessage:
    """The mail that brings ``letter`` to one recipient: the same bytes, and the same Message-ID, however often it is made."""
    host = urlsplit(newsroom.url).hostname or "localhost"
    digest = hashlib.blake2b(f"{letter.name}\n{recipient}\n{newsroom.url}".encode(), digest_size=16).hexdigest()
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender(settings)
    mail["To"] = recipient
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(in_utc(at))
    mail["Message-ID"] = f"<{letter.name}.{digest}@{host}>"
    mail["List-Id"] = f"<news.{host}>"
    if settings.unsubscribe:
        mail["List-Unsubscribe"] = f"<{settings.unsubscribe}>"
        if settings.one_click and settings.unsubscribe.startswith("https:"):
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    mail.set_content(letter.text, cte="quoted-printable")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{digest}")
    return mail


def sender(settings: NewsletterSettings) -> Address:
    """Who sends. Raises PublishError when ``newsletter.sender`` is no mailbox."""
    name, address = parseaddr(settings.sender)
    if not _ADDRESS.fullmatch(address) or not settings.sender.isprintable():
        raise PublishError(f"newsletter.sender is {settings.sender!r}, not of the form Name <address>")
    return Address(name, addr_spec=address)


def recipients(content: str, where: str) -> list[str]:
    """The addresses of a list of subscribers, one a line, each once, in its order; ``#`` begins a comment.

    Raises PublishError, with the line, for what is no address.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(content.splitlines(), 1):
        address = line.partition("#")[0].strip()
        if not address:
            continue
        if not _ADDRESS.fullmatch(address) or len(address) > 254:
            raise PublishError(f"{where}:{number}: {address!r} is no mail address; write one a line")
        found.setdefault(address.lower(), address)
    return list(found.values())


def _item(story: PublishedStory, home: str) -> Item:
    record = story.record
    return Item(
        title=_line(record.title),
        url=home + story_path(record.path),
        lead=web_url(record.web_url) or web_url(record.original_url),
        outlet=_line((record.provider.name or record.provider.domain) if record.provider else "unknown outlet"),
        excerpt=shorten(_line(record.excerpt), MAX_EXCERPT),
        topic=record.topics[0] if record.topics else "",
        language=story.language,
        heat=record.heat or 0,
        outlets=max(1, outlets(record)),
    )


def _day(at: datetime) -> str:
    """A day as a letter says it: ``5 May 2031``."""
    return format_datetime(at)[5:16].lstrip("0")


def _line(text: str) -> str:
    return fold_space(clean(text))


def _inlined(html: str) -> str:
    try:
        import css_inline
    except ImportError:
        raise PublishError("the newsletter needs more: pip install 'broadsheet[newsletter]'") from None
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False).inline(html) + "\n"
