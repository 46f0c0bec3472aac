"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ads",
        sa.Column("id", KEY, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("ad", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ads"),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", KEY, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    op.create_table(
        "import_batches",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("replaced", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_batches"),
    )
    op.create_table(
        "people",
        sa.Column("id", KEY, nullable=False),
        sa.Column("merged_into", KEY, nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["people.id"], name="fk_people_merged_into"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("heartbeat_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("window_start", sa.Date(), nullable=True),
        sa.Column("window_end", sa.Date(), nullable=True),
        sa.Column("responses", sa.BigInteger(), nullable=True),
        sa.Column("first_responses", sa.BigInteger(), nullable=True),
        sa.Column("linked_share", sa.Float(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index(
        "uq_runs_goal_requested",
        "runs",
        ["goal"],
        unique=True,
        sqlite_where=sa.text("state = 'requested'"),
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_table(
        "seen_channels",
        sa.Column("id", KEY, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seen_channels"),
        sa.UniqueConstraint("channel", "kind", name="uq_seen_channels_channel_kind"),
    )
    op.create_table(
        "calendar_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_calendar_events_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_events"),
        sa.UniqueConstraint("source", "row_key", name="uq_calendar_events_source_row_key"),
    )
    op.create_table(
        "capacities",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("limit", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_capacities_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_capacities"),
        sa.UniqueConstraint("source", "row_key", name="uq_capacities_source_row_key"),
    )
    op.create_table(
        "channels",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("addressable", sa.String(), nullable=True),
        sa.Column("targeted", sa.String(), nullable=True),
        sa.Column("plannable", sa.String(), nullable=True),
        sa.Column("consent", sa.String(), nullable=True),
        sa.Column("unit_cost", sa.BigInteger(), nullable=True),
        sa.Column("carry_over_days", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_channels_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
        sa.UniqueConstraint("source", "row_key", name="uq_channels_source_row_key"),
    )
    op.create_table(
        "draws",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("ad", sa.String(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_draws_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_draws"),
    )
    op.create_index("ix_draws_run_id", "draws", ["run_id"], unique=False)
    op.create_table(
        "effects",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("ad", sa.String(), nullable=True),
        sa.Column("spend", sa.Float(), nullable=True),
        sa.Column("touches", sa.Float(), nullable=True),
        sa.Column("proof", sa.String(), nullable=True),
        sa.Column("matched_share", sa.Float(), nullable=True),
        sa.Column("incremental_mean", sa.Float(), nullable=False),
        sa.Column("incremental_p05", sa.Float(), nullable=False),
        sa.Column("incremental_p95", sa.Float(), nullable=False),
        sa.Column("acquired_mean", sa.Float(), nullable=True),
        sa.Column("acquired_p05", sa.Float(), nullable=True),
        sa.Column("acquired_p95", sa.Float(), nullable=True),
        sa.Column("has_cac", sa.Boolean(), nullable=False),
        sa.Column("cac_median", sa.Float(), nullable=True),
        sa.Column("cac_p05", sa.Float(), nullable=True),
        sa.Column("cac_p95", sa.Float(), nullable=True),
        sa.Column("has_marginal_cac", sa.Boolean(), nullable=False),
        sa.Column("marginal_cac_median", sa.Float(), nullable=True),
        sa.Column("marginal_cac_p05", sa.Float(), nullable=True),
        sa.Column("marginal_cac_p95", sa.Float(), nullable=True),
        sa.Column("p_no_effect", sa.Float(), nullable=True),
        sa.Column("p_below_target", sa.Float(), nullable=True),
        sa.Column("claimed", sa.Float(), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_effects_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_effects"),
    )
    op.create_index("ix_effects_run_id_level_position", "effects", ["run_id", "level", "position"], unique=False)
    op.create_table(
        "experiments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("experiment", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("measured_until", sa.Date(), nullable=True),
        sa.Column("goal", sa.String(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("ad", sa.String(), nullable=True),
        sa.Column("planned_treated_share", sa.Float(), nullable=True),
        sa.Column("treated_n", sa.BigInteger(), nullable=True),
        sa.Column("treated_responses", sa.BigInteger(), nullable=True),
        sa.Column("control_n", sa.BigInteger(), nullable=True),
        sa.Column("control_responses", sa.BigInteger(), nullable=True),
        sa.Column("touches_per_treated", sa.Float(), nullable=True),
        sa.Column("lift", sa.Float(), nullable=True),
        sa.Column("lift_se", sa.Float(), nullable=True),
        sa.Column("spend", sa.BigInteger(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_experiments_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        sa.UniqueConstraint("source", "row_key", name="uq_experiments_source_row_key"),
    )
    op.create_table(
        "identities",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_identities_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("kind", "value", name="uq_identities_kind_value"),
    )
    op.create_index("ix_identities_person_id", "identities", ["person_id"], unique=False)
    op.create_table(
        "import_faults",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column("expected", sa.String(), nullable=False),
        sa.Column("row", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_import_faults_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_import_faults"),
    )
    op.create_index("ix_import_faults_batch_id", "import_faults", ["batch_id"], unique=False)
    op.create_table(
        "plans",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("expected_value", sa.Float(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=False),
        sa.Column("gap", sa.Float(), nullable=False),
        sa.Column("constraints", sa.JSON(), nullable=False),
        sa.Column("withheld", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_plans_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
    )
    op.create_table(
        "products",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("goes_with", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_products_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("source", "row_key", name="uq_products_source_row_key"),
    )
    op.create_table(
        "promotions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("promotion", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("product", sa.String(), nullable=True),
        sa.Column("margin", sa.BigInteger(), nullable=True),
        sa.Column("discount", sa.BigInteger(), nullable=True),
        sa.Column("target_cac", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("response_code", sa.String(), nullable=True),
        sa.Column("channels", sa.String(), nullable=True),
        sa.Column("excludes", sa.String(), nullable=True),
        sa.Column("not_after", sa.String(), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_promotions_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_promotions"),
        sa.UniqueConstraint("source", "row_key", name="uq_promotions_source_row_key"),
    )
    op.create_table(
        "rates",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_rates_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rates"),
        sa.UniqueConstraint("source", "row_key", name="uq_rates_source_row_key"),
    )
    op.create_table(
        "run_checks",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_checks_run_id"),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_run_checks"),
    )
    op.create_table(
        "run_stages",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_stages_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_run_stages"),
    )
    op.create_index("ix_run_stages_run_id", "run_stages", ["run_id"], unique=False)
    op.create_table(
        "scores",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("extra_responses", sa.Float(), nullable=False),
        sa.Column("recent_touches", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_scores_person_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_scores_run_id"),
        sa.PrimaryKeyConstraint("run_id", "person_id", "channel", name="pk_scores"),
    )
    op.create_table(
        "spend",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("cost_kind", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("ad", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("impressions", sa.BigInteger(), nullable=True),
        sa.Column("clicks", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.Float(), nullable=True),
        sa.Column("claimed_conversions", sa.Float(), nullable=True),
        sa.Column("claimed_value", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_spend_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_spend"),
        sa.UniqueConstraint("source", "row_key", name="uq_spend_source_row_key"),
    )
    op.create_table(
        "assignments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=False),
        sa.Column("experiment", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("assigned_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_assignments_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_assignments_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
        sa.UniqueConstraint("source", "row_key", name="uq_assignments_source_row_key"),
    )
    op.create_table(
        "cases",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("promised_by", sa.String(), nullable=True),
        sa.Column("promised_until", TIME, nullable=True),
        sa.Column("product", sa.String(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_cases_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_cases_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("source", "row_key", name="uq_cases_source_row_key"),
    )
    op.create_table(
        "customers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=False),
        sa.Column("created_at", TIME, nullable=True),
        sa.Column("first_order_at", TIME, nullable=True),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("loyalty", sa.String(), nullable=True),
        sa.Column("street", sa.String(), nullable=True),
        sa.Column("postcode", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("household_id", sa.String(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("territory", sa.String(), nullable=True),
        sa.Column("consent_email", sa.String(), nullable=True),
        sa.Column("consent_phone", sa.String(), nullable=True),
        sa.Column("consent_sms", sa.String(), nullable=True),
        sa.Column("consent_mail", sa.String(), nullable=True),
        sa.Column("consent_ads", sa.String(), nullable=True),
        sa.Column("attributes", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_customers_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_customers_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("source", "row_key", name="uq_customers_source_row_key"),
    )
    op.create_index("ix_customers_identity_id", "customers", ["identity_id"], unique=False)
    op.create_table(
        "leads",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=True),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("assigned_at", TIME, nullable=True),
        sa.Column("first_contacted_at", TIME, nullable=True),
        sa.Column("qualified_at", TIME, nullable=True),
        sa.Column("lead_source", sa.String(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_leads_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_leads_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
        sa.UniqueConstraint("source", "row_key", name="uq_leads_source_row_key"),
    )
    op.create_table(
        "opportunities",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=True),
        sa.Column("opportunity_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_name", sa.String(), nullable=True),
        sa.Column("opened_on", TIME, nullable=False),
        sa.Column("closed_on", TIME, nullable=True),
        sa.Column("expected_close_on", sa.Date(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("lost_reason", sa.String(), nullable=True),
        sa.Column("competitor", sa.String(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("lead_source", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_opportunities_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_opportunities_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_opportunities"),
        sa.UniqueConstraint("source", "row_key", name="uq_opportunities_source_row_key"),
    )
    op.create_table(
        "planned_contacts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("plan_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("promotion", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("expected_value", sa.Float(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("ghost", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_planned_contacts_person_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_planned_contacts_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_planned_contacts"),
    )
    op.create_index("ix_planned_contacts_person_id", "planned_contacts", ["person_id"], unique=False)
    op.create_index("ix_planned_contacts_plan_id", "planned_contacts", ["plan_id"], unique=False)
    op.create_table(
        "responses",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=True),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("margin", sa.BigInteger(), nullable=True),
        sa.Column("product", sa.String(), nullable=True),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("promotion", sa.String(), nullable=True),
        sa.Column("response_code", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("response_id", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_responses_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_responses_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_responses"),
        sa.UniqueConstraint("source", "row_key", name="uq_responses_source_row_key"),
    )
    op.create_index("ix_responses_identity_id", "responses", ["identity_id"], unique=False)
    op.create_table(
        "sales_activities",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("activity_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_sales_activities_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_sales_activities_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sales_activities"),
        sa.UniqueConstraint("source", "row_key", name="uq_sales_activities_source_row_key"),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_suppressions_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_suppressions_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sa.UniqueConstraint("source", "row_key", name="uq_suppressions_source_row_key"),
    )
    op.create_table(
        "touches",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row_key", sa.String(), nullable=False),
        sa.Column("identity_id", KEY, nullable=False),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("ad", sa.String(), nullable=True),
        sa.Column("promotion", sa.String(), nullable=True),
        sa.Column("response_code", sa.String(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("touch_id", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name="fk_touches_batch_id"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_touches_identity_id"),
        sa.PrimaryKeyConstraint("id", name="pk_touches"),
        sa.UniqueConstraint("source", "row_key", name="uq_touches_source_row_key"),
    )
    op.create_index("ix_touches_identity_id", "touches", ["identity_id"], unique=False)


def downgrade() -> None:
    op.drop_table("touches")
    op.drop_table("suppressions")
    op.drop_table("sales_activities")
    op.drop_table("responses")
    op.drop_table("planned_contacts")
    op.drop_table("opportunities")
    op.drop_table("leads")
    op.drop_table("customers")
    op.drop_table("cases")
    op.drop_table("assignments")
    op.drop_table("spend")
    op.drop_table("scores")
    op.drop_table("run_stages")
    op.drop_table("run_checks")
    op.drop_table("rates")
    op.drop_table("promotions")
    op.drop_table("products")
    op.drop_table("plans")
    op.drop_table("import_faults")
    op.drop_table("identities")
    op.drop_table("experiments")
    op.drop_table("effects")
    op.drop_table("draws")
    op.drop_table("channels")
    op.drop_table("capacities")
    op.drop_table("calendar_events")
    op.drop_table("seen_channels")
    op.drop_table("runs")
    op.drop_table("people")
    op.drop_table("import_batches")
    op.drop_table("campaigns")
    op.drop_table("ads")
