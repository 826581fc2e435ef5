"""Edits of documents, where facts were found, keywords, and what files say of themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OF_DOCUMENTS = ("fact_origins", "keywords", "edits", "derived")


def upgrade() -> None:
    """Adds what is empty until a document is edited or read again."""
    for name in _OF_DOCUMENTS:
        op.add_column("documents", sa.Column(name, sa.JSON()))
    op.add_column("versions", sa.Column("declared", sa.JSON()))


def downgrade() -> None:
    """Drops them; what a person had set stays until the next version."""
    op.drop_column("versions", "declared")
    for name in reversed(_OF_DOCUMENTS):
        op.drop_column("documents", name)
