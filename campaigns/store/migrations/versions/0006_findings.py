"""What runs find besides effects: costs by kind, tests, changes, and the credit of single responses."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # In place: a table that others refer to cannot be made anew while they hold rows.
    op.add_column("effects", sa.Column("costs", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("runs", sa.Column("findings", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "response_credits",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("response_id", KEY, nullable=True),
        sa.Column("opportunity_id", KEY, nullable=True),
        sa.Column("baseline", sa.Float(), nullable=False),
        sa.Column("baseline_p05", sa.Float(), nullable=False),
        sa.Column("baseline_p95", sa.Float(), nullable=False),
        sa.Column("rest", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_response_credits_run_id"),
        sa.PrimaryKeyConstraint("run_id", "place", name="pk_response_credits"),
    )
    op.create_index("ix_response_credits_response_id", "response_credits", ["response_id"])
    op.create_index("ix_response_credits_opportunity_id", "response_credits", ["opportunity_id"])
    op.create_table(
        "credit_shares",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("touch_id", KEY, nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("p05", sa.Float(), nullable=False),
        sa.Column("p95", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_credit_shares_run_id"),
        sa.PrimaryKeyConstraint("run_id", "place", "position", name="pk_credit_shares"),
    )
    op.create_table(
        "path_credits",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("responses", sa.BigInteger(), nullable=False),
        sa.Column("median_days", sa.Float(), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=False),
        sa.Column("credit", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_path_credits_run_id"),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_path_credits"),
    )


def downgrade() -> None:
    for table in ("path_credits", "credit_shares", "response_credits"):
        op.drop_table(table)
    op.drop_column("runs", "findings")
    op.drop_column("effects", "costs")
