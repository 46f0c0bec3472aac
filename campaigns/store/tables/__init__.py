"""The tables: one per file kind, and those that the house fills itself."""

from collections.abc import Mapping

from campaigns.store.tables.access import ApiKey, AuditEntry, PasswordLink, SignIn, Target, User
from campaigns.store.tables.columns import ImportedRow, Record, UtcTime
from campaigns.store.tables.credits import CreditShare, PathCredit, ResponseCredit
from campaigns.store.tables.imports import ImportBatch, ImportChange, ImportFault, LeftOut
from campaigns.store.tables.ledger import (
    ClashResolution,
    Handover,
    HandoverStep,
    PlanEvent,
    PlanVerdicts,
    PolicyVersion,
    Reservation,
    SalesHold,
    SalesSuggestion,
)
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
from campaigns.store.tables.naming import NameAlias, ResponseCode
from campaigns.store.tables.offers import Capacity, Case, Lead, Opportunity, Product, Promotion, SalesActivity
from campaigns.store.tables.outgoing import Alert, Webhook, WebhookDelivery
from campaigns.store.tables.people import Assignment, Customer, Identity, Person, Suppression
from campaigns.store.tables.plans import Plan, PlannedContact
from campaigns.store.tables.requests import PlanRequest, PromotionRules
from campaigns.store.tables.runs import (
    Draw,
    Effect,
    Run,
    RunCheck,
    RunForecast,
    RunPlot,
    RunStage,
    RunSummary,
    Score,
    Worth,
)
from campaigns.store.tables.uploads import Upload

__all__ = [
    "IMPORTED",
    "Ad",
    "Alert",
    "ApiKey",
    "Assignment",
    "AuditEntry",
    "CalendarEvent",
    "Campaign",
    "Capacity",
    "Case",
    "Channel",
    "ClashResolution",
    "CreditShare",
    "Customer",
    "Draw",
    "Effect",
    "Experiment",
    "Handover",
    "HandoverStep",
    "Identity",
    "ImportBatch",
    "ImportChange",
    "ImportFault",
    "ImportedRow",
    "Lead",
    "LeftOut",
    "NameAlias",
    "Opportunity",
    "PasswordLink",
    "PathCredit",
    "Person",
    "Plan",
    "PlanEvent",
    "PlanRequest",
    "PlanVerdicts",
    "PlannedContact",
    "PolicyVersion",
    "Product",
    "Promotion",
    "PromotionRules",
    "Rate",
    "Record",
    "Reservation",
    "Response",
    "ResponseCode",
    "ResponseCredit",
    "Run",
    "RunCheck",
    "RunForecast",
    "RunPlot",
    "RunStage",
    "RunSummary",
    "SalesActivity",
    "SalesHold",
    "SalesSuggestion",
    "Score",
    "SeenChannel",
    "SignIn",
    "Spend",
    "Suppression",
    "Target",
    "Touch",
    "Upload",
    "User",
    "UtcTime",
    "Webhook",
    "WebhookDelivery",
    "Worth",
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
