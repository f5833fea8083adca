"""The schema. Changed only together with a new migration in ``migrations/versions``; a test holds the two together.

Instants are whole seconds since 1970 in UTC, so that both databases compare and index them alike. Values of `broadsheet.models`
are kept as JSON text in the column named after them; what is asked for by value stands in columns of its own.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text, text

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s"}
)

IN_STORY = text("story <> ''")  # what is listed of articles: those of a story

sources = Table(
    "sources",
    metadata,
    Column("url", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("edition", Integer, nullable=False),  # the last one that asked it
    Column("next_at", BigInteger),  # when it is asked again, 0 for at once; null: not by itself, as it is gone or not set
    Column("hub", Integer, nullable=False),  # 1: a WebSub hub offers to deliver it
    Index("ix_sources_next_at", "next_at"),
    Index("ix_sources_hub", "hub"),
)

# hosts of which something was learnt; the others are not here
hosts = Table("hosts", metadata, Column("host", Text, primary_key=True), Column("state", Text, nullable=False))

# sources that hubs deliver, by the secret part of their callback's address
subscriptions = Table(
    "subscriptions", metadata, Column("token", Text, primary_key=True), Column("subscription", Text, nullable=False)
)

entries = Table(
    "entries",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("entry", Text, nullable=False),  # empty once its page is not to be read: it may hold a whole article
    Column("fingerprint", Text, nullable=False),
    Column("state", Text, nullable=False),  # pending, read, failed, ignored
    Column("attempts", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Index("ix_entries_state_key", "state", "key"),
)

articles = Table(
    "articles",
    metadata,
    Column("key", Text, primary_key=True),
    Column("entry", Text, nullable=False),  # key of the entry it was read for
    Column("article", Text, nullable=False),  # without its text
    Column("provider", Text, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("judged", Integer, nullable=False),  # 0: waits for curation
    Column("judgement", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("language", Text, nullable=False, server_default=""),
    Column("quality", Integer, nullable=False, server_default="0"),
    Column("hidden", Integer, nullable=False, server_default="0"),  # 1: the desk has it shown to nobody
    Column("shown", Text, nullable=False, server_default=""),  # what the desk has shown in place of what was read
    Index("ix_articles_judged", "judged", "published_at", "key"),
    Index("ix_articles_story", "story", "published_at", "key"),
    # of IN_STORY alone, as the migration has it: to say so here imports PostgreSQL's dialect, a fifth of a command's start
    Index("ix_articles_provider", "provider", "published_at", "key"),
    Index("ix_articles_published_at", "published_at", "key"),
)

article_topics = Table(
    "article_topics",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("published_at", BigInteger, nullable=False),
    Index("ix_article_topics_key", "key"),
    Index("ix_article_topics_published_at", "topic", "published_at", "key"),
)

texts = Table(
    "texts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("kept_from", BigInteger, nullable=False),  # the instant from which `store.text_days` count
    Index("ix_texts_kept_from", "kept_from"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Text, primary_key=True),
    Column("cluster", LargeBinary, nullable=False),
    Column("last_at", BigInteger, nullable=False),  # publication of its last article
    Column("seen_at", BigInteger, nullable=False),  # when the newsroom got its last article
    Column("touched", Integer, nullable=False),  # 1: to be composed anew
    Column("expired", Integer, nullable=False),
    Column("superseded_by", Text, nullable=False, server_default=""),  # the story it went into; empty: none
    Index("ix_stories_touched", "touched", "id"),
    Index("ix_stories_expired_seen_at", "expired", "seen_at"),
)

story_keys = Table(
    "story_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("story", Text, primary_key=True),
    Column("last_at", BigInteger, nullable=False),
    Index("ix_story_keys_last_at", "last_at"),
    Index("ix_story_keys_story", "story"),
)

# stories that were merged or split, by curation or by a person
story_changes = Table(
    "story_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # merge, split
    Column("story", Text, nullable=False),  # that stayed
    Column("other", Text, nullable=False),  # that went into it, or came out of it
    Column("articles", Text, nullable=False),  # those that changed their story, a JSON list of keys
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undone_at", BigInteger),
    Column("undone_by", Text),
    Column("undoes", Integer, nullable=False, server_default="0"),  # the change that this one took back; 0: none
    Column("decided", Integer, nullable=False, server_default="0"),  # the last decision before it
    Index("ix_story_changes_who", "who", "id"),
    Index("ix_story_changes_story", "story", "id"),
    Index("ix_story_changes_other", "other", "id"),
)

# what a person split: stories that are not merged by themselves, each pair both ways
stories_apart = Table(
    "stories_apart", metadata, Column("story", Text, primary_key=True), Column("other", Text, primary_key=True)
)

# what a person merged: articles of one bond stay in one story
bonds = Table("bonds", metadata, Column("article", Text, primary_key=True), Column("bond", Integer, nullable=False))

copies = Table(
    "copies",
    metadata,
    Column("article", Text, primary_key=True),
    Column("copy", LargeBinary, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Index("ix_copies_published_at", "published_at"),
)

bands = Table(
    "bands",
    metadata,
    Column("band", Text, primary_key=True),
    Column("article", Text, primary_key=True),
    Column("published_at", BigInteger, nullable=False),
    Index("ix_bands_published_at", "published_at"),
)

terms = Table(
    "terms",
    metadata,
    Column("term", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False, server_default="0"),  # the count is halved for each epoch since
    Index("ix_terms_epoch", "epoch"),
)

records = Table(
    "records",
    metadata,
    Column("path", Text, primary_key=True),
    Column("story", Text, nullable=False, unique=True),
    Column("published_story", Text, nullable=False),
    Column("published", Integer, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("month", Text, nullable=False),  # of publication, "2026-01"
    Column("rank", Double, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("shown_at", BigInteger, nullable=False),  # when it was first shown; 0: never yet
    Column("heat", Integer, nullable=False, server_default="0"),
    Column("quality", Integer, nullable=False, server_default="0"),
    Column("language", Text, nullable=False, server_default=""),
    Column("dirty", Integer, nullable=False),  # 1: its files wait to be written and committed
    Index("ix_records_dirty", "dirty", "path"),
    Index("ix_records_published_at", "published", "published_at", "path"),
    Index("ix_records_rank", "published", "rank", "path"),
    Index("ix_records_month", "month", "path"),
)

record_topics = Table(
    "record_topics",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("published", Integer, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("rank", Double, nullable=False),
    Index("ix_record_topics_path", "path"),
    Index("ix_record_topics_published_at", "topic", "published", "published_at", "path"),
    Index("ix_record_topics_rank", "topic", "published", "rank", "path"),
)

record_outlets = Table(
    "record_outlets",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("published", Integer, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("rank", Double, nullable=False),
    Index("ix_record_outlets_path", "path"),
    Index("ix_record_outlets_published_at", "domain", "published", "published_at", "path"),
    Index("ix_record_outlets_rank", "domain", "published", "rank", "path"),
)

# what records said before, since their files were last written and committed: what differs from all of it is a person's
earlier_forms = Table(
    "earlier_forms",
    metadata,
    Column("path", Text, primary_key=True),
    Column("replaced_at", BigInteger, primary_key=True),
    Column("published_story", Text, nullable=False),
)

# how many published stories a topic, outlet, month or day has, kept by difference so that no edition counts all records
tallies = Table(
    "tallies",
    metadata,
    Column("kind", Text, primary_key=True),  # topic, outlet, first (the outlet that was), month, day
    Column("name", Text, primary_key=True),
    Column("published", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("dirty", Integer, nullable=False),  # 1: its pages wait to be written
    Index("ix_tallies_dirty", "dirty"),
    Index("ix_tallies_published", "kind", "published", "name"),
)

providers = Table(
    "providers",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("logo_url", Text, nullable=False),  # the picture the logo was made from; empty: none could be
    Column("provider", Text, nullable=False),
)

# the records of outlets: sums of what the accounts say, kept by difference
standings = Table(
    "standings",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("articles", BigInteger, nullable=False),
    Column("led", BigInteger, nullable=False),
    Column("copied", BigInteger, nullable=False),
    Column("copies", BigInteger, nullable=False),
    Column("withheld", BigInteger, nullable=False),
)

# what each story adds to the records of its outlets
accounts = Table("accounts", metadata, Column("story", Text, primary_key=True), Column("account", Text, nullable=False))

# pictures of published stories that the newsroom keeps a copy of, or wants to
pictures = Table(
    "pictures",
    metadata,
    Column("url", Text, primary_key=True),
    Column("story", Text, nullable=False),  # the first that wanted it
    Column("source", Text, nullable=False),  # that named its article
    Column("state", Text, nullable=False),  # waiting, kept, failed
    Column("attempts", Integer, nullable=False),
    Column("edition", Integer, nullable=False),  # the last one that asked for it
    Column("copy", Text, nullable=False),  # the picture as kept; empty while it is not
    Index("ix_pictures_state", "state", "url"),
)

# what a language model was asked of stories, and what it wrote: the same is never asked twice
summaries = Table(
    "summaries",
    metadata,
    Column("key", Text, primary_key=True),  # of all that was asked
    Column("story", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, kept, failed
    Column("rank", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("edition", Integer, nullable=False),  # the last one that asked
    Column("asked", Text, nullable=False),  # empty once it is kept or failed
    Column("summary", Text, nullable=False),  # empty while it is not
    Index("ix_summaries_state", "state", "rank", "key"),
    Index("ix_summaries_story", "story"),
)

facts = Table("facts", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

editions = Table(
    "editions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("finished", Integer, nullable=False),
    Column("report", Text, nullable=False),
    Index("ix_editions_finished", "finished"),
)

# stories as feed readers know them: numbered in the order in which they were first shown
reader_items = Table(
    "reader_items",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("path", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),  # its first, in whose feed it is; empty: none
    Column("published", Integer, nullable=False),
    Column("shown_at", BigInteger, nullable=False),
    Index("ix_reader_items_topic", "topic", "number"),
    Index("ix_reader_items_shown_at", "shown_at", "number"),
    sqlite_autoincrement=True,
)

# what a person read and starred
marks = Table(
    "marks",
    metadata,
    Column("person", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("read", Integer, nullable=False),
    Column("starred", Integer, nullable=False),
    Index("ix_marks_starred", "person", "starred", "number"),
)

# the last thing that happened to each story, numbered in the order in which they happened
story_events = Table(
    "story_events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("path", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # new, changed, withdrawn
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

# addresses to which what happens to stories is sent
hooks = Table(
    "hooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hook", Text, nullable=False),  # whose it is, where to, of which stories, its secret
    Column("sent", Integer, nullable=False),  # number of the last event that it has
    Column("next_at", BigInteger, nullable=False),  # not before; ahead while a process sends
    Column("failing_at", BigInteger),  # since when it fails
    Column("failures", Integer, nullable=False),  # in a row
    Column("problem", Text, nullable=False),
    Column("stopped", Integer, nullable=False),  # 1: it failed too long, or said that it is gone
    Index("ix_hooks_next_at", "stopped", "next_at"),
)

# --- people and the desk -------------------------------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),  # reader, editor, owner
    Column("password", Text, nullable=False),  # argon2id; empty: no password opens it
    Column("at", BigInteger, nullable=False),
    Column("subject", Text, unique=True),  # who they are to a provider of OpenID Connect: its address, a space, its id
)

# secrets are kept as their SHA-256 alone: what is read here opens nothing
sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_sessions_person", "person"),
    Index("ix_sessions_expires_at", "expires_at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # with a space between them
    Column("at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Index("ix_tokens_person", "person"),
)

# by what Fever's apps send, hashed once more: the token it was made of
fever_keys = Table("fever_keys", metadata, Column("key", Text, primary_key=True), Column("token", Text, nullable=False))

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_audit_who", "who", "id"),
)

# what editors decided, for every edition to come
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),  # a story's id, an article's key, an outlet's domain, a source's address, a word
    Column("value", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undone_at", BigInteger),
    Column("undone_by", Text),
    Column("waits", Integer, nullable=False, server_default="0"),  # 1: a rule by which what came before is still to be judged
    Index("ix_decisions_target", "target", "id"),
    Index("ix_decisions_action", "action", "id"),
    Index("ix_decisions_who", "who", "id"),
)
