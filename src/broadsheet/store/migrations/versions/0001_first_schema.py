"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from broadsheet.store import search_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story", name=op.f("pk_accounts")),
    )
    op.create_table(
        "standings",
        sa.Column("domain", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("articles", "led", "copied", "copies", "withheld")),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_standings")),
    )
    op.create_table(
        "articles",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False, server_default=""),
        sa.Column("quality", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("hidden", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("shown", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_articles")),
    )
    op.create_index("ix_articles_judged", "articles", ["judged", "published_at", "key"], unique=False)
    op.create_index("ix_articles_story", "articles", ["story", "published_at", "key"], unique=False)
    _listed_articles()
    op.create_table(
        "bands",
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("band", "article", name=op.f("pk_bands")),
    )
    op.create_index("ix_bands_published_at", "bands", ["published_at"], unique=False)
    op.create_table(
        "copies",
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("copy", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_copies")),
    )
    op.create_index("ix_copies_published_at", "copies", ["published_at"], unique=False)
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
    )
    op.create_index("ix_editions_finished", "editions", ["finished"], unique=False)
    op.create_table(
        "entries",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_state_key", "entries", ["state", "key"], unique=False)
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_table(
        "pictures",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_pictures")),
    )
    op.create_index("ix_pictures_state", "pictures", ["state", "url"], unique=False)
    op.create_table(
        "providers",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("logo_url", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_providers")),
    )
    op.create_table(
        "earlier_forms",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.Column("published_story", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", "replaced_at", name=op.f("pk_earlier_forms")),
    )
    op.create_table(
        "record_outlets",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("domain", "path", name=op.f("pk_record_outlets")),
    )
    op.create_index("ix_record_outlets_path", "record_outlets", ["path"], unique=False)
    op.create_index(
        "ix_record_outlets_published_at", "record_outlets", ["domain", "published", "published_at", "path"], unique=False
    )
    op.create_index("ix_record_outlets_rank", "record_outlets", ["domain", "published", "rank", "path"], unique=False)
    op.create_table(
        "record_topics",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "path", name=op.f("pk_record_topics")),
    )
    op.create_index("ix_record_topics_path", "record_topics", ["path"], unique=False)
    op.create_index(
        "ix_record_topics_published_at", "record_topics", ["topic", "published", "published_at", "path"], unique=False
    )
    op.create_index("ix_record_topics_rank", "record_topics", ["topic", "published", "rank", "path"], unique=False)
    op.create_table(
        "records",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("published_story", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("rank", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=False),
        sa.Column("heat", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("quality", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("language", sa.Text(), nullable=False, server_default=""),
        sa.Column("dirty", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_records")),
        sa.UniqueConstraint("story", name=op.f("uq_records_story")),
    )
    op.create_index("ix_records_dirty", "records", ["dirty", "path"], unique=False)
    op.create_index("ix_records_month", "records", ["month", "path"], unique=False)
    op.create_index("ix_records_published_at", "records", ["published", "published_at", "path"], unique=False)
    op.create_index("ix_records_rank", "records", ["published", "rank", "path"], unique=False)
    op.create_table(
        "sources",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("hub", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_sources")),
    )
    op.create_index("ix_sources_next_at", "sources", ["next_at"], unique=False)
    op.create_index("ix_sources_hub", "sources", ["hub"], unique=False)
    op.create_table(
        "stories",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cluster", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
    )
    op.create_index("ix_stories_expired_seen_at", "stories", ["expired", "seen_at"], unique=False)
    op.create_index("ix_stories_touched", "stories", ["touched", "id"], unique=False)
    op.create_table(
        "story_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "story", name=op.f("pk_story_keys")),
    )
    op.create_index("ix_story_keys_last_at", "story_keys", ["last_at"], unique=False)
    op.create_index("ix_story_keys_story", "story_keys", ["story"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "tallies",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("dirty", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_tallies")),
    )
    op.create_index("ix_tallies_dirty", "tallies", ["dirty"], unique=False)
    op.create_index("ix_tallies_published", "tallies", ["kind", "published", "name"], unique=False)
    op.create_table(
        "terms",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_terms")),
    )
    op.create_index("ix_terms_epoch", "terms", ["epoch"], unique=False)
    op.create_table(
        "texts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_from", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_texts")),
    )
    op.create_index("ix_texts_kept_from", "texts", ["kept_from"], unique=False)
    _story_changes()


def _story_changes() -> None:
    op.create_table(
        "story_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "story", "other", "articles", "who", "reason")),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undoes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("decided", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_changes")),
    )
    op.create_index("ix_story_changes_who", "story_changes", ["who", "id"], unique=False)
    op.create_index("ix_story_changes_story", "story_changes", ["story", "id"], unique=False)
    op.create_index("ix_story_changes_other", "story_changes", ["other", "id"], unique=False)
    op.create_table(
        "stories_apart",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("story", "other")),
        sa.PrimaryKeyConstraint("story", "other", name=op.f("pk_stories_apart")),
    )
    op.create_table(
        "bonds",
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("bond", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_bonds")),
    )
    op.create_table(
        "fever_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_fever_keys")),
    )
    _summaries()
    op.create_table(
        "reader_items",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reader_items")),
        sa.UniqueConstraint("path", name=op.f("uq_reader_items_path")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reader_items_topic", "reader_items", ["topic", "number"], unique=False)
    op.create_index("ix_reader_items_shown_at", "reader_items", ["shown_at", "number"], unique=False)
    op.create_table(
        "marks",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("starred", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person", "number", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_starred", "marks", ["person", "starred", "number"], unique=False)
    _events()
    _people()


def _listed_articles() -> None:
    in_story = sa.text("story <> ''")
    for name, columns in (
        ("ix_articles_provider", ["provider", "published_at", "key"]),
        ("ix_articles_published_at", ["published_at", "key"]),
    ):
        op.create_index(name, "articles", columns, unique=False, sqlite_where=in_story, postgresql_where=in_story)
    op.create_table(
        "article_topics",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("topic", "key")),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "key", name=op.f("pk_article_topics")),
    )
    op.create_index("ix_article_topics_key", "article_topics", ["key"], unique=False)
    op.create_index("ix_article_topics_published_at", "article_topics", ["topic", "published_at", "key"], unique=False)


def _events() -> None:
    op.create_table(
        "story_events",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("path", "kind")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_story_events")),
        sa.UniqueConstraint("path", name=op.f("uq_story_events_path")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hooks",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "hook")),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("failing_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks")),
    )
    op.create_index("ix_hooks_next_at", "hooks", ["stopped", "next_at"], unique=False)


def _summaries() -> None:
    op.create_table(
        "summaries",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("key", "story", "state")),
        sa.Column("rank", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("attempts", "edition")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("asked", "summary")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_summaries")),
    )
    op.create_index("ix_summaries_state", "summaries", ["state", "rank", "key"], unique=False)
    op.create_index("ix_summaries_story", "summaries", ["story"], unique=False)


def _people() -> None:
    op.create_table(
        "people",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "role", "password")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_people")),
        sa.UniqueConstraint("subject", name=op.f("uq_people_subject")),
    )
    op.create_table(
        "sessions",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("digest", "person")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("at", "expires_at")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"], unique=False)
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    op.create_table(
        "tokens",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("digest", "person", "label", "scopes")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("expires_at", "used_at")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tokens")),
    )
    op.create_index("ix_tokens_person", "tokens", ["person"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("who", "action", "target", "address", "detail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_who", "audit", ["who", "id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("who", "action", "target")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("value", "before", "about", "reason")),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("waits", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_target", "decisions", ["target", "id"], unique=False)
    op.create_index("ix_decisions_action", "decisions", ["action", "id"], unique=False)
    op.create_index("ix_decisions_who", "decisions", ["who", "id"], unique=False)
    search_tables.create(op.get_bind())
