"""Owners of deals are found by an index, as those of customers are."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_opportunities_owner", "opportunities", ["owner"])


def downgrade() -> None:
    op.drop_index("ix_opportunities_owner", table_name="opportunities")
