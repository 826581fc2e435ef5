"""Documents that lie in others (mail attachments, archive members), and where tags came from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what is empty for every document there is."""
    op.add_column("documents", sa.Column("parent_id", sa.String()))
    op.add_column("documents", sa.Column("tag_origins", sa.JSON()))
    op.create_index("ix_documents_parent_id", "documents", ["parent_id"])


def downgrade() -> None:
    """Drops both columns; contained documents stay as documents of their own."""
    op.drop_index("ix_documents_parent_id", "documents")
    op.drop_column("documents", "tag_origins")
    op.drop_column("documents", "parent_id")
