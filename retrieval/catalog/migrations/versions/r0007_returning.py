"""What a removed document takes up again when its source has it back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LISTS = ("allow", "deny", "edits")


def upgrade() -> None:
    """Adds what is empty for every document that is gone already: it comes back as a new one."""
    op.add_column("tombstones", sa.Column("signature", sa.String()))
    for name in _LISTS:
        op.add_column("tombstones", sa.Column(name, sa.JSON()))
    named = ["source_id", "external_id"]
    op.create_index("ix_tombstones_source_id_external_id", "tombstones", named)


def downgrade() -> None:
    """Drops them; every document that comes back is a new one."""
    op.drop_index("ix_tombstones_source_id_external_id", "tombstones")
    for name in reversed(_LISTS):
        op.drop_column("tombstones", name)
    op.drop_column("tombstones", "signature")
