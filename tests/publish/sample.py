"""A newspaper of invented events, people and outlets: the stories on which the site is tested and looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadsheet.models import (
    Image,
    OutletCount,
    Part,
    Provider,
    PublishedStory,
    Record,
    RelatedRecord,
    Score,
    SourceState,
    Topic,
    TopicMatch,
)
from broadsheet.publish import search
from broadsheet.publish.site import Site
from broadsheet.publish.site_view import archive_path, outlet_path
from broadsheet.settings import NewsroomSettings, PublishSettings, Settings
from broadsheet.text import shorten

START = datetime(2031, 5, 12, 6, 40, tzinfo=UTC)

TOPICS = (
    Topic(name="Harbours", slug="harbours", description="Quays, cranes, dredgers and the people who run them."),
    Topic(name="Ferries", slug="ferries", parent="Harbours", description="Boats that leave on time, and the others."),
    Topic(name="Tidal energy", slug="tidal-energy", description="Turbines in the sounds and what they light."),
    Topic(name="Machine learning", slug="machine-learning"),
    Topic(name="Transit", slug="transit", description="Trams, buses and the night line."),
    Topic(name="Health", slug="health", description="Clinics, vaccines and the island doctors."),
    Topic(name="Weather & sea", slug="weather-sea", description="Gales, fog and the height of the water."),
)

SETTINGS = Settings(
    newsroom=NewsroomSettings(
        name="The Sound & Strait",
        description="News of the Skerrow islands, gathered from every shore.",
        url="https://paper.example/sound/",
    ),
    topics=TOPICS,
    publish=PublishSettings(pictures="linked"),
)

_OUTLETS = {
    "gazette": "Harbour Gazette",
    "courier": "Skerrow Courier",
    "ledger": "The Tidal Ledger",
    "lantern": "Night Lantern",
    "post": "Vellmouth Post",
    "wire": "Islands Wire",
    "kurier": "Küstenkurier",
    "diario": "Diario del Estrecho",
    "marsa": "صحيفة المرسى",
    "namal": "עיתון הנמל",
    "minato": "港町新聞",
    "clip": "Breakwater TV",
}


# A line a story: language | outlet | topic | hours before START | quality | further outlets | picture | title | excerpt
_STORIES = Path(__file__).with_name("sample_stories.txt")

_SIZES = {"wide": (1280, 853), "video": (1280, 720), "square": (900, 900), "tall": (800, 1200)}


def provider(key: str) -> Provider:
    """An invented outlet with a logo."""
    domain = f"{key}.example"
    return Provider(name=_OUTLETS[key], domain=domain, images=(Image(url=f"https://{domain}/logo.png", width=50, height=50),))


def stories() -> list[PublishedStory]:
    """All stories, highest rank first."""
    lines = _STORIES.read_text(encoding="utf-8").splitlines()
    return [_story(place, line.split("|")) for place, line in enumerate(lines)]


def _story(place: int, fields: list[str]) -> PublishedStory:
    language, outlet, topic, hours, quality, others, picture, title, excerpt = fields
    at = START - timedelta(hours=int(hours), minutes=place)
    related = tuple(_related(number, key, title, at) for number, key in enumerate(others.split()))
    heat = int(quality) + 10 * len(related)
    names = tuple([topic] + [t.parent for t in TOPICS if t.name == topic and t.parent])
    video = picture == "video"
    record = Record(
        path=f"_news/{at:%Y-%m-%d}-story-{place + 1}.md",
        title=title,
        excerpt=excerpt,
        provider=provider(outlet),
        published_at=at,
        updated_at=at + timedelta(minutes=25) if place % 5 == 0 else None,
        web_url=f"https://{outlet}.example/{at:%Y/%m}/{place + 1}",
        original_url=f"https://{outlet}.example/{place + 1}?from=feed",
        type="video" if video else "article",
        featured_content='<iframe src="https://www.youtube.com/embed/ab_C-9"></iframe>' if video else "",
        quality=int(quality),
        heat=heat,
        published=True,
        topics=names,
        images=_images(outlet, place, picture),
        related=related,
    )
    return PublishedStory(
        id=f"s{place + 1}",
        record=record,
        rank=1000.0 - place,
        language=language,
        articles=1 + len(related) + place % 3,
        why_quality=_why_quality(int(quality)),
        why_heat=Score(
            value=heat,
            parts=(
                Part(name="quality", points=float(quality), reason="of the lead"),
                *(Part(name="independent outlet", points=10.0, reason=item.provider.name) for item in related),
            ),
        ),
        why_topics=tuple(
            TopicMatch(
                topic=name, relevance=0.92 - 0.3 * i, reason="" if i else f"“{name.lower()}” in the title", inherited=i > 0
            )
            for i, name in enumerate(names)
        ),
    )


def _images(outlet: str, place: int, picture: str) -> tuple[Image, ...]:
    if not picture:
        return ()
    wide, high = _SIZES[picture]
    title = "The rotor on its barge in Ardvane yard. Photograph: Ilse Marrable" if place == 0 else ""
    return (Image(url=f"https://pictures.{outlet}.example/{place}-{wide}x{high}.jpg", width=wide, height=high, title=title),)


_ANGLES = (
    "What we know so far: {}",
    "Council answers questions after the news broke",
    "In pictures: a long night on the quay",
    "Analysis: who pays, and who only thought they would",
    "“We heard it before we saw it,” say residents of the north shore",
    "Explained in five minutes",
    "Minister welcomes it; her party does not",
    "The timeline",
)


def _related(number: int, key: str, title: str, at: datetime) -> RelatedRecord:
    hours = (-0.4, 0.3, 1.2, 2.5, 3.1, 4.75, 26, 60)[number]
    return RelatedRecord(
        title=_ANGLES[number].format(shorten(title, 60)),
        provider=provider(key),
        web_url=f"https://{key}.example/related/{number}",
        excerpt="The harbour office confirmed the main facts in the afternoon." if number % 2 else "",
        published_at=at + timedelta(hours=hours),
        type="video" if key == "clip" else "article",
        quality=60 - number,
    )


def _why_quality(total: int) -> Score:
    parts = (
        Part(name="completeness", points=20.0, reason="title, excerpt, date, author and picture are there"),
        Part(name="length", points=17.5, reason="640 words"),
        Part(name="originality", points=15.0, reason="no other article repeats its text"),
        Part(name="spam", points=-3.5, reason="one phrase of an advertisement"),
    )
    rest = total - sum(part.points for part in parts)
    return Score(value=total, parts=(*parts, Part(name="headline", points=rest, reason="sober and of good length")))


def sources() -> list[SourceState]:
    """Healthy, failing, retired, archived and secret sources."""
    return [
        SourceState(url="https://gazette.example/feed.xml", title="Harbour Gazette"),
        SourceState(
            url="https://courier.example/atom.xml", title="Skerrow Courier", failures=3, problem="the host did not answer"
        ),
        SourceState(url="https://minato.example/rss", title="港町新聞"),
        SourceState(url="https://marsa.example/feed", title="صحيفة المرسى"),
        SourceState(url="https://old.example/rss", title="Old Pier News", retired=True),
        SourceState(url="https://reader:secret@closed.example/feed", title=""),
        SourceState(url="/home/editor/archives/2031-05.warc.gz", title=""),
    ]


def render(site: Site) -> dict[str, bytes]:
    """Every page and asset of the sample, by path."""
    every = stories()
    counts = {topic.name: sum(topic.name in story.record.topics for story in every) for topic in TOPICS}
    files = dict(site.assets())
    files["index.html"] = site.front(every, counts)
    files["about/index.html"] = site.about(sources())
    files["404.html"] = site.not_found()
    for topic in TOPICS:
        files[f"topics/{topic.slug}/index.html"] = site.topic(topic, [s for s in every if topic.name in s.record.topics])
    for story in every:
        name = story.record.path.removeprefix("_news/").removesuffix(".md")
        files[f"stories/{name}/index.html"] = site.story(story)
    files |= dict(site.installation()) | _lists(site, every)
    return files


def outlets(every: list[PublishedStory]) -> list[OutletCount]:
    """The outlets of the sample, as the store counts them, in order of their domains."""
    names = {key: sum(f"{key}.example" in domains(story) for story in every) for key in sorted(_OUTLETS)}
    return [OutletCount(provider=provider(key), stories=number, first=number // 2) for key, number in names.items() if number]


def domains(story: PublishedStory) -> list[str]:
    """Who reports a story, its lead first."""
    providers = [story.record.provider, *(report.provider for report in story.record.related)]
    return [provider.domain for provider in providers if provider]


def _lists(site: Site, every: list[PublishedStory]) -> dict[str, bytes]:
    days = sorted({story.record.path[6:16] for story in every})
    counts = outlets(every)
    files = {
        "outlets/index.html": site.outlets(counts),
        "archive/index.html": site.archive({"2031-05": len(every)}),
        "archive/2031/05/index.html": site.month("2031-05", {day: day.count("1") for day in days}),
        "search/index.html": site.search(),
        search.INDEX: search.index({"2031-05": len(every)}),
        search.month_file("2031-05"): search.month(every),
    }
    for day in days:
        files[archive_path(day) + "index.html"] = site.day(day, [s for s in every if s.record.path[6:16] == day])
    for outlet in counts:
        path = outlet_path(outlet.provider.domain) + "index.html"
        files[path] = site.outlet(outlet, [s for s in every if outlet.provider.domain in domains(s)])
    return files
