"""What an import left out, and why: for reconciliation."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "left_out",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("row", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_left_out_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_left_out"),
    )
    op.create_index("ix_left_out_batch_id", "left_out", ["batch_id"])
    op.create_index("ix_left_out_kind_source_row_key", "left_out", ["kind", "source", "row_key"])


def downgrade() -> None:
    op.drop_index("ix_left_out_kind_source_row_key", table_name="left_out")
    op.drop_index("ix_left_out_batch_id", table_name="left_out")
    op.drop_table("left_out")
