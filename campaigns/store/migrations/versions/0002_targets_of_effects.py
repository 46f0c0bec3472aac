"""The target that the promotions of a channel or ad set, beside its effect."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("effects") as effects:
        effects.add_column(sa.Column("target", sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("effects") as effects:
        effects.drop_column("target")
