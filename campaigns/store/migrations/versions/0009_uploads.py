"""Uploaded files, and what each import held: its first and last day, and what it left out."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("uploaded_at", TIME, nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("look", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("skip_faulty", sa.Boolean(), nullable=False),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_state", "uploads", ["state"])
    op.add_column("import_batches", sa.Column("first_day", sa.Date(), nullable=True))
    op.add_column("import_batches", sa.Column("last_day", sa.Date(), nullable=True))
    op.add_column("import_batches", sa.Column("left_out", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    for column in ("left_out", "last_day", "first_day"):
        op.drop_column("import_batches", column)
    op.drop_table("uploads")
