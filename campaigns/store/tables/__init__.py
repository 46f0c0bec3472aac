"""The tables: one per file kind, and those that the house fills itself."""

from collections.abc import Mapping

from campaigns.store.tables.columns import ImportedRow, Record, UtcTime
from campaigns.store.tables.imports import ImportBatch, ImportFault
from campaigns.store.tables.market import (
    Ad,
    CalendarEvent,
    Campaign,
    Channel,
    Experiment,
    Rate,
    Response,
    SeenChannel,
    Spend,
    Touch,
)
from campaigns.store.tables.offers import Capacity, Case, Lead, Opportunity, Product, Promotion, SalesActivity
from campaigns.store.tables.people import Assignment, Customer, Identity, Person, Suppression
from campaigns.store.tables.plans import Plan, PlannedContact
from campaigns.store.tables.runs import Draw, Effect, Run, RunCheck, RunStage, Score

__all__ = [
    "IMPORTED",
    "Ad",
    "Assignment",
    "CalendarEvent",
    "Campaign",
    "Capacity",
    "Case",
    "Channel",
    "Customer",
    "Draw",
    "Effect",
    "Experiment",
    "Identity",
    "ImportBatch",
    "ImportFault",
    "ImportedRow",
    "Lead",
    "Opportunity",
    "Person",
    "Plan",
    "PlannedContact",
    "Product",
    "Promotion",
    "Rate",
    "Record",
    "Response",
    "Run",
    "RunCheck",
    "RunStage",
    "SalesActivity",
    "Score",
    "SeenChannel",
    "Spend",
    "Suppression",
    "Touch",
    "UtcTime",
]

IMPORTED: Mapping[str, type[ImportedRow]] = {
    "customers": Customer,
    "channels": Channel,
    "touches": Touch,
    "responses": Response,
    "spend": Spend,
    "promotions": Promotion,
    "products": Product,
    "opportunities": Opportunity,
    "leads": Lead,
    "sales_activities": SalesActivity,
    "cases": Case,
    "suppressions": Suppression,
    "calendar_events": CalendarEvent,
    "capacities": Capacity,
    "rates": Rate,
    "experiments": Experiment,
    "assignments": Assignment,
}
"""The table of each file kind, by the kind's name."""
