"""Consent: what each person allowed, and what they took back."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["CONSENTS", "Consent", "consent_words", "consents", "for_service"]

CONSENTS = ("email", "phone", "sms", "mail", "ads")
"""Kinds of consent; each touch point needs one of them, or none."""


class Consent(IntEnum):
    """What is known of one kind of consent of one person."""

    UNKNOWN = 0
    GIVEN = 1
    WITHDRAWN = 2


def consents(persons: pa.Table, opt_outs: pa.Table, needed: Mapping[str, str]) -> NDArray[np.int8]:
    """Say what each person consents to.

    The latest record of the person counts (``no`` is a withdrawal), and an opt-out always beats it: files of customers
    carry no date of consent, so that one exported after the opt-out may still repeat the old yes.

    Parameters
    ----------
    persons
        Columns ``consent_email`` ... ``consent_ads`` (yes, no, unknown or null), one row per person.
    opt_outs
        Columns ``person`` (row in ``persons``) and ``channel``. An opt-out withdraws the consent that its touch point
        needs; without a touch point, or with one that needs no consent or is not known, it withdraws all.
    needed
        The consent that each touch point needs (one of `CONSENTS`, or ``none``).

    Returns
    -------
    Codes of `Consent`, shape ``(persons, kinds)``, kinds in the order of `CONSENTS`.
    """
    codes: Mapping[Any, Consent] = {"yes": Consent.GIVEN, "no": Consent.WITHDRAWN}
    known = np.zeros((persons.num_rows, len(CONSENTS)), np.int8)
    for place, name in enumerate(CONSENTS):
        written = persons[f"consent_{name}"].combine_chunks().dictionary_encode()
        code = [codes.get(word, Consent.UNKNOWN) for word in written.dictionary.to_pylist()]
        lookup = np.asarray([*code, Consent.UNKNOWN], np.int8)
        known[:, place] = lookup[np.asarray(written.indices.fill_null(len(code)), np.int64)]
    for person, channel in zip(opt_outs["person"].to_pylist(), opt_outs["channel"].to_pylist(), strict=True):
        kind = needed.get(channel or "", "none")
        known[person, CONSENTS.index(kind) if kind in CONSENTS else slice(None)] = Consent.WITHDRAWN
    return known


def for_service(known: NDArray[np.int8], purposes: pa.Table) -> NDArray[np.int8]:
    """Say what each person consents to for service contacts (news of an order, of a contract).

    Parameters
    ----------
    known
        Codes of `Consent` to marketing, shape ``(persons, kinds)``.
    purposes
        Columns ``person`` (row of ``known``), ``consent`` (one of `CONSENTS`) and ``written`` (yes, no, unknown): what
        a file says of service contacts apart from marketing. Where it says nothing, the consent to marketing holds.

    Returns
    -------
    Codes like ``known``; a consent that was withdrawn by an opt-out stays withdrawn.
    """
    codes = {"yes": Consent.GIVEN, "no": Consent.WITHDRAWN}
    served = known.copy()
    for row in purposes.to_pylist():
        place = CONSENTS.index(row["consent"])
        if row["written"] in codes and known[row["person"], place] != Consent.WITHDRAWN:
            served[row["person"], place] = codes[row["written"]]
    return served


def consent_words(code: int) -> str:
    """Return a consent as people read it."""
    return {Consent.UNKNOWN: "no consent on record", Consent.GIVEN: "consent given"}.get(
        Consent(code), "consent withdrawn"
    )
