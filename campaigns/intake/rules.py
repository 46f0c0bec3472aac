"""The rules that a column or a row must keep once its cells can be read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pyarrow as pa

from campaigns.channels import WELL_KNOWN, canonical, likely_meant
from campaigns.intake.cells import Mask, recode
from campaigns.intake.formats import Column, Type
from campaigns.intake.kernels import Chunked, encoded, pc
from campaigns.intake.raw import Rows, counted
from campaigns.intake.review import Review
from campaigns.intake.times import INSTANT

__all__ = [
    "check_bounds",
    "check_identity",
    "check_keys",
    "check_past",
    "check_spans",
    "check_zones",
    "name_channels",
    "true_rows",
]

SHOWN_NAMES = 20
"""How many names a note lists before it only counts the rest."""


def true_rows(flags: Chunked) -> Mask:
    """Return flags as NumPy has them; where nothing is known there is nothing wrong."""
    mask: Mask = pc.fill_null(flags, False).to_numpy()
    return mask


def check_bounds(review: Review, column: Column) -> None:
    """Report numbers and amounts below what a column takes, or above it."""
    values = review.values[column.name]
    if values.null_count == len(values):
        return
    if column.minimum is not None:
        low = pc.less_equal if column.positive else pc.less
        words = f"more than {column.minimum:g}" if column.positive else f"{column.minimum:g} or more"
        review.report(true_rows(low(values, column.minimum)), column.name, words)
    if column.maximum is not None:
        review.report(true_rows(pc.greater(values, column.maximum)), column.name, f"{column.maximum:g} or less")


def check_past(review: Review, column: Column, now: datetime, zone: ZoneInfo) -> None:
    """Report times and days that have not come yet."""
    values = review.values[column.name]
    if column.type is Type.TIME:
        late = pc.greater(values, pa.scalar(now.astimezone(UTC), INSTANT))
        words = f"a time that has passed (it is {now.astimezone(zone):%Y-%m-%d %H:%M})"
    else:
        today = now.astimezone(zone).date()
        late = pc.greater(values, pa.scalar(today, pa.date32()))
        words = f"a day that is not in the future (today is {today})"
    review.report(true_rows(late), column.name, words)


def check_spans(review: Review) -> None:
    """Report ends that lie before their start."""
    for first, second in review.kind.spans:
        rows = np.flatnonzero(true_rows(pc.less(review.values[second], review.values[first])))
        review.report(rows, second, [f"not before {first} ({text})" for text in review.written(first, rows)])


def check_zones(review: Review, column: str) -> None:
    """Report zones that do not exist, and write the others as they are officially written."""
    known = {zone.casefold(): zone for zone in available_timezones()}
    review.values[column], bad = recode(review.values[column], lambda text: known.get(text.casefold()))
    if bad is not None:
        review.report(bad, column, "an IANA zone such as Europe/Istanbul")


def check_identity(review: Review) -> None:
    """Report rows that do not say whose they are, as far as their kind asks for it."""
    kind = review.kind
    if "identifier_kind" not in {column.name for column in kind.all_columns} or kind.identity == "none":
        return
    customer, what, identifier = (review.present[name] for name in ("customer_id", "identifier_kind", "identifier"))
    review.report(identifier & ~what, "identifier_kind", "what the identifier is, for example email", "nothing")
    review.report(what & ~identifier, "identifier", "the identifier itself", "nothing")
    both = int(np.count_nonzero(customer & what & identifier))
    if both:
        review.notes.append(f"{counted(both)} with both a customer_id and an identifier: the customer_id counts")
    named = customer | what | identifier
    others = ("account_id",) if kind.identity == "account" else kind.anonymous_with
    for name in others:
        named = named | review.present[name]
    if kind.identity != "optional" or kind.anonymous_with:
        words = "a customer_id, or an identifier_kind with its identifier"
        review.report(~named, "customer_id", ", or ".join((words, *(f"the {name}" for name in others))), "nothing")


def name_channels(review: Review, column: Column, known: frozenset[str], *, hint: bool) -> None:
    """Write every channel by its one name, and note which were spelled otherwise or are new.

    Parameters
    ----------
    known
        Channels already in use.
    hint
        Whether a channel that nobody knows is worth a note.
    """
    used = dict.fromkeys(sorted(known))
    spelled: dict[str, str] = {}
    new: dict[str, None] = {}

    def one(text: str) -> str:
        name = canonical(text, used)
        if name != text:
            spelled.setdefault(text, name)
        if name not in WELL_KNOWN and name not in used:
            used[name] = None
            new[name] = None
        return name

    def each(text: str) -> str:
        return "|".join(dict.fromkeys(map(one, text.split("|")))) if column.type is Type.LIST else one(text)

    review.values[column.name], _ = recode(review.values[column.name], each)
    notes = [f'channel "{text}" read as "{name}"' for text, name in spelled.items()]
    if hint:
        for name in new:
            meant = likely_meant(name, known)
            notes.append(f'channel "{name}" is new' + (f'; did you mean "{meant}"?' if meant else ""))
    review.notes += notes[:SHOWN_NAMES]
    if len(notes) > SHOWN_NAMES:
        review.notes.append(f"and {len(notes) - SHOWN_NAMES:,} more names of channels like these")


def check_keys(review: Review) -> None:
    """Report rows that repeat the key of an earlier row of the same file.

    Which of the two holds cannot be known, and adding them up silently would be wrong as often as right, so the later
    one is a fault. That goes for ``spend`` too: there, a file with several rows per day, channel, campaign, ad,
    region and kind of cost says so by a mapping that groups and sums them.
    """
    key = review.kind.key
    if not key:
        return
    # Sources of one file seldom differ; where they do, the same key may stand once in each.
    columns = [review.values[name] for name in (*key, "source")]
    whole = np.ones(review.rows, bool)
    for name in key:
        whole &= ~review.present[name] | true_rows(pc.is_valid(review.values[name]))
    if review.kind.key_optional or len(key) == 1:
        whole &= review.present[key[0]]
    later, earlier = _repeated(columns, np.flatnonzero(whole))
    if not len(later):
        return
    lines = review.lines(earlier)
    if len(key) == 1:
        words = [f"each {key[0]} once; line {line} has it already" for line in lines]
        review.report(later, key[0], words)
        return
    found = [", ".join(texts) for texts in zip(*(review.written(name, later) for name in key), strict=True)]
    advice = "; add them up, or tell them apart by campaign, ad or source" if review.kind.name == "spend" else ""
    words = [f"one row for each {', '.join(key)}; line {line} has these already{advice}" for line in lines]
    review.report(later, "", words, found)


def _repeated(columns: list[Chunked], rows: Rows) -> tuple[Rows, Rows]:
    """Return the rows whose values stand in an earlier row too, and for each the first such row."""
    codes = np.zeros(len(rows), np.int64)
    for column in columns:
        wanted = column if len(rows) == len(column) else column.take(rows)
        array = encoded(pc.dictionary_encode(wanted, null_encoding="encode"))
        codes = _combined(codes, array.indices.to_numpy().astype(np.int64))
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    same = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
    if not len(same):
        return rows[:0], rows[:0]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    first = order[starts[np.searchsorted(starts, same, side="right") - 1]]
    return rows[order[same]], rows[first]


def _combined(codes: Rows, more: Rows) -> Rows:
    """Return one code for each pair of codes."""
    if codes.max(initial=0) > 2**31:  # so that the product stays within 64 bits
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return codes * (int(more.max(initial=0)) + 1) + more
