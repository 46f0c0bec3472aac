"""What is wrong with a policy, and with what a plan is to be made of, said before anything is reserved. Pure.

What contradicts itself stops the plan; all of it is named at once. What only makes the plan poorer is a caution, which
the plan carries as a note.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from campaigns.channels import canonical
from campaigns.faults import Fault, RefusedError
from campaigns.planning.asking import Wishes, contact_words
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.quiet import WEEKDAYS, minutes
from campaigns.planning.records import Records

__all__ = ["Findings", "check_policy", "examine", "old_data_note", "policy_findings", "stale_note"]

DAY = 24 * 60

OLD_DAYS = 14
"""Days without any data before a plan from which on the plan says so."""


@dataclass(frozen=True)
class Findings:
    """What was found: what stops a plan, and what it should say besides."""

    stops: tuple[Fault, ...] = ()
    cautions: tuple[str, ...] = ()

    def __add__(self, other: Findings) -> Findings:
        return Findings((*self.stops, *other.stops), (*self.cautions, *other.cautions))

    def refuse(self, message: str, remedy: str) -> None:
        """Refuse what these findings stop.

        Raises
        ------
        RefusedError
            With everything that stops it.
        """
        if self.stops:
            raise RefusedError(message, self.stops, remedy)


def check_policy(policy: ContactPolicy) -> tuple[str, ...]:
    """Return the cautions about a policy.

    Raises
    ------
    RefusedError
        With every contradiction in it.
    """
    found = policy_findings(policy)
    found.refuse("The rules of this contact policy contradict one another:", "Change one of each pair.")
    return found.cautions


def policy_findings(policy: ContactPolicy) -> Findings:
    """Find the rules of a policy that contradict one another, and those that can never matter."""
    return Findings(tuple(_contradictions(policy)), tuple(_idle(policy)))


def _contradictions(policy: ContactPolicy) -> Iterator[Fault]:
    quiet = policy.quiet
    if len(quiet.days) == len(WEEKDAYS):
        yield Fault(
            0, "policy.quiet.days", "all seven days of the week", "at least one day on which somebody may speak"
        )
    begins, ends = minutes(quiet.begins), minutes(quiet.ends)
    if begins % DAY == ends % DAY and begins != ends:
        yield Fault(0, "policy.quiet", f"quiet hours from {quiet.begins} to {quiet.ends}", "an hour that is not quiet")
    for channel in quiet.staffed:
        if channel in quiet.channels and _covers(begins, ends, minutes(quiet.opens), minutes(quiet.closes)):
            yield Fault(
                0,
                "policy.quiet",
                f"quiet hours {quiet.begins} to {quiet.ends} over the whole of the office hours {quiet.opens} to "
                f"{quiet.closes}",
                f"an office hour in which a {contact_words(channel)} may be made",
            )
    scarcest = {(cap.days, cap.channel, cap.each): cap for cap in policy.caps if cap.scope == "household"}
    for place, cap in enumerate(policy.caps, start=1):
        home = scarcest.get((cap.days, cap.channel, cap.each))
        if cap.scope == "person" and home is not None and home.limit == 0 < cap.limit:
            yield Fault(0, f"policy.caps[{place}]", cap.words, f"no more than the household may have ({home.words})")
        if cap.limit and policy.gap_days > cap.days and cap.limit > 1:
            yield Fault(
                0,
                f"policy.caps[{place}]",
                f"{cap.words}, with {policy.hours_between} hours between contacts",
                "a limit that fits between the hours that contacts are apart",
            )


def _covers(begins: int, ends: int, opens: int, closes: int) -> bool:
    """Tell whether quiet hours leave nothing of the office hours."""
    if begins == ends:
        return False
    if begins < ends:
        return begins <= opens and closes <= ends
    return opens >= begins or closes <= ends


def _idle(policy: ContactPolicy) -> Iterator[str]:
    for cap in policy.caps:
        for other in policy.caps:
            same = (cap.channel, cap.scope, cap.each) == (other.channel, other.scope, other.each)
            if same and other.days > cap.days and other.limit <= cap.limit and cap.limit:
                yield f"The limit of {cap.words} never matters: {other.words} is stricter."
                break
    if policy.relationship_is == "marketing" and policy.service_presumed:
        yield "service_presumed has no effect while relationship_is = marketing."


def examine(records: Records, policy: ContactPolicy, wishes: Wishes) -> Findings:
    """Look through what a plan is to be made of.

    Returns
    -------
    What stops it (an offer that ends before it starts, values that are not numbers, offers that contradict one another,
    an offer that earns nothing) and what to be careful about (capacities of zero, offers nobody can get).
    """
    promotions = records.promotions.to_pylist()
    running = [row for row in promotions if _runs(row, wishes)]
    return Findings(
        (
            *_offer_faults(promotions),
            *_number_faults(records),
            *_relation_faults(running),
            *_forbidden(running, policy),
        ),
        (
            *_margins(running, records),
            *_capacities(records, wishes),
            *_touch_points(running, records),
            *_nan_scores(records),
        ),
    )


def _runs(row: dict[str, Any], wishes: Wishes) -> bool:
    return (row["ends_on"] is None or row["ends_on"] >= wishes.starts_on) and (
        row["starts_on"] is None or row["starts_on"] <= wishes.ends_on
    )


def _offer_faults(promotions: Sequence[dict[str, Any]]) -> Iterator[Fault]:
    for row in promotions:
        if row["starts_on"] is not None and row["ends_on"] is not None and row["ends_on"] < row["starts_on"]:
            found = f"{row['promotion']} ends on {row['ends_on']}, before it starts on {row['starts_on']}"
            yield Fault(0, "promotions.ends_on", found, "a day not before starts_on")


def _number_faults(records: Records) -> Iterator[Fault]:
    for row in records.promotions.to_pylist():
        for name in ("margin", "discount", "budget"):
            if row[name] is not None and not math.isfinite(row[name]):
                yield Fault(0, f"promotions.{name}", f"{row[name]} for {row['promotion']}", "a number")
    for row in records.capacities.to_pylist():
        if row["limit"] is None or not math.isfinite(row["limit"]) or row["limit"] < 0:
            yield Fault(0, "capacities.limit", f"{row['limit']} for {row['resource']} on {row['date']}", "0 or more")
    for row in records.channels.to_pylist():
        if row["unit_cost"] is not None and not (math.isfinite(row["unit_cost"]) and row["unit_cost"] >= 0):
            yield Fault(0, "channels.unit_cost", f"{row['unit_cost']} for {row['channel']}", "0 or more")
    wrong = _wrong_scores(records)
    if wrong and wrong == records.scores.num_rows:
        yield Fault(0, "scores", f"none of {wrong:,} is a number", "scores of a run: touchstone fit")


def _relation_faults(running: Sequence[dict[str, Any]]) -> Iterator[Fault]:
    after = {row["promotion"]: row["not_after"] for row in running}
    for row in running:
        name = row["promotion"]
        if name in _listed(row["excludes"]):
            yield Fault(0, "promotions.excludes", f"{name} excludes itself", "other promotions")
        if row["not_after"] == name:
            yield Fault(0, "promotions.not_after", f"{name} may not come after itself", "another promotion")
        elif row["not_after"] in after and after[row["not_after"]] == name and name < row["not_after"]:
            found = f"{name} may not come after {row['not_after']}, nor {row['not_after']} after {name}"
            yield Fault(0, "promotions.not_after", found, "one of the two, or excludes")


def _forbidden(running: Sequence[dict[str, Any]], policy: ContactPolicy) -> Iterator[Fault]:
    none = {cap.channel for cap in policy.caps if not cap.limit and cap.channel is not None and cap.each is None}
    for row in running:
        wanted = {canonical(name) for name in _listed(row["channels"])}
        if wanted and wanted <= none:
            found = f"{row['promotion']} may use only {', '.join(sorted(wanted))}, of which the policy allows none"
            yield Fault(0, "policy.caps", found, "a limit above 0, or another touch point for the promotion")


def _margins(running: Sequence[dict[str, Any]], records: Records) -> Iterator[str]:
    for row in running:
        discount = row["discount"] or 0.0
        if row["margin"] is None:
            said = (
                "the mean margin of an order" if records.order_margin is not None else "a share of the mean order value"
            )
            yield f"{row['promotion']} has no margin: {said} is taken."
        elif row["margin"] - discount <= 0:
            yield (
                f"{row['promotion']} earns nothing: its margin of {row['margin']:,.2f} less the discount of "
                f"{discount:,.2f} is not above 0."
            )


def _capacities(records: Records, wishes: Wishes) -> Iterator[str]:
    totals: dict[str, float] = {}
    spoken: set[str] = set()
    for row in records.capacities.to_pylist():
        inside = wishes.starts_on <= row["date"] <= wishes.ends_on
        totals[row["resource"]] = totals.get(row["resource"], 0.0) + (row["limit"] or 0.0) * inside
        spoken |= {row["resource"]} if inside else set()
    for name, total in sorted(totals.items()):
        if name not in spoken:
            yield (
                f"No row of capacities tells how much {name} there is from {wishes.starts_on} to {wishes.ends_on}: "
                "none is taken to be there, and nothing that needs it can happen."
            )
        elif total == 0:
            yield (
                f"The capacity of {name} is 0 on every day from {wishes.starts_on} to {wishes.ends_on}: nothing that "
                "needs it can happen."
            )


def _touch_points(running: Sequence[dict[str, Any]], records: Records) -> Iterator[str]:
    usable = {row["channel"] for row in records.channels.to_pylist() if row["plannable"]}
    for row in running:
        wanted = {canonical(name) for name in _listed(row["channels"])}
        if wanted and not wanted & usable:
            names = ", ".join(sorted(wanted))
            yield f"{row['promotion']} reaches nobody: none of its touch points ({names}) is planned."


def _wrong_scores(records: Records) -> int:
    scores = np.asarray(records.scores["extra_responses"].to_numpy(), np.float64)
    return int((~np.isfinite(scores)).sum())


def _nan_scores(records: Records) -> Iterator[str]:
    if wrong := _wrong_scores(records):
        yield f"{wrong:,} scores are not numbers: their contacts are left out. Fit again to mend them."


def old_data_note(known_until: date | None, starts_on: date) -> str | None:
    """Say that nothing is known of the days before a plan, or None if what is known ends shortly before it.

    Parameters
    ----------
    known_until
        Last day of which files tell.
    starts_on
        First day of the plan.
    """
    if known_until is None or (starts_on - known_until).days <= OLD_DAYS:
        return None
    return (
        f"What files tell ends on {known_until}, {(starts_on - known_until).days:,} days before this plan begins: "
        "orders, contacts and opt-outs since then are not heeded."
    )


def stale_note(scored_at: datetime | None, imported_at: datetime | None) -> str | None:
    """Say that scores are older than the newest import, or None if they are not.

    Parameters
    ----------
    scored_at
        When the run behind the scores began to read.
    imported_at
        When the newest import ended.
    """
    if scored_at is None or imported_at is None or imported_at <= scored_at + timedelta(0):
        return None
    return (
        f"The scores are of {scored_at:%Y-%m-%d %H:%M} UTC, older than the newest import of "
        f"{imported_at:%Y-%m-%d %H:%M} UTC. Run: touchstone fit"
    )


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split("|") if part.strip()]
