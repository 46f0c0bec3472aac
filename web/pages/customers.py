"""Pages of the customers: found, and one of them on one screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.forms import Form
from web.pages.page import Page, Part

__all__ = ["Advice", "CustomerPage", "CustomerState", "CustomersPage", "FoundLine", "HoldLine", "SaidLine", "TurnLine"]


@dataclass(frozen=True)
class FoundLine:
    """A customer among those found."""

    address: str
    customer: str
    name: str
    reached: str
    account: str
    segment: str
    owner: str


@dataclass(frozen=True)
class CustomersPage(Page):
    """Customers found, or how to find one.

    Parameters
    ----------
    query
        What was looked for.
    found
        Those found.
    shown
        How many they are, in words; or what to do where there are none.
    """

    template: ClassVar[str] = "customers.html"
    section: ClassVar[str] = "customers"

    headline: str
    lead: str
    query: str
    found: tuple[FoundLine, ...]
    shown: str


@dataclass(frozen=True)
class SaidLine:
    """An offer declined, an interest shown, a complaint or a case: what about, when, and why."""

    about: str
    at: str
    why: str


@dataclass(frozen=True)
class Advice:
    """One contact that could be made: what, whether and when, and why or why not.

    Parameters
    ----------
    worth
        What it is worth, in parts; empty where the visitor sees no money.
    """

    what: str
    when: str
    why: tuple[str, ...]
    worth: str
    change: str


@dataclass(frozen=True)
class HoldLine:
    """A hold of sales on this customer or the account."""

    id: int
    words: str
    until: str
    reason: str
    mine: bool


@dataclass(frozen=True)
class TurnLine:
    """One turn of the conversation."""

    at: str
    who: str
    what: str
    detail: str
    about: str
    credit: str


@dataclass(frozen=True)
class CustomerState(Part):
    """Everything about a customer that changes when an outcome is logged.

    Parameters
    ----------
    warnings
        What stands against speaking to them about offers at all.
    speaks, speaks_why
        Who owns the relationship now, and why.
    say, silent
        What to say next, and what not; ``change`` the smallest change that would turn one round.
    form
        The outcome to log.
    logged
        What was just logged, or empty.
    before
        Address of the earlier turns, or empty.
    """

    template: ClassVar[str] = "customer_state.html"

    logged: str
    warnings: tuple[str, ...]
    complaints: tuple[SaidLine, ...]
    cases: tuple[SaidLine, ...]
    declined: tuple[SaidLine, ...]
    interested: tuple[SaidLine, ...]
    speaks: str
    stage: str
    speaks_why: str
    holds: tuple[HoldLine, ...]
    plan: str
    say: tuple[Advice, ...]
    silent: tuple[Advice, ...]
    change: str
    form: Form
    turns: tuple[TurnLine, ...]
    before: str
    log_address: str


@dataclass(frozen=True)
class CustomerPage(Page):
    """One customer on one screen.

    Parameters
    ----------
    facts
        What is known of them, as (name, value).
    consents
        (kind, word, mood) of each kind of contact.
    worth
        What they bought, as (name, value).
    account_address
        Address of the calendar of their account; empty where there is none or the visitor may not see it.
    hold
        Form of a hold; None where the visitor places none.
    handover
        Form by which they are handed over to sales; None where the visitor does not, or sales has them.
    """

    template: ClassVar[str] = "customer.html"
    section: ClassVar[str] = "customers"

    name: str
    lead: str
    on_offer: str
    facts: tuple[tuple[str, str], ...]
    worth: tuple[tuple[str, str], ...]
    consents: tuple[tuple[str, str, str], ...]
    account: str
    account_address: str
    hold: Form | None
    handover: Form | None
    state: CustomerState

    @property
    def live(self) -> bool:
        """An outcome is logged in place."""
        return True
