"""Indexes by which one customer is found, with the account and everything that concerns them."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    ("customers", "household_id"),
    ("customers", "account_id"),
    ("customers", "owner"),
    ("suppressions", "identity_id"),
    ("opportunities", "identity_id"),
    ("opportunities", "account_id"),
    ("leads", "identity_id"),
    ("sales_activities", "identity_id"),
    ("sales_activities", "account_id"),
    ("cases", "identity_id"),
)


def upgrade() -> None:
    for name in ("last_name", "first_name"):
        op.create_index(f"ix_customers_{name}", "customers", [name], postgresql_ops={name: "text_pattern_ops"})
    for table, column in COLUMNS:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in reversed(COLUMNS):
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    for name in ("first_name", "last_name"):
        op.drop_index(f"ix_customers_{name}", table_name="customers")
