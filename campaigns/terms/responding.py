"""What a run learned about customers' answers to contacts: behind the values of every plan."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ChannelResponse", "LearnedShare", "PolicyValue", "PromotionResponse", "ResponseModel"]


@dataclass(frozen=True)
class LearnedShare:
    """A share with its standard error; ``learned`` says whether held-back customers of the company had a say."""

    mean: float
    error: float
    learned: bool = False


@dataclass(frozen=True)
class ChannelResponse:
    """How customers answer to contacts through one channel.

    Parameters
    ----------
    contacts, held_back
        Contacts made and withheld at random behind it.
    days
        Days after a contact in which an answer counts.
    base_rate
        Responses per person in these days without the contact.
    extra, error
        Extra responses per contact now, on average over customers, and its standard error.
    told_apart
        Whether held-back customers tell customers apart; else they differ as the attribution has it.
    opt_out_risk
        Chance that a contact makes its customer opt out.
    qini_share, qini_extra
        The Qini curve: extra responses per customer of all when this share, the most promising first, is contacted.
    qini, qini_error
        Area between the curve and contacting as many at random, and its standard error; None without held-back ones.
    """

    channel: str
    contacts: int
    held_back: int
    days: int
    base_rate: float
    extra: float
    error: float
    told_apart: bool = False
    opt_out_risk: float = 0.0
    qini_share: tuple[float, ...] = ()
    qini_extra: tuple[float, ...] = ()
    qini: float | None = None
    qini_error: float | None = None


@dataclass(frozen=True)
class PromotionResponse:
    """How many more (or fewer) extra responses a contact causes when it is about this promotion."""

    channel: str
    promotion: str
    difference: float
    error: float
    held_back: int


@dataclass(frozen=True)
class PolicyValue:
    """What contacting as the model advises earns per contact that could be made, on contacts it never saw.

    Parameters
    ----------
    mean, error
        By inverse-propensity weighting, with its standard error, in major units.
    above, above_error
        How much more that is than doing the same for everybody.
    contacts
        Contacts behind it.
    """

    mean: float
    error: float
    above: float
    above_error: float
    contacts: int


@dataclass(frozen=True)
class ResponseModel:
    """Everything about answers to contacts that a plan's values rest on. Money in major units.

    Parameters
    ----------
    pull_forward
        Share of the extra responses that only came sooner, over 60 days.
    retention
        Share of a customer's later margin that a relationship contact keeps from being lost.
    first_order_later
        Later margin that a first order brings; None where orders carry no money.
    worth_words
        What the customers' worth rests on, in a sentence.
    notes
        What a reader of the run, and of every plan made from it, should know.
    """

    channels: tuple[ChannelResponse, ...]
    promotions: tuple[PromotionResponse, ...] = ()
    policy: PolicyValue | None = None
    pull_forward: LearnedShare = LearnedShare(0.0, 0.0)
    retention: LearnedShare = LearnedShare(0.0, 0.0)
    first_order_later: float | None = None
    worth_words: str = ""
    notes: tuple[str, ...] = ()
