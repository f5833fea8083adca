"""A logo of 50 x 50 pixels for each outlet the newsroom meets, kept in the published folder."""

from __future__ import annotations

import msgspec

from broadsheet.edition.flow import flow
from broadsheet.edition.run import Run
from broadsheet.errors import FetchError
from broadsheet.gather.client import Client
from broadsheet.models import Article, Image, Provider
from broadsheet.publish.files import inside, write
from broadsheet.read.pictures import logo
from broadsheet.store import articles
from broadsheet.store.articles import Outlet
from broadsheet.text import slugify

FOLDER = "assets/images/organizations"
SIDE = 50  # pixels
TRIED = 3
BATCH = 20


async def keep_logos(run: Run, client: Client) -> None:
    """Make a logo of each outlet that was never met, from the best icon its first article names."""
    with run.database.transaction() as connection:
        new = articles.new_outlets(connection)
    offline = {source.url for source in run.settings.sources if source.kind == "archive"}
    private = {source.url for source in run.settings.sources if source.allow_private}
    wanted = run.settings.read.logos

    async def work(article: Article) -> Outlet:
        if not wanted or article.source in offline or not article.source:
            return Outlet(msgspec.structs.replace(article.provider, images=()), "")
        return await _outlet(run, client, article.provider, allow_private=article.source in private)

    def keep(found: list[Outlet]) -> None:
        with run.database.transaction() as connection:
            for outlet in found:
                articles.save_outlet(connection, outlet)

    await flow(new, work, keep, workers=run.settings.gather.connections, batch=BATCH)


async def _outlet(run: Run, client: Client, provider: Provider, *, allow_private: bool) -> Outlet:
    for candidate in provider.images[:TRIED]:
        try:
            page = await client.fetch(candidate.url, allow_private=allow_private, robots=True)
        except FetchError:
            continue
        picture = logo(page.content)
        if picture is not None:
            name = f"{FOLDER}/{slugify(provider.domain.replace('.', ' ')) or 'outlet'}-{SIDE}x{SIDE}.png"
            write(inside(run.newsroom.output, name), picture)
            image = Image(url=name, width=SIDE, height=SIDE)
            return Outlet(msgspec.structs.replace(provider, images=(image,)), candidate.url)
    return Outlet(msgspec.structs.replace(provider, images=()), "")
