"""The rules: may this person hear this on these days, and if not, why? Pure, vectorised over candidates.

The order of `RULES` is their severity. A candidate that no day is left for carries the first rule, in this order, that
together with those before it leaves no day: what lies on the person (suppression, consent, complaint) is said before
what lies on the offer, and that before what lies on how often we spoke. Suppression comes before everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from campaigns.people.consent import CONSENTS, Consent
from campaigns.planning.facts import Candidates, Facts
from campaigns.planning.horizon import NEVER, Days, between, every_day
from campaigns.planning.policy import SERVICE, Cap, ContactPolicy
from campaigns.planning.windows import Windows, count_windows, rule_of

__all__ = ["RULES", "Judgement", "Question", "Rule", "judge", "rolling_windows", "rule_index"]


@dataclass(frozen=True)
class Question:
    """What a rule is asked: these candidates, in the light of these facts, under this policy."""

    facts: Facts
    policy: ContactPolicy
    windows: tuple[Windows, ...]
    candidates: Candidates

    @cached_property
    def whole(self) -> np.uint64:
        """Every day of the plan."""
        return every_day(self.facts.days)

    def by_person(self, masks: Days) -> Days:
        """Spread masks per person over the candidates."""
        return masks[self.candidates.person]

    def by_offer(self, masks: Days) -> Days:
        """Spread masks per person and offer over the candidates."""
        return masks[self.candidates.person, self.candidates.offer]

    def always(self, closed: NDArray[np.bool_]) -> Days:
        """Close every day where ``closed``."""
        return np.where(closed, self.whole, np.uint64(0))

    @cached_property
    def consent(self) -> NDArray[np.int8]:
        """Consent of each candidate's person for its touch point; given where none is needed."""
        kinds = [point.consent for point in self.facts.touch_points]
        place = np.asarray([CONSENTS.index(kind) if kind in CONSENTS else -1 for kind in kinds], np.int64)
        presumed = np.asarray([kind in self.policy.consent_presumed for kind in kinds])
        needed = place[self.candidates.channel]
        known = self.facts.consent[self.candidates.person, needed]
        if self.service.any():
            served = np.asarray([kind in self.policy.service_presumed for kind in kinds])
            known = np.where(self.service, self.facts.service_consent[self.candidates.person, needed], known)
            taken = np.where(self.service, served[self.candidates.channel], presumed[self.candidates.channel])
        else:
            taken = presumed[self.candidates.channel]
        free = (needed < 0) | (taken & (known == Consent.UNKNOWN))
        return np.where(free, np.int8(Consent.GIVEN), known)

    @cached_property
    def service(self) -> NDArray[np.bool_]:
        """Whether each candidate is about service, not marketing."""
        purposes = [self.policy.purpose(offer.kind) == SERVICE for offer in self.facts.offers]
        return np.asarray(purposes, bool)[self.candidates.offer]

    def marketing(self, masks: Days) -> Days:
        """Keep masks of candidates where they are about marketing; service may speak."""
        return np.where(self.service, np.uint64(0), masks)

    def capped(self, rule: str) -> Days:
        """Close the days on which one more contact would break a cap that is counted under a rule."""
        closed = np.zeros(len(self.candidates), np.uint64)
        for windows in self.windows:
            if windows.rule == rule:
                masks = windows.closed[windows.group[self.candidates.person]]
                counts = np.ones(len(self.candidates), bool)
                if windows.channel is not None:
                    counts &= self.candidates.channel == windows.channel
                if windows.offer is not None:
                    counts &= self.candidates.offer == windows.offer
                closed |= np.where(counts, masks, np.uint64(0))
        return closed


@dataclass(frozen=True)
class Rule:
    """One thing that may not happen.

    Parameters
    ----------
    name
        Its name in code.
    reason
        What people read where it left a contact out.
    closed
        The days that it closes for each candidate.
    """

    name: str
    reason: str
    closed: Callable[[Question], Days]


def _suppressed(question: Question) -> Days:
    until = question.facts.suppressed_until
    return question.by_person(between(NEVER, until, question.facts.days))


def _unknown_customer(question: Question) -> Days:
    missing = np.asarray([name is None for name in question.facts.customer_id], bool)
    return question.always(missing[question.candidates.person])


def _consent_withdrawn(question: Question) -> Days:
    return question.always(question.consent == Consent.WITHDRAWN)


def _consent_missing(question: Question) -> Days:
    return question.always(question.consent == Consent.UNKNOWN)


def _complained(question: Question) -> Days:
    facts = question.facts
    masks = facts.complaints.closing((facts.people, 1), 0, question.policy.complaint_days - 1, facts.days)
    return question.marketing(question.by_person(masks[:, 0]))


def _case_open(question: Question) -> Days:
    return question.marketing(question.always(question.facts.case_open[question.candidates.person]))


def _sales_lock(question: Question) -> Days:
    facts = question.facts
    masks = np.zeros(facts.people, np.uint64)
    np.bitwise_or.at(masks, facts.locks.person, between(facts.locks.starts, facts.locks.until, facts.days))
    return question.by_person(masks)


def _channel_barred(question: Question) -> Days:
    return question.always(~question.facts.uses[question.candidates.offer, question.candidates.channel])


def _not_invited(question: Question) -> Days:
    invited = question.facts.invited
    if invited is None:
        return np.zeros(len(question.candidates), np.uint64)
    return question.always(~invited[question.candidates.person, question.candidates.offer])


def _not_running(question: Question) -> Days:
    first = np.asarray([offer.first for offer in question.facts.offers], np.int64)
    last = np.asarray([offer.last for offer in question.facts.offers], np.int64)
    running = between(first, last, question.facts.days)
    return (question.whole & ~running)[question.candidates.offer]


def _bought(question: Question) -> Days:
    facts = question.facts
    return question.by_offer(facts.purchases.closing(facts.shape, 0, question.policy.bought_days - 1, facts.days))


def _returned(question: Question) -> Days:
    facts = question.facts
    return question.by_offer(facts.returns.closing(facts.shape, 0, question.policy.returned_days - 1, facts.days))


def _declined(question: Question) -> Days:
    facts = question.facts
    return question.by_offer(facts.declines.closing(facts.shape, 0, question.policy.declined_days - 1, facts.days))


def _excluded(question: Question) -> Days:
    facts, reach = question.facts, question.policy.exclusion_days - 1
    return question.by_offer(facts.rivals.closing(facts.shape, reach, reach, facts.days))


def _not_after(question: Question) -> Days:
    facts, reach = question.facts, question.policy.exclusion_days - 1
    after = facts.forerunners.closing(facts.shape, 0, reach, facts.days)
    before = facts.successors.closing(facts.shape, reach, 0, facts.days)
    return question.by_offer(after | before)


def _quiet(question: Question) -> Days:
    facts = question.facts
    return facts.quiet[facts.place[question.candidates.person], question.candidates.channel]


def _too_soon(question: Question) -> Days:
    facts, history = question.facts, question.facts.contacts
    if not question.policy.gap_days:
        return np.zeros(len(question.candidates), np.uint64)
    masks = np.zeros(facts.people, np.uint64)
    closed = between(history.day - question.policy.gap_days + 1, history.free_from - 1, facts.days)
    np.bitwise_or.at(masks, history.person, closed)
    return question.by_person(masks)


def _channel_cap(question: Question) -> Days:
    return question.capped("channel_cap")


def _promotion_cap(question: Question) -> Days:
    return question.capped("promotion_cap")


def _overall_cap(question: Question) -> Days:
    return question.capped("overall_cap")


def _household_cap(question: Question) -> Days:
    return question.capped("household_cap")


def _no_value(question: Question) -> Days:
    return question.always(~(question.candidates.value > 0))


RULES: tuple[Rule, ...] = (
    Rule("suppressed", "on the list of people never to contact", _suppressed),
    Rule("unknown_customer", "no customer number", _unknown_customer),
    Rule("consent_withdrawn", "consent withdrawn", _consent_withdrawn),
    Rule("consent_missing", "no consent on record", _consent_missing),
    Rule("complained", "complained recently", _complained),
    Rule("case_open", "service is handling an open case", _case_open),
    Rule("sales_lock", "sales is handling this", _sales_lock),
    Rule("channel_barred", "the offer does not use this touch point", _channel_barred),
    Rule("not_invited", "not in the audience of the offer", _not_invited),
    Rule("not_running", "the offer does not run on these days", _not_running),
    Rule("bought", "bought the product already", _bought),
    Rule("returned", "returned the product", _returned),
    Rule("declined", "declined this offer or product", _declined),
    Rule("excluded", "has an offer that excludes this one", _excluded),
    Rule("not_after", "this offer may not follow one they had", _not_after),
    Rule("quiet", "quiet hours, a quiet day or a holiday where they live", _quiet),
    Rule("too_soon", "too soon after another contact", _too_soon),
    Rule("channel_cap", "contacted often enough through this touch point", _channel_cap),
    Rule("promotion_cap", "heard of this offer often enough", _promotion_cap),
    Rule("overall_cap", "contacted often enough over all touch points", _overall_cap),
    Rule("household_cap", "the household was contacted often enough", _household_cap),
    Rule("no_value", "would not earn more than it costs", _no_value),
)
"""Every rule, in order of severity."""


@dataclass(frozen=True)
class Judgement:
    """What the rules say of each candidate.

    Parameters
    ----------
    open_days
        Days on which it may happen, shape ``(candidates,)``; 0 if none.
    stopped_by
        Position in `RULES` of the rule that closed its last day, or -1, shape ``(candidates,)``.
    """

    open_days: Days
    stopped_by: NDArray[np.int8]


def rule_index(name: str) -> int:
    """Return the position of a rule in `RULES`.

    Raises
    ------
    KeyError
        If there is no rule of this name.
    """
    for place, rule in enumerate(RULES):
        if rule.name == name:
            return place
    raise KeyError(name)


def rolling_windows(facts: Facts, policy: ContactPolicy) -> tuple[Windows, ...]:
    """Count the known contacts in the windows of every cap that can matter to this plan."""
    names = [point.channel for point in facts.touch_points]
    alone = np.arange(facts.people)
    history = facts.contacts
    caps = [(cap, rule_of(cap)) for cap in policy.caps]
    if policy.gap is not None:
        caps.append((policy.gap, "too_soon"))
    counted = []
    for cap, rule in caps:
        if cap.channel is not None and cap.channel not in names:
            continue
        channel = None if cap.channel is None else names.index(cap.channel)
        ours = np.ones(len(history.day), bool) if channel is None else history.channel == channel
        group = alone if cap.scope == "person" else facts.household
        for offer in _each(cap, facts):
            these = ours if offer is None else ours & (history.offer == offer)
            counted.append(
                count_windows(cap, group, history.person[these], history.day[these], facts.days, channel, offer, rule)
            )
    return tuple(counted)


def _each(cap: Cap, facts: Facts) -> list[int | None]:
    """Return the offers for each of which a cap counts by itself, or None where it counts all together."""
    if cap.each is None:
        return [None]
    return [place for place, offer in enumerate(facts.offers) if offer.promotion is not None]


def judge(question: Question) -> Judgement:
    """Put every rule to every candidate.

    Returns
    -------
    The open days, and for each candidate without any the rule that closed the last.
    """
    open_days = np.full(len(question.candidates), question.whole, np.uint64)
    stopped_by = np.full(len(question.candidates), -1, np.int8)
    for place, rule in enumerate(RULES):
        left = open_days & ~rule.closed(question)
        stopped_by[(open_days != 0) & (left == 0)] = place
        open_days = left
    return Judgement(open_days, stopped_by)
