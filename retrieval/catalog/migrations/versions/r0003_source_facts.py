"""What holds for all documents of a source (owner, tags), and when it is ingested by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what is empty for every source there is."""
    op.add_column("sources", sa.Column("owner", sa.String(), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("tags", sa.JSON()))
    op.add_column("sources", sa.Column("schedule", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drops them."""
    op.drop_column("sources", "schedule")
    op.drop_column("sources", "tags")
    op.drop_column("sources", "owner")
