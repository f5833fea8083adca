"""What a newsroom can set, as typed values with their defaults. Read from ``broadsheet.toml`` by `broadsheet.config`.

Every field here is documented in ``docs/settings.md``; a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from broadsheet.models import Source, Topic

Positive = Annotated[float, Meta(gt=0)]
Natural = Annotated[int, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1)]
Weight = Annotated[float, Meta(ge=0, le=100)]
Seconds = Annotated[float, Meta(ge=0)]
Language = Annotated[str, Meta(pattern="^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
Home = Annotated[str, Meta(pattern="^https?://.+/$")]
Callbacks = Annotated[str, Meta(pattern="^(https?://.+/)?$")]
Api = Annotated[str, Meta(pattern=r"^(https?://\S+)?$")]
Issuer = Annotated[str, Meta(pattern=r"^(https://[^\s?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^\s?#]*)?)?$")]
Folder = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_\-/]*$")]


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of a table in ``broadsheet.toml``: unknown keys are an error, so that a typing mistake is never silent."""


class NewsroomSettings(Section, frozen=True):
    """Who the newsroom is. ``url`` is the address at which the published folder will be served, with its last slash."""

    name: str = "Broadsheet"  # the name of the paper
    description: str = "The news, gathered and weighed."  # one line under the name
    language: Language = "en"  # the language of the paper, such as "en" or "pt-BR"
    url: Home = "http://localhost:8000/"  # where the published folder will be served, with its last slash
    contact: str = ""  # a mailbox or address, told to the hosts that are asked


class StoreSettings(Section, frozen=True):
    """Where the newsroom remembers. Empty: SQLite in ``.broadsheet/broadsheet.db``; else ``postgresql://...``.

    What is kept, and how long, is told in ``docs/operate.md``.
    """

    url: str = ""  # empty for SQLite, or "postgresql://user@host/database"
    text_days: Natural = 0  # days until the text of an article is forgotten, see operate.md; 0: it is kept for good


class GatherSettings(Section, frozen=True):
    """How politely and how much is asked of the web. Times in seconds, sizes in bytes."""

    connections: Count = 64  # requests under way at once, in all
    connections_per_host: Count = 1  # requests under way at once to one host
    gap: Seconds = 1.0  # seconds between the starts of two requests to one host
    connect_timeout: Positive = 10.0  # seconds until a host must have accepted a connection
    first_byte_timeout: Positive = 20.0  # seconds a host may be silent
    timeout: Positive = 60.0  # seconds for a whole request
    max_bytes: Count = 10_000_000  # of a page, before and after decompression
    max_feed_bytes: Count = 50_000_000  # of a feed or sitemap, before and after decompression
    max_redirects: Natural = 5  # redirects that are followed
    min_interval: Count = 900  # seconds until a source is asked again, at least
    max_interval: Count = 86_400  # seconds until a source is asked again, at most
    retries: Natural = 3  # editions in which a page that fails is tried
    robots: bool = True  # ask robots.txt before pages and sitemaps
    proxy: str = ""  # address of a proxy; empty: what the environment says
    pages_per_edition: Count = 10_000  # pages read in one edition; the rest waits for the next
    websub: Callbacks = ""  # where hubs reach /websub/ of `broadsheet serve`, with its last slash; empty: no subscriptions
    max_age_days: Positive = 30.0  # entries older than that when first seen are left aside


class ReadSettings(Section, frozen=True):
    """How pages are read. ``workers`` processes share the reading; 0 means as many as there are cores."""

    workers: Natural = 0  # processes that read pages; 0: as many as there are cores
    fast: bool = False  # never ask the slower second readers, of which few pages have need
    logos: bool = True  # keep a 50 x 50 logo of each outlet
    measure_images: bool = True  # ask for the first kilobytes of an article's picture to measure it
    keep_images: bool = False  # keep a copy of the picture of each published story in the published folder


class QualityWeights(Section, frozen=True):
    """The most points each signal can give or, for the last three, take. See ``docs/scores.md``."""

    completeness: Weight = 10.0  # standfirst, text, date and outlet are there
    length: Weight = 15.0  # the text is long enough to tell something
    originality: Weight = 15.0  # its text is its own
    headline: Weight = 15.0  # a headline that tells, and neither shouts nor teases
    sourcing: Weight = 20.0  # sources are quoted or named, figures are given
    freshness: Weight = 5.0  # it is dated, says when, and dates its changes
    picture: Weight = 5.0  # a picture of a useful size
    author: Weight = 5.0  # an author is named
    provider: Weight = 10.0  # the outlet's record: half for one of which nothing is known
    spam: Weight = 60.0  # taken for the phrases of market reports and shops' offers
    release: Weight = 15.0  # taken for the phrases of press releases
    paywall: Weight = 10.0  # taken when the article cannot be read without paying


class CurateSettings(Section, frozen=True):
    """How articles become stories."""

    only_topics: bool = True  # articles of no topic are left out
    meaning: Annotated[float, Meta(ge=0, le=1)] = 0.4  # least likeness in meaning that speaks for a topic; 1: keywords alone
    window_days: Positive = 5.0  # an article may join a story whose last article is at most so old
    story_threshold: Annotated[float, Meta(gt=0, lt=2)] = 0.8  # least likeness to join a story; 1: like its own articles
    related_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.3  # least kinship with the lead to be listed under it
    copy_threshold: Annotated[float, Meta(gt=0, le=1)] = 0.8  # least share of a text repeated to be a copy
    minimum_heat: Natural = 30  # stories below are kept but not shown
    expire_days: Positive = 14.0  # after so long without a new article a story's heat is -1
    half_life_hours: Positive = 24.0  # what a report gives to heat now halves in so long
    agencies: tuple[str, ...] = ()  # domains of news agencies beside those shipped, whose texts are credited to them
    owners: dict[str, str] = {}  # outlet's domain = its owner; adds to and overrides the list shipped, "" for none
    quality: QualityWeights = QualityWeights()


class PublishSettings(Section, frozen=True):
    """What is written. ``folder`` is inside the newsroom; ``front_stories`` is the length of the front page."""

    folder: Folder = "public"  # the published folder, inside the newsroom
    front_stories: Count = 40  # stories on the front page and on each topic's page
    page_size: Count = 25  # stories a page of the JSON lists
    list_pages: Count = 40  # pages a JSON list has at most
    feed_items: Count = 50  # stories in each feed
    pictures: Literal["kept", "linked"] = "kept"  # "linked": readers' browsers ask the outlets for those not kept
    git: bool = True  # commit each edition to the newsroom's Git repository
    branch: str = ""  # empty: the branch the repository is on
    remote: str = ""  # name of a Git remote to push to after a commit; empty: do not push
    author: str = "Broadsheet <broadsheet@localhost>"  # who commits


class NewsletterSettings(Section, frozen=True):
    """The letter of the best stories, and the SMTP server that takes it. See ``docs/newsletter.md``."""

    stories: Count = 10  # stories in a letter
    sender: str = ""  # who sends it: Name <address>
    unsubscribe: Annotated[str, Meta(pattern="^(mailto:.+@.+|https://.+)?$")] = ""  # address for leaving, mailto: or https://
    one_click: bool = False  # the https:// address takes the POST of RFC 8058
    host: str = "localhost"  # the SMTP server
    port: Annotated[int, Meta(ge=1, le=65_535)] = 25  # its port; 587 is usual with starttls, 465 with tls
    security: Literal["none", "starttls", "tls"] = "none"  # how the connection is encrypted
    user: str = ""  # who logs in; the password is in the environment variable BROADSHEET_SMTP_PASSWORD


class OidcSettings(Section, frozen=True):
    """Sign-in with OpenID Connect. The client's secret is in the environment variable BROADSHEET_OIDC_SECRET."""

    issuer: Issuer = ""  # the provider's address, exactly as its discovery document says it; empty: passwords alone
    client_id: str = ""  # what the provider calls this newsroom
    name: str = "OpenID Connect"  # what the button says: Sign in with ...
    scopes: tuple[str, ...] = ("openid", "email", "profile")  # what the provider is asked for
    claim: str = "email"  # what roles are given by, such as "email" or "groups"
    owners: tuple[str, ...] = ()  # values of that claim; "@paper.example" for all addresses there, "*" for everybody
    editors: tuple[str, ...] = ()  # the same for editors
    readers: tuple[str, ...] = ()  # the same for readers; who is in none of the three is not let in


class ServeSettings(Section, frozen=True):
    """What the served newsroom grants to those who ask. See ``docs/people.md``."""

    proxies: tuple[str, ...] = ("127.0.0.1", "::1")  # web servers before it, whose word on who asks, and how, is taken
    connections: Count = 1000  # open at once; what comes beyond is answered 503
    requests_per_second: Positive = 100.0  # live requests that one address may keep up
    request_burst: Count = 2000  # live requests that it may send at once
    failed_sign_ins: Count = 5  # for a name from one address; then one more each minute
    session_days: Annotated[float, Meta(gt=0, le=400)] = 7.0  # until people have to sign in again
    public: bool = True  # anybody may read; false: only those who sign in or send a token
    private_hooks: bool = False  # webhooks may go to addresses of this machine and its own network
    oidc: OidcSettings = OidcSettings()


class SearchSettings(Section, frozen=True):
    """Searches that are asked for again and again, each a feed. See ``docs/search.md``."""

    saved: dict[str, Annotated[str, Meta(max_length=500)]] = {}  # name = query


class ModelSettings(Section, frozen=True):
    """A language model that writes summaries and headlines beside the outlets' own; off by default. See ``docs/model.md``."""

    url: Api = ""  # an OpenAI-compatible API, such as "http://localhost:11434/v1"; empty: no model
    name: str = ""  # the model, as that API calls it; its key is in the environment variable BROADSHEET_MODEL_KEY
    summaries: bool = True  # write a summary of each story
    headlines: bool = False  # write another headline of each story
    articles: Count = 8  # articles of a story that are sent, the best first
    characters: Count = 1500  # of each article's text that are sent
    requests_per_day: Natural = 200  # requests in a day (UTC)
    tokens_per_day: Natural = 500_000  # tokens in a day, as the API counts them
    max_tokens: Natural = 500  # tokens of one answer; 0: the API's own limit
    connections: Count = 2  # requests under way at once
    timeout: Positive = 60.0  # seconds for a request


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a newsroom sets."""

    newsroom: NewsroomSettings = NewsroomSettings()
    store: StoreSettings = StoreSettings()
    gather: GatherSettings = GatherSettings()
    read: ReadSettings = ReadSettings()
    curate: CurateSettings = CurateSettings()
    publish: PublishSettings = PublishSettings()
    newsletter: NewsletterSettings = NewsletterSettings()
    serve: ServeSettings = ServeSettings()
    search: SearchSettings = SearchSettings()
    model: ModelSettings = ModelSettings()
    sources: tuple[Source, ...] = ()
    topics: tuple[Topic, ...] = ()
