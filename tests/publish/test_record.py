"""Records: read, written, and written again over what people did to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from broadsheet.errors import RecordError
from broadsheet.models import Image, Provider, Record, RelatedRecord
from broadsheet.publish.record import MAX_BYTES, parse_record, record_name, record_path, render_record

PATH = "_news/2026-01-02-ferry-to-run-at-night.md"
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

RECORD = Record(
    path=PATH,
    title='Ferry "Gull" to run at night',
    excerpt="The council said yes.\r\nFares stay.",
    published_at=WHEN,
    updated_at=WHEN + timedelta(hours=1),
    original_url="https://gazette.example/ferry?from=feed",
    web_url="https://gazette.example/ferry",
    amp_url="https://gazette.example/amp/ferry",
    cdn_amp_url="https://gazette-example.cdn.ampproject.org/c/s/gazette.example/amp/ferry",
    quality=70,
    heat=90,
    published=True,
    featured_content='<iframe src="https://player.example/1"></iframe>',
    provider=Provider(
        name="Harbour Gazette", domain="gazette.example", images=(Image(url="https://a.example/g.png", width=50, height=50),)
    ),
    topics=("Ferries", "Harbours & quays"),
    images=(Image(url="https://gazette.example/f.jpg", width=1200, height=800, title="The Gull", is_cached=True),),
    related=(
        RelatedRecord(
            title="Night boat",
            excerpt="Agreed.",
            published_at=WHEN,
            web_url="https://courier.example/1",
            amp_url="https://courier.example/1/amp",
            cdn_amp_url="https://courier-example.cdn.ampproject.org/c/s/courier.example/1/amp",
            provider=Provider(name="Courier", domain="courier.example"),
            quality=55,
            images=(Image(url="https://courier.example/1.jpg", width=640, height=360, is_cached=True),),
        ),
        RelatedRecord(title="Video", type="video", provider=Provider(name="Breakwater TV", domain="tv.example"), quality=0),
    ),
    secured="Y2lwaGVydGV4dA==;AAAAAAAAAAAAAAAAAAAAAA==",
)

TEXT = r"""---
category: news
title: "Ferry \"Gull\" to run at night"
excerpt: "The council said yes.\r\nFares stay."
publishedDateTime: 2026-01-02T03:04:05Z
updatedDateTime: 2026-01-02T04:04:05Z
originalUrl: "https://gazette.example/ferry?from=feed"
webUrl: "https://gazette.example/ferry"
ampWebUrl: "https://gazette.example/amp/ferry"
cdnAmpWebUrl: "https://gazette-example.cdn.ampproject.org/c/s/gazette.example/amp/ferry"
type: article
quality: 70
heat: 90
published: true

featuredContent: "<iframe src=\"https://player.example/1\"></iframe>"

provider:
  name: Harbour Gazette
  domain: gazette.example
  images:
    - url: "https://a.example/g.png"
      width: 50
      height: 50

topics:
  - Ferries
  - Harbours & quays

images:
  - url: "https://gazette.example/f.jpg"
    width: 1200
    height: 800
    title: "The Gull"
    isCached: true

related:
  - title: "Night boat"
    excerpt: "Agreed."
    publishedDateTime: 2026-01-02T03:04:05Z
    webUrl: "https://courier.example/1"
    ampWebUrl: "https://courier.example/1/amp"
    cdnAmpWebUrl: "https://courier-example.cdn.ampproject.org/c/s/courier.example/1/amp"
    type: article
    provider:
      name: Courier
      domain: courier.example
    quality: 55
    images:
      - url: "https://courier.example/1.jpg"
        width: 640
        height: 360
        isCached: true
  - title: "Video"
    excerpt: ""
    type: video
    provider:
      name: Breakwater TV
      domain: tv.example
    quality: 0

secured: "Y2lwaGVydGV4dA==;AAAAAAAAAAAAAAAAAAAAAA=="
---

"""

LEAST = Record(path=PATH, title="Fog")
LEAST_TEXT = '---\ncategory: news\ntitle: "Fog"\nexcerpt: ""\ntype: article\n---\n\n'


@pytest.mark.parametrize(("record", "text"), [(RECORD, TEXT), (LEAST, LEAST_TEXT)])
def test_form(record: Record, text: str) -> None:
    assert render_record(record).decode() == text
    assert parse_record(PATH, text.encode()).record == record


# Text is always quoted, names only when they must be.
@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("", '""'),
        ('say "x"', r'"say \"x\""'),
        ("back\\slash", r'"back\\slash"'),
        ("a\r\nb\tc", r'"a\r\nb\tc"'),
        ("bell\x07 \x7f \x85", r'"bell\u0007 \u007f \u0085"'),
        ("line\u2028par\u2029", r'"line\u2028par\u2029"'),
        ("\ufeffbom", r'"\ufeffbom"'),
        ("no-break\xa0space “quotes” 港 😀 ñ", '"no-break\xa0space “quotes” 港 😀 ñ"'),
        ("  two  spaces  ", '"  two  spaces  "'),
        ("it's 100% {fine}", '"it\'s 100% {fine}"'),
    ],
)
def test_text_is_quoted(value: str, quoted: str) -> None:
    content = render_record(replace(RECORD, excerpt=value))
    assert f"excerpt: {quoted}\n" in content.decode()
    assert parse_record(PATH, content).record.excerpt == value
    assert yaml.safe_load(content.decode().split("\n---\n")[0])["excerpt"] == value


def test_half_characters_are_replaced() -> None:
    content = render_record(replace(RECORD, excerpt="a\ud83d b", topics=("\udc00",)))
    record = parse_record(PATH, content).record
    assert (record.excerpt, record.topics) == ("a\ufffd b", ("\ufffd",))


PLAIN = """Reuters|Fox 5 San Diego|NOLA.com|EurekAlert!|9to5 Press|AT&T|C#|Le Courrier d'Armor|港町新聞|24/7|Küste|a:b|\
x y, z|Q&A|A-Z|صحيفة"""
MISREAD = """Note: this|a #b|#tag|@home|- dash|*star|&and|!bang|%pct|`tick|'single'|"double"|[list]|{map}|yes|No|ON|null|~|\
true|42|4.2|1,000|1e9|0x1F|2026-01-02|12:30|.inf|.nan|:symbol|trailing | leading|colon:|two\nlines|tab\tbed|?|-|=|<<||>|\
y|\x85"""


@pytest.mark.parametrize("name", PLAIN.split("|"))
def test_names_are_plain(name: str) -> None:
    content = render_record(replace(RECORD, provider=Provider(name=name, domain="x.example"), topics=(name,)))
    assert f"  name: {name}\n" in content.decode()
    assert f"  - {name}\n" in content.decode()
    assert parse_record(PATH, content).record.topics == (name,)


@pytest.mark.parametrize("name", [*MISREAD.split("|"), "|"])
def test_names_that_yaml_would_misread_are_quoted(name: str) -> None:
    content = render_record(replace(RECORD, provider=Provider(name=name, domain="x.example"), topics=(name,)))
    assert f"  name: {name}\n" not in content.decode()
    assert parse_record(PATH, content).record.topics == (name,)
    loaded = yaml.safe_load(content.decode().split("\n---\n")[0])
    assert (loaded["provider"].get("name", ""), loaded["topics"]) == (name, [name])


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PROVIDERS = st.builds(Provider, name=ANY_TEXT.filter(bool), domain=ANY_TEXT.filter(bool))
MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
IMAGES = st.lists(
    st.builds(
        Image, url=ANY_TEXT.filter(bool), width=st.integers(0, 9999), height=st.integers(0, 9999), title=ANY_TEXT,
        is_cached=st.booleans(),
    ),
    max_size=2,
).map(tuple)  # fmt: skip
TYPES = st.sampled_from(["article", "video"])
RELATED = st.builds(
    RelatedRecord, title=ANY_TEXT, excerpt=ANY_TEXT, published_at=MOMENTS, web_url=ANY_TEXT, amp_url=ANY_TEXT, type=TYPES,
    provider=PROVIDERS, quality=st.none() | st.integers(-1, 300), images=IMAGES,
)  # fmt: skip
RECORDS = st.builds(
    Record, path=st.just(PATH), title=ANY_TEXT.filter(bool), excerpt=ANY_TEXT, published_at=MOMENTS, updated_at=MOMENTS,
    original_url=ANY_TEXT, web_url=ANY_TEXT, type=TYPES, quality=st.none() | st.integers(-1, 300),
    heat=st.none() | st.integers(-1, 300), published=st.none() | st.booleans(), featured_content=ANY_TEXT,
    provider=st.none() | PROVIDERS, topics=st.lists(ANY_TEXT, max_size=3).map(tuple), images=IMAGES,
    related=st.lists(RELATED, max_size=2).map(tuple), secured=ANY_TEXT,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(RECORDS)
def test_any_record_is_read_back_as_it_was(record: Record) -> None:
    content = render_record(record)
    file = parse_record(PATH, content)
    assert file.record == record
    assert render_record(file.record, file) == content


PEOPLES = """---
# Kept by Ann; ask before changing.
category: news
title: "Fog"   # shorter, please
excerpt: 'It lifted at noon.'
publishedDateTime: 2026-01-02T03:04:05Z
type: article
# the desk's
desk:
  by: Ann
  # nested
  notes:
    - first
    - {second: [1, 2]}
quality: 40  # a guess
heat: 50
published: true

provider:
  name: "Gazette"
  # by the bridge
  domain: gazette.example

body_note: |
  # not a comment

  kept

related:
  - title: "Mist"
    provider: {name: Courier, domain: courier.example}

# last words
---
Words below.
---
More.
"""


def test_what_people_added_stays_where_it_stands() -> None:
    file = parse_record(PATH, PEOPLES.encode())
    assert file.record.related[0].provider == Provider(name="Courier", domain="courier.example")
    assert render_record(file.record, file).decode() == PEOPLES
    changed = replace(
        file.record,
        title="Thick fog",
        quality=41,
        heat=-1,
        related=(),
        topics=("Fog",),
        secured="a;b",
        amp_url="https://a.example",
    )
    expected = (
        PEOPLES.replace('title: "Fog"', 'title: "Thick fog"')
        .replace("quality: 40", "quality: 41")
        .replace("heat: 50", "heat: -1")
        .replace("type: article\n", 'ampWebUrl: "https://a.example"\ntype: article\n')
        .replace("domain: gazette.example\n", 'domain: gazette.example\n\ntopics:\n  - Fog\n\nsecured: "a;b"\n')
        .replace('\nrelated:\n  - title: "Mist"\n    provider: {name: Courier, domain: courier.example}\n', "")
    )
    assert render_record(changed, file).decode() == expected
    again = parse_record(PATH, expected.encode())
    assert again.record == changed


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark_are_kept(newline: str, mark: str) -> None:
    content = (mark + TEXT.replace("\n", newline)).encode()
    file = parse_record(PATH, content)
    assert file.record == RECORD
    other = render_record(replace(LEAST, heat=1), file)
    assert other.decode().count("\n") == other.decode().count(newline)
    assert render_record(RECORD, parse_record(PATH, other)) == content


def test_a_field_that_is_dropped_leaves_the_comment_above_it() -> None:
    text = TEXT.replace("\ntopics:", "\n# by hand\ntopics:")
    file = parse_record(PATH, text.encode())
    assert "\n# by hand\n\nimages:" in render_record(replace(RECORD, topics=()), file).decode()
    text = TEXT.replace("\nsecured:", "\n# by hand\nsecured:")
    file = parse_record(PATH, text.encode())
    assert render_record(replace(RECORD, secured=""), file).decode().endswith("quality: 0\n\n# by hand\n---\n\n")


def test_fields_in_another_order_stay_in_it() -> None:
    text = '---\nheat: 3\ntitle: "Fog"\n---\n'
    file = parse_record(PATH, text.encode())
    assert render_record(file.record, file).decode() == text
    changed = render_record(replace(file.record, heat=4, quality=2), file).decode()
    assert changed == '---\nheat: 4\ntitle: "Fog"\nquality: 2\n---\n'


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("publishedDateTime: 2026-01-02T05:04:05+02:00", "published_at", WHEN),
        ("publishedDateTime: '2026-01-02 03:04:05'", "published_at", WHEN),
        ("publishedDateTime: 2026-01-02", "published_at", WHEN.replace(hour=0, minute=0, second=0)),
        ("publishedDateTime:", "published_at", None),
        ("quality: '70'", "quality", 70),
        ("quality: ~", "quality", None),
        ("quality: 137", "quality", 137),
        ("heat: -1", "heat", -1),
        ("published: False", "published", False),
        ("excerpt: plain words", "excerpt", "plain words"),
        ("excerpt: >-\n  folded\n  words", "excerpt", "folded words"),
        ('excerpt: "null"', "excerpt", "null"),
        ("excerpt: null", "excerpt", ""),
        ("topics: [A, 1, yes]", "topics", ("A", "1", "yes")),
        ("topics: []", "topics", ()),
        ("topics:", "topics", ()),
        ("images:\n- url: x", "images", (Image(url="x"),)),
        ("images:\n- {url: x, isCached: false}", "images", (Image(url="x"),)),
    ],
)
def test_other_ways_to_write_the_same(line: str, field: str, value: object) -> None:
    text = f'---\ntitle: "Fog"\n{line}\n---\n'
    file = parse_record(PATH, text.encode())
    assert getattr(file.record, field) == value
    assert render_record(file.record, file).decode() == text


BOMB = "bomb: &a [x]\nb: &b [*a, *a, *a, *a, *a, *a]\nrelated: [*b, *b]"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 1: no front matter"),
        (b"no front matter", "line 1: no front matter"),
        (b"---\ntitle: x\n", "line 1: no front matter"),
        (b"---\n---\n", "line 2: not a list of fields"),
        (b"---\n- title\n---\n", "line 2: not a list of fields"),
        (b"---\n{title: x}\n---\n", "line 2: not a list of fields"),
        (b"---\njust words\n---\n", "line 2: not a list of fields"),
        (b"---\nheat: 1\n---\n", "line 2: it has no title"),
        (b"---\ntitle: x\nheat: hot\n---\n", "line 3: heat is not a whole number"),
        (b"---\ntitle: x\nheat: 1.5\n---\n", "line 3: heat is not a whole number"),
        (b"---\ntitle: x\nheat: 9999999999\n---\n", "line 3: heat is not a whole number"),
        (b"---\ntitle: x\n\npublished: maybe\n---\n", "line 4: published is neither true nor false"),
        (b"---\ntitle: x\ntype: podcast\n---\n", "line 3: type is none of article, video"),
        (b"---\ntitle: x\npublishedDateTime: yesterday\n---\n", "line 3: publishedDateTime is not a date"),
        (b"---\ntitle: x\npublishedDateTime: 0001-01-01T00:00:00+14:00\n---\n", "line 3: publishedDateTime is not a date"),
        (b"---\ntitle: x\ntitle: y\n---\n", "line 3: title is given twice"),
        (b"---\ntitle: [x]\n---\n", "line 2: text was expected here"),
        (b"---\ntitle: x\ntopics: x\n---\n", "line 3: topics is not a list"),
        (b"---\ntitle: x\nimages: [x]\n---\n", "line 3: fields were expected here"),
        (b"---\ntitle: x\nprovider: x\n---\n", "line 3: fields were expected here"),
        (b"---\ntitle: x\n? [a]\n: b\n---\n", "line 3: text was expected here"),
        (b"---\ntitle: x\n? a\n: b\n---\n", "line 3: a field does not begin its line"),
        (b"---\n  title: x\n---\n", "line 2: a field does not begin its line"),
        (b'---\ntitle: x\ne: "open\n---\n', "line 4: "),
        (b"---\ntitle: x\n--- y\n---\n", "line 3: "),
        (b"---\ntitle: x\na: *b\n---\n", "line 3: found undefined alias"),
        (b"---\ntitle: x\n\ttab: x\n---\n", "line 3: "),
        (b"---\ntitle: \xff\n---\n", "line 2: not UTF-8"),
        (b"---\ntitle: \x00\n---\n", "line 2: "),
        (b'---\ntitle: "\\ud800"\n---\n', "line 2: "),
        (b"---\ntitle: x\na: " + b"[" * 100_000 + b"\n---\n", "line 3: nested deeper than 40"),
        (b"---\ntitle: x\na: " + b"- " * 100_000 + b"\n---\n", "line 3: "),
        (b"---\ntitle: x\ntopics: [" + b"a," * 501 + b"]\n---\n", "line 3: topics has more than 500"),
        (b"---\ntitle: x\n" + BOMB.encode() + b"\n---\n", "line 4: fields were expected here"),
        (b"x" * (MAX_BYTES + 1), "larger than 2000000 bytes"),
    ],
)  # fmt: skip
def test_what_is_not_a_record_is_refused_with_its_line(content: bytes, reason: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse_record(PATH, content)
    assert str(caught.value).startswith(PATH)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(str.encode)
    | st.text("ab: -#\n\"'{}[]|>&*?\r\t", max_size=60).map(str.encode)
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    for candidate in (content, b'---\ntitle: "x"\n' + content + b"\n---\n"):
        try:
            file = parse_record(PATH, candidate)
        except RecordError:
            continue
        assert render_record(file.record, file) == candidate


@pytest.mark.parametrize(
    ("title", "taken", "path"),
    [
        ("Ferry to run at night", 0, "_news/2026-01-02-ferry-to-run-at-night.md"),
        ("Ferry to run at night", 1, "_news/2026-01-02-ferry-to-run-at-night-2.md"),
        ("Ferry to run at night", 2, "_news/2026-01-02-ferry-to-run-at-night-3.md"),
        ("Pokémon: 100% — “Élan”", 0, "_news/2026-01-02-pokemon-100-elan.md"),
        ("港が開く", 0, "_news/2026-01-02-4eaebb6c7afd.md"),
    ],
)
def test_path(title: str, taken: int, path: str) -> None:
    seen: list[str] = []

    def is_taken(candidate: str) -> bool:
        seen.append(candidate)
        return len(seen) <= taken

    assert record_path(title, WHEN, is_taken) == path
    assert seen[-1] == path


def test_path_is_of_the_day_in_utc() -> None:
    eastern = datetime.fromisoformat("2026-01-01T23:30:00-05:00")
    assert record_path("Fog", eastern, lambda path: False) == "_news/2026-01-02-fog.md"


def test_name() -> None:
    assert record_name(PATH) == "2026-01-02-ferry-to-run-at-night"
