"""The HTTP API, version 1: stories, articles, topics, outlets, sources and search, below ``/api/v1``.

`OPERATIONS` is all of it that reads: routes are made from it, and its OpenAPI description. Events and hooks are in modules of
their own.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from broadsheet.models import Member, Provider, PublishedStory
from broadsheet.newsroom import RECORDS_FOLDER
from broadsheet.publish import api as static
from broadsheet.serve import api_answers as answers
from broadsheet.serve import api_forms as forms
from broadsheet.serve.api_calls import Call, Operation, cursor_of, moment, place_of, route
from broadsheet.settings import Settings
from broadsheet.store import articles, changes, decisions, listings, search_query, shelf, sources
from broadsheet.store.listings import Place, Wanted
from broadsheet.store.search import Hit, Search
from broadsheet.store.shelf import Shelf
from broadsheet.urls import url_key

PREFIX = "/api/v1"


def routes() -> list[BaseRoute]:
    return [route(PREFIX, operation) for operation in OPERATIONS]


# --- stories -------------------------------------------------------------------------------------------------------------


def _stories(call: Call) -> forms.StoryList:
    ask: forms.StoriesAsk = call.ask
    wanted = story_filters(call.here.newsroom.settings, ask)
    behind = place_of(ask.sort, ask.cursor, Place)
    page = listings.stories(call.connection, wanted, ask.sort, ask.limit, behind)
    value = [answers.story_summary(call.home, story) for story in page.stories]
    return forms.StoryList(value=value, next_cursor=cursor_of(ask.sort, page.last))


def story_filters(settings: Settings, ask: forms.StoryFilters) -> Wanted:
    """The stories that are asked for."""
    return replace(stories_of(settings, ask), since=moment("since", ask.since), until=moment("until", ask.until))


def stories_of(settings: Settings, ask: forms.StoriesOf | forms.StoryFilters) -> Wanted:
    """The same, whenever they were published; a topic may be named by its slug."""
    return Wanted(
        topic=topic_name(settings, ask.topic),
        outlet=ask.outlet,
        language=ask.language,
        heat=ask.minimum_heat,
        quality=ask.minimum_quality,
    )


def topic_name(settings: Settings, said: str) -> str:
    """The name of the topic of that slug, else what was said."""
    return next((topic.name for topic in settings.topics if topic.slug == said), said)


def _story(call: Call) -> forms.Story | Response:
    name = call.path("name")
    found = _find_story(call, name)
    if found is not None:
        return answers.story_whole(call.home, found)
    into = changes.superseded(call.connection, [name]).get(name)
    if into and _find_story(call, into) is not None:
        return RedirectResponse(f"{PREFIX}/stories/{into}", 308)
    raise HTTPException(404, "there is no such story, or it is not shown")


def _find_story(call: Call, name: str) -> PublishedStory | None:
    """The published story of that id, path, or name of a record."""
    path = name if name.startswith(f"{RECORDS_FOLDER}/") else f"{RECORDS_FOLDER}/{name}.md"
    found = shelf.by_story(call.connection, [name]).get(name) or shelf.by_path(call.connection, path)
    return found if found is not None and found.record.published else None


# --- articles ------------------------------------------------------------------------------------------------------------


def _articles(call: Call) -> forms.ArticleList:
    ask: forms.ArticlesAsk = call.ask
    wanted = Wanted(
        topic=topic_name(call.here.newsroom.settings, ask.topic),
        outlet=ask.outlet,
        language=ask.language,
        story=ask.story,
        since=moment("since", ask.since),
        until=moment("until", ask.until),
        quality=ask.minimum_quality,
    )
    page = listings.articles_of(call.connection, wanted, ask.limit, place_of("articles", ask.cursor, Place))
    known = _outlets_of(call, page.articles)
    value = [answers.article_summary(call.home, member, known) for member in page.articles]
    return forms.ArticleList(value=value, next_cursor=cursor_of("articles", page.last))


def _outlets_of(call: Call, members: Collection[Member]) -> dict[str, Provider]:
    """Their outlets with the newsroom's own names and logos, and the names that editors gave them."""
    domains = {member.article.provider.domain for member in members}
    named = decisions.outlet_names(call.connection, domains)
    found = {name: outlet.provider for name, outlet in articles.outlets(call.connection, domains).items()}
    return {name: replace(provider, name=named.get(name, provider.name)) for name, provider in found.items()}


def _article(call: Call) -> forms.Article:
    member = listings.article_of(call.connection, url_key(call.path("key")))
    if member is None:
        raise HTTPException(404, "there is no such article, or it is not shown")
    return answers.article_whole(call.home, member, _outlets_of(call, [member]))


# --- topics, outlets, sources --------------------------------------------------------------------------------------------


def _topics(call: Call) -> static.TopicList:
    counts = Shelf(call.connection).topic_counts()
    watched = call.here.newsroom.settings.topics
    return static.TopicList(value=[static.topic_of(topic, counts.get(topic.name, 0)) for topic in watched])


def _topic(call: Call) -> static.TopicItem:
    slug = call.path("slug")
    for topic in call.here.newsroom.settings.topics:
        if topic.slug == slug:
            return static.topic_of(topic, listings.count_of(call.connection, "topic", topic.name))
    raise HTTPException(404, "there is no such topic")


def _outlets(call: Call) -> forms.OutletPage:
    ask: forms.PageAsk = call.ask
    names, last = listings.outlets(call.connection, ask.limit, place_of("outlets", ask.cursor, Place))
    counts = {count.provider.domain: count for count in Shelf(call.connection).outlet_counts(names)}
    value = [static.outlet_of(call.home, counts[name]) for name in names]
    return forms.OutletPage(value=value, next_cursor=cursor_of("outlets", last))


def _outlet(call: Call) -> static.OutletItem:
    count = Shelf(call.connection).outlet_counts([call.path("domain").lower()])[0]
    if not count.stories:
        raise HTTPException(404, "there is no such outlet, or no story of it is shown")
    return static.outlet_of(call.home, count)


def _sources(call: Call) -> forms.SourceList:
    ask: forms.PageAsk = call.ask
    behind = place_of("sources", ask.cursor, str) or ""
    known = {source.url: source for source in call.here.newsroom.settings.sources}
    urls = sorted(url for url in known if url > behind)
    shown, more = urls[: ask.limit], urls[ask.limit :]
    states = sources.states_of(call.connection, shown)
    value = [answers.source_item(known[url], states[url]) for url in shown]
    return forms.SourceList(value=value, next_cursor=cursor_of("sources", shown[-1] if more else None))


# --- search --------------------------------------------------------------------------------------------------------------


def _find(call: Call) -> forms.SearchList:
    ask: forms.SearchAsk = call.ask
    query = search_query.parse(ask.q)
    order = f"found {ask.kind}"
    behind = place_of(order, ask.cursor, int)
    found = searcher(call.request).find(call.connection, query, ask.kind, ask.limit, behind)
    known = _outlets_of(call, [_member(hit) for hit in found.hits]) if ask.kind == "article" else {}
    home = call.home
    value = [_found(home, hit, known) for hit in found.hits]
    return forms.SearchList(value=value, problems=list(query.problems), next_cursor=cursor_of(order, found.last))


def searcher(request: Request) -> Search:
    """The app's own: it remembers how far back to look."""
    found: Search = request.app.state.search
    return found


def _found(home: str, hit: Hit, outlets: dict[str, Provider]) -> forms.Found:
    return forms.Found(
        snippet=hit.snippet,
        story=cast(forms.StorySummary, answers.found_summary(home, hit.stored)) if hit.stored else None,  # in JSON already
        article=answers.article_summary(home, _member(hit), outlets) if hit.article else None,
    )


def _member(hit: Hit) -> Member:
    if hit.article is None or hit.judgement is None:  # pragma: no cover - an article is always found with its judgement
        raise ValueError("not an article")
    return Member(article=hit.article, judgement=hit.judgement, seen_at=hit.seen_at)


OPERATIONS: tuple[Operation, ...] = (
    Operation("/stories", "Stories by heat now, or by time.", _stories, forms.StoryList, forms.StoriesAsk),
    Operation(
        "/stories/{name:path}",
        "One story, with why it is scored so.",
        _story,
        forms.Story,
        parameters=(("name", "The story's id, or the path or file name of its record."),),
    ),
    Operation("/articles", "Articles of stories, newest first.", _articles, forms.ArticleList, forms.ArticlesAsk),
    Operation(
        "/articles/{key:path}",
        "One article, with what was judged of it.",
        _article,
        forms.Article,
        parameters=(("key", "The article's key, or its address; a ? in it is written %3F."),),
    ),
    Operation("/topics", "The topics, in the newsroom's order.", _topics, static.TopicList),
    Operation("/topics/{slug}", "One topic.", _topic, static.TopicItem, parameters=(("slug", "The topic's slug."),)),
    Operation("/outlets", "The outlets, those with the most stories first.", _outlets, forms.OutletPage, forms.PageAsk),
    Operation("/outlets/{domain}", "One outlet.", _outlet, static.OutletItem, parameters=(("domain", "Its domain."),)),
    Operation("/sources", "The sources and how they do.", _sources, forms.SourceList, forms.PageAsk, scope="desk"),
    Operation(
        "/search",
        "Stories or articles by words, ranked by text and heat now.",
        _find,
        forms.SearchList,
        forms.SearchAsk,
        lasting=False,
    ),
)
