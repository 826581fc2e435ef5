"""The catalog's tables. Alembic's migrations make exactly these; a test compares them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Times are seconds since the epoch, UTC.

sources = Table(
    "sources",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),  # "folder", "upload", "web", ...
    Column("location", Text, nullable=False),
    Column("department", String, nullable=False, default=""),
    Column("allow", JSON, nullable=False),
    Column("deny", JSON, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("owner", String, nullable=False, server_default=""),
    Column("tags", JSON),
    Column("schedule", String, nullable=False, server_default=""),
)

# One row for each distinct rule set of a source: editing a rule is one row. The row with the
# fingerprint "default" is the source's own rule, followed by all documents that were given it.
acls = Table(
    "acls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("allow", JSON, nullable=False),
    Column("deny", JSON, nullable=False),
    UniqueConstraint("source_id", "fingerprint"),
    sqlite_autoincrement=True,
)

documents = Table(
    "documents",
    metadata,
    Column("id", String, primary_key=True),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("acl_id", ForeignKey("acls.id"), nullable=False),
    Column("status", String, nullable=False),
    Column("reason", String, nullable=False, default=""),
    Column("details", JSON, nullable=False),  # values the failure's message names
    Column("version", Integer, nullable=False),  # 0 while there is no good version
    Column("title", Text, nullable=False),
    Column("department", String, nullable=False, default=""),
    Column("language", String, nullable=False, default=""),
    Column("media_type", String, nullable=False, default=""),
    Column("owner", String, nullable=False, default=""),
    Column("tags", JSON, nullable=False),
    Column("modified_at", Float),
    Column("pages", Integer),
    Column("size", Integer, nullable=False),
    Column("signature", String, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("text_hash", String, nullable=False),
    Column("ingested_at", Float, nullable=False),
    # The document it lies in (mail, archive): removed with it, readable by the same people.
    Column("parent_id", String),
    Column("tag_origins", JSON),  # [[tag, source, confidence], ...] of derived tags
    Column("fact_origins", JSON),  # the same of title, department, language, owner
    Column("keywords", JSON),
    # What a person set stands over what was derived; that is kept apart only where it is covered.
    Column("edits", JSON(none_as_null=True)),
    Column("derived", JSON(none_as_null=True)),
    UniqueConstraint("source_id", "external_id"),
    Index(None, "acl_id"),
    Index(None, "content_hash"),
    Index(None, "parent_id"),
    Index(None, "title", "id"),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("text_hash", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("blocks", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("declared", JSON),  # what the file says of itself, so that it can be tagged again
    UniqueConstraint("document_id", "number"),
)

# Only the chunks of current versions.
chunks = Table(
    "chunks",
    metadata,
    Column("id", String, primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("heading", JSON, nullable=False),
    Column("context", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("page", Integer),
    Column("sheet", String),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("indexed_hash", String, nullable=False),  # sha256 of what is embedded
    Index(None, "document_id", "ordinal"),
)

# What every derived index follows. Written in the transaction it describes.
changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("chunk_id", String, nullable=False),
    Column("operation", String, nullable=False),  # "add", "remove" or "access"
    sqlite_autoincrement=True,
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("document_id", String, primary_key=True),
    Column("source_id", String, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("removed_at", Float, nullable=False),
    Column("why", String, nullable=False),
    # What a document of this name takes up again when its source has it back; the signature is
    # empty where nothing is taken up, and the access where it followed the source's own rule.
    Column("signature", String),
    Column("allow", JSON(none_as_null=True)),
    Column("deny", JSON(none_as_null=True)),
    Column("edits", JSON(none_as_null=True)),
    Index(None, "source_id", "external_id"),
)

generations = Table(
    "generations",
    metadata,
    Column("id", String, primary_key=True),  # also the folder's name
    Column("state", String, nullable=False),  # "published" or "retired"
    Column("live", Boolean, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("published_at", Float, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # "ingest", "upload", "delete", "reindex"
    Column("state", String, nullable=False),  # queued running succeeded failed cancelled
    Column("priority", Integer, nullable=False),  # smaller goes first
    Column("payload", JSON, nullable=False),
    Column("progress", JSON, nullable=False),
    Column("report", JSON, nullable=False),
    Column("owner", String, nullable=False),  # the user who asked
    Column("cancel_requested", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("heartbeat_at", Float),
    Index(None, "state", "priority", "created_at"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # "key", "signin", "session" or "embed"
    Column("secret_hash", String, nullable=False, unique=True),
    Column("label", String, nullable=False),
    Column("user", String, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("used_at", Float),
    Column("revoked_at", Float),
)

# What people asked, each readable by its owner alone. Answers keep references into documents and
# not the documents' words: see `app/conversing`.
conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),  # the user
    Column("title", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),  # when the last question was answered
    Index(None, "owner", "updated_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("question", Text, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("answer", JSON, nullable=False),
    Index(None, "conversation_id"),
)

# What readers say of answers; "user" is empty once an admin has accepted it.
feedback = Table(
    "feedback",
    metadata,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),  # "new", "golden" or "training"
    Column("user", String, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("question", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("answer_id", String, nullable=False),
    Column("answer_kind", String, nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("reason", String, nullable=False),
    Column("comment", Text, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("chunks", JSON, nullable=False),
    Column("correct_document", String),
    Column("expect", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("decided_at", Float),
    Index(None, "user", "created_at"),
    Index(None, "state", "created_at"),
)
