"""What runs expect of the days after their data, and what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "run_forecasts",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("p05", sa.Float(), nullable=False),
        sa.Column("p95", sa.Float(), nullable=False),
        sa.Column("came", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("settled_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_forecasts_run_id"),
        sa.ForeignKeyConstraint(["settled_by"], ["runs.id"], name="fk_run_forecasts_settled_by"),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_run_forecasts"),
    )


def downgrade() -> None:
    op.drop_table("run_forecasts")
