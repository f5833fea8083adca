"""Copies of the pictures that published stories show, kept in the published folder."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b

import msgspec
from sqlalchemy import Connection

from broadsheet.edition.flow import flow
from broadsheet.edition.run import Run
from broadsheet.errors import FetchError
from broadsheet.gather.client import Client
from broadsheet.models import Image, Problem, PublishedStory, Story
from broadsheet.publish.files import inside, write
from broadsheet.read.pictures import copy
from broadsheet.store import pictures, shelf
from broadsheet.store.pictures import Wanted

FOLDER = "assets/images/stories"
BATCH = 20
STORIES = 200  # looked at together


class _Fetched(msgspec.Struct, frozen=True):
    """What came of one picture: its copy, or the problem and whether it is of no use to ask again."""

    wanted: Wanted
    image: Image | None = None
    problem: str = ""
    final: bool = False


async def keep_pictures(run: Run, client: Client) -> None:
    """Fetch the pictures that published stories show and that were never had, and those that failed before.

    One that fails for a passing reason is asked for again in the next editions, and its story shows it when it is there.
    """
    with run.database.transaction() as connection:
        waiting = pictures.waiting(connection, run.number, run.settings.gather.pages_per_edition)
    private = {source.url for source in run.settings.sources if source.allow_private}

    async def work(wanted: Wanted) -> _Fetched:
        return await _fetch(run, client, wanted, allow_private=wanted.source in private)

    await flow(waiting, work, lambda found: _keep(run, found), workers=run.settings.gather.connections, batch=BATCH)
    after: str | None = ""
    while after is not None:  # others of this edition may show the same pictures
        with run.database.transaction() as connection:
            stories = shelf.dirty_stories(connection, after, STORIES)
            show_kept(connection, stories, run)
        after = stories[-1].record.path if stories else None


def want(connection: Connection, stories: Iterable[Story], run: Run) -> None:
    """Note the first picture of each lead that is published. Archives' pictures are not fetched."""
    online = {source.url for source in run.settings.sources if source.kind != "archive"}
    leads = {story.id: story.lead.article for story in stories if story.published}
    pictures.want(
        connection,
        [
            Wanted(url=lead.images[0].url, story=name, source=lead.source)
            for name, lead in sorted(leads.items())
            if lead.images and lead.source in online
        ],
    )


def with_kept(images: Sequence[Image], copies: Mapping[str, Image], home: str) -> tuple[Image, ...]:
    """The pictures, the newsroom's copies at ``home`` in the place of those it has."""
    return tuple(_copied(image, copies.get(image.url), home) for image in images)


def _copied(image: Image, copied: Image | None, home: str) -> Image:
    if copied is None:
        return image
    return msgspec.structs.replace(image, url=home + copied.url, width=copied.width, height=copied.height, is_cached=True)


def show_kept(connection: Connection, stories: Collection[PublishedStory], run: Run) -> None:
    """Have the stories show the copies that are there by now: all that changes of a story that was composed before."""
    copies = pictures.kept(connection, {image.url for story in stories for image in story.record.images})
    changed = []
    for story in stories:
        images = with_kept(story.record.images, copies, run.settings.newsroom.url)
        if images != story.record.images:
            changed.append(msgspec.structs.replace(story, record=msgspec.structs.replace(story.record, images=images)))
    shelf.save_many(connection, changed, run.at)


async def _fetch(run: Run, client: Client, wanted: Wanted, *, allow_private: bool) -> _Fetched:
    last_try = wanted.attempts + 1 >= run.settings.gather.retries
    try:
        page = await client.fetch(wanted.url, allow_private=allow_private, robots=True)
    except FetchError as error:
        return _Fetched(wanted, problem=str(error), final=error.permanent or last_try)
    made = await asyncio.to_thread(copy, page.content)
    if made is None:
        return _Fetched(wanted, problem="not a picture that can be kept", final=True)
    name = f"{FOLDER}/{blake2b(made.content, digest_size=16).hexdigest()}.jpg"
    write(inside(run.newsroom.output, name), made.content)
    return _Fetched(wanted, Image(url=name, width=made.width, height=made.height))


def _keep(run: Run, found: list[_Fetched]) -> None:
    with run.database.transaction() as connection:
        for item in found:
            if item.image is None:
                pictures.miss(connection, item.wanted.url, run.number, final=item.final)
            else:
                pictures.keep(connection, item.wanted.url, item.image)
        kept = [item.wanted.story for item in found if item.image is not None]
        show_kept(connection, shelf.by_story(connection, kept).values(), run)
    for item in found:
        run.counts["pictures kept" if item.image else "pictures failed"] += 1
        if item.problem:
            run.problem(Problem(room="read", where=item.wanted.url, reason=item.problem))
