"""The ledger of promised contacts, saved policies, plan life, sales holds and handovers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
LIVE = sa.text("state <> 'released'")
TABLES = (
    "clash_resolutions",
    "handover_steps",
    "handovers",
    "sales_suggestions",
    "sales_holds",
    "plan_verdicts",
    "plan_events",
    "reservations",
)


def upgrade() -> None:
    op.create_table(
        "policy_versions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_policy_versions"),
    )
    op.create_table(
        "reservations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("plan_id", KEY, nullable=True),
        sa.Column("contact_id", KEY, nullable=True),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("household", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("promotion", sa.String(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("ghost", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("keeps_place", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("reserved_at", TIME, nullable=False),
        sa.Column("committed_at", TIME, nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("released_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["planned_contacts.id"], name="fk_reservations_contact_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_reservations_person_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_reservations_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
    )
    op.create_index("ix_reservations_on", "reservations", ["on"])
    op.create_index("ix_reservations_person_id_on", "reservations", ["person_id", "on"])
    op.create_index("ix_reservations_plan_id_state", "reservations", ["plan_id", "state"])
    op.create_index(
        "uq_reservations_contact_id_live",
        "reservations",
        ["contact_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "plan_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("plan_id", KEY, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_events_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_events"),
    )
    op.create_index("ix_plan_events_plan_id", "plan_events", ["plan_id"])
    op.create_table(
        "plan_verdicts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("plan_id", KEY, nullable=False),
        sa.Column("first_person", sa.BigInteger(), nullable=False),
        sa.Column("last_person", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_verdicts_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_verdicts"),
    )
    op.create_index("ix_plan_verdicts_plan_id_first_person", "plan_verdicts", ["plan_id", "first_person"])
    op.create_table(
        "sales_holds",
        sa.Column("id", KEY, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("placed_at", TIME, nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("released_at", TIME, nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sales_holds_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sales_holds"),
    )
    op.create_index("ix_sales_holds_owner", "sales_holds", ["owner"])
    op.create_index("ix_sales_holds_person_id", "sales_holds", ["person_id"])
    op.create_table(
        "sales_suggestions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("plan_id", KEY, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("promotion", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("expected_value", sa.Float(), nullable=False),
        sa.Column("lock_reason", sa.String(), nullable=False),
        sa.Column("lock_until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sales_suggestions_person_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_sales_suggestions_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sales_suggestions"),
    )
    op.create_index("ix_sales_suggestions_person_id", "sales_suggestions", ["person_id"])
    op.create_index("ix_sales_suggestions_plan_id_owner", "sales_suggestions", ["plan_id", "owner"])
    op.create_table(
        "handovers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("handed_at", TIME, nullable=False),
        sa.Column("handed_by", sa.String(), nullable=False),
        sa.Column("followed_up_at", TIME, nullable=True),
        sa.Column("taken_back_at", TIME, nullable=True),
        sa.Column("taken_back_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_handovers_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
    )
    op.create_index("ix_handovers_owner", "handovers", ["owner"])
    op.create_index("ix_handovers_person_id", "handovers", ["person_id"])
    op.create_table(
        "handover_steps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("lead", "step", name="uq_handover_steps_lead_step"),
        sa.PrimaryKeyConstraint("id", name="pk_handover_steps"),
    )
    op.create_table(
        "clash_resolutions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reservation_id", KEY, nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservations.id"], name="fk_clash_resolutions_reservation_id"),
        sa.UniqueConstraint("reservation_id", name="uq_clash_resolutions_reservation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_clash_resolutions"),
    )
    with op.batch_alter_table("plans") as plans:
        plans.add_column(sa.Column("policy_version_id", KEY, nullable=True))
        plans.add_column(sa.Column("views", sa.JSON(), nullable=True))
        plans.add_column(sa.Column("result", sa.JSON(), nullable=True))
        plans.create_foreign_key("fk_plans_policy_version_id", "policy_versions", ["policy_version_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("plans") as plans:
        plans.drop_constraint("fk_plans_policy_version_id", type_="foreignkey")
        plans.drop_column("result")
        plans.drop_column("views")
        plans.drop_column("policy_version_id")
    for table in TABLES:
        op.drop_table(table)
    op.drop_table("policy_versions")
