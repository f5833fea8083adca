"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
        sa.PrimaryKeyConstraint("key", name=op.f("pk_articles")),
    )
    op.create_index("ix_articles_judged", "articles", ["judged", "published_at", "key"], unique=False)
    op.create_index("ix_articles_story", "articles", ["story"], unique=False)
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
        "record_outlets",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("domain", "path", name=op.f("pk_record_outlets")),
    )
    op.create_index("ix_record_outlets_path", "record_outlets", ["path"], unique=False)
    op.create_index(
        "ix_record_outlets_published_at", "record_outlets", ["domain", "published", "published_at", "path"], unique=False
    )
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
        sa.PrimaryKeyConstraint("url", name=op.f("pk_sources")),
    )
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
        sa.PrimaryKeyConstraint("key", name=op.f("pk_texts")),
    )
    _story_changes()


def _story_changes() -> None:
    op.create_table(
        "story_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "story", "other", "articles", "who", "reason")),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_changes")),
    )
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
