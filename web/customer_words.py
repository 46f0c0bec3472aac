"""What the pages of customers call things: turns of the conversation, consents, stages and outcomes."""

from __future__ import annotations

from campaigns.language import _, mark

__all__ = ["CONSENTS", "OUTCOMES", "STAGE_WORDS", "TEAMS", "kind_words", "outcome_words"]

KINDS = {
    "send": mark("Message sent"),
    "mail": mark("Letter sent"),
    "call": mark("Called"),
    "sms": mark("Text message sent"),
    "store": mark("Spoken to in the store"),
    "impression": mark("Ad shown"),
    "ghost": mark("Held back, nothing sent"),
    "promised": mark("Contact approved"),
    "on a list": mark("On a list that went out"),
    "click": mark("Clicked"),
    "open": mark("Opened"),
    "visit": mark("Visited the site"),
    "order": mark("Ordered"),
    "lead": mark("Asked for an offer"),
    "signup": mark("Signed up"),
    "redemption": mark("Used an offer"),
    "won": mark("Deal won"),
    "decline": mark("Declined"),
    "interest": mark("Interested"),
    "complaint": mark("Complained"),
    "return": mark("Returned"),
    "support": mark("Asked service"),
    "bounce": mark("Could not be reached"),
    "opt_out": mark("Wants no more of this"),
    "meeting": mark("Meeting"),
    "call back": mark("Call back booked"),
    "deal": mark("Deal"),
    "case": mark("Case opened"),
}

RESULTS = {
    "delivered": mark("delivered"),
    "reached": mark("reached"),
    "not reached": mark("not reached"),
    "bounced": mark("bounced"),
    "open": mark("open"),
    "won": mark("won"),
    "lost": mark("lost"),
    "wrong number": mark("wrong number"),
}

CONSENTS = {
    "email": mark("E-mail"),
    "phone": mark("Telephone"),
    "sms": mark("Text messages"),
    "mail": mark("Letters"),
    "ads": mark("Ads made for them"),
}
"""Kinds of consent as people read them."""

OUTCOMES = (
    ("interested", mark("Interested")),
    ("declined", mark("Declined")),
    ("complaint", mark("Complaint")),
    ("reached", mark("Reached")),
    ("no answer", mark("No answer")),
    ("wrong number", mark("Wrong number")),
    ("call back", mark("Call back at ...")),
    ("never", mark("Never again")),
)
"""What can be logged, as people read it."""

TEAMS = {
    "marketing": mark("Marketing speaks to them now"),
    "sales": mark("Sales is handling this"),
    "both": mark("Marketing and sales may both speak to them"),
}

STAGE_WORDS = {
    "stranger": mark("unknown so far"),
    "prospect": mark("prospect"),
    "lead": mark("lead"),
    "handed over": mark("handed to sales"),
    "open deal": mark("open deal"),
    "won lately": mark("deal won lately"),
    "renewal": mark("renewal"),
    "customer": mark("customer"),
    "lapsed": mark("has not ordered for a year"),
}


def kind_words(kind: str) -> str:
    """Say what happened; a kind we have no words for is told as sales wrote it."""
    return _(KINDS[kind]) if kind in KINDS else kind[:1].upper() + kind[1:]


def outcome_words(outcome: str) -> str:
    """Say what came of it; a reason is told as it was written."""
    return _(RESULTS[outcome]) if outcome in RESULTS else outcome
