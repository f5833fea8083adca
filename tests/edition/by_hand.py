"""A newsroom without sources, into which a test puts its articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadsheet.demo.run import DEMO_KEY
from broadsheet.edition.curating import judge
from broadsheet.edition.run import Run
from broadsheet.models import Article, Provider
from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.store import Database, articles
from broadsheet.store.articles import ReadArticle

NOON = datetime(2031, 5, 12, 12, tzinfo=UTC)


class Paper:
    """A newsroom without sources, into which articles are put by hand."""

    def __init__(self, folder: Path, database: Database) -> None:
        make_newsroom(folder, DEMO_KEY)
        with (folder / "broadsheet.toml").open("a", encoding="utf-8") as config:
            config.write("\n[curate]\nonly_topics = false\n")
        self.database = database
        self.run = Run(open_newsroom(folder), database, NOON, lambda step, done, total: None)

    def comes(self, titles: list[str], hours: int = 0) -> list[str]:
        """Articles come and are judged; their keys."""
        keys = self.waits(titles, hours)
        judge(self.run)
        return keys

    def waits(self, titles: list[str], hours: int = 0) -> list[str]:
        """Articles come and wait to be judged; their keys."""
        found = [self._article(title, hours) for title in titles]
        with self.database.transaction() as connection:
            articles.save_articles(connection, [ReadArticle(item.key, item) for item in found], NOON)
        return [item.key for item in found]

    def reads(self, article: Article) -> None:
        """That article comes and is judged."""
        with self.database.transaction() as connection:
            articles.save_articles(connection, [ReadArticle(article.key, article)], NOON)
        judge(self.run)

    def _article(self, title: str, hours: int) -> Article:
        key = f"o{hours}.example/{title.casefold().replace(' ', '-')}"
        outlet = Provider(name=f"O{hours}", domain=f"o{hours}.example")
        at = NOON - timedelta(hours=30 - hours)
        return Article(
            key=key, original_url=f"https://{key}", web_url=f"https://{key}", title=title, provider=outlet, published_at=at
        )

    def story(self, key: str) -> str:
        with self.database.transaction() as connection:
            member = articles.find(connection, key)
            assert member is not None
            return member.judgement.story
