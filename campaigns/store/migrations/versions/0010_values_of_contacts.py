"""What plans value contacts by: standard errors and wear of scores, customers' worth, the forecast of each contact."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("scores", sa.Column("error", sa.Float(), nullable=True))
    op.add_column("scores", sa.Column("second", sa.Float(), nullable=False, server_default="0"))
    op.add_column("planned_contacts", sa.Column("extra_responses", sa.Float(), nullable=True))
    op.create_table(
        "worths",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("margin", sa.Float(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_worths_run_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_worths_person_id"),
        sa.PrimaryKeyConstraint("run_id", "person_id", name="pk_worths"),
    )


def downgrade() -> None:
    op.drop_table("worths")
    op.drop_column("planned_contacts", "extra_responses")
    op.drop_column("scores", "second")
    op.drop_column("scores", "error")
