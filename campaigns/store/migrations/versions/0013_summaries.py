"""Summaries that a run stores, so that pages need not read what was imported; how a plan's contacts are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "run_summaries",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_summaries_run_id"),
        sa.PrimaryKeyConstraint("run_id", "name", name="pk_run_summaries"),
    )
    op.create_index("ix_planned_contacts_counted", "planned_contacts", ["plan_id", "channel", "promotion", "ghost"])


def downgrade() -> None:
    op.drop_index("ix_planned_contacts_counted", table_name="planned_contacts")
    op.drop_table("run_summaries")
