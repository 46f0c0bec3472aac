"""Which ways of writing an identifier mean the same: the form under which it is kept and matched.

Deliberately small and predictable; national phone formats and likeness of names and addresses are for probabilistic
matching, not for this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute

__all__ = ["CUSTOMER", "LINKED", "normalise", "normalised"]

CUSTOMER = "customer"
"""Kind of the identity that is a ``customer_id``."""

LINKED = ("email", "phone", "loyalty")
"""Columns of the customers kind that say what a customer is known by; each is named as its kind of identifier."""

Text: TypeAlias = Any
"""A ``pyarrow.Array`` of strings."""

pc: Any = pyarrow.compute  # its type stubs lag behind the library


def normalise(kind: str, identifier: str) -> str:
    """Return the form under which one identifier is kept; see :func:`normalised`."""
    form: str = normalised(pa.array([kind]), pa.array([identifier]))[0].as_py()
    return form


def normalised(kinds: Text, identifiers: Text) -> Text:
    """Return the form under which identifiers are kept and matched.

    ==================  ==========================================================================
    ``email``           without spaces around it, in lower case
    ``phone``           digits only; a leading ``+`` stays, a leading ``00`` becomes ``+``, and the ``(0)`` of
                        ``+90 (0)532 ...`` goes
    ``loyalty``         without spaces: cards print their number in groups
    ``postal``          in lower case, with single spaces
    any other           without spaces around it
    ==================  ==========================================================================

    All are first brought to the Unicode form NFKC. What would leave nothing (a phone number without a digit) stays
    as it was written.

    Parameters
    ----------
    kinds
        Kind of each identifier, strings, shape ``(n,)``.
    identifiers
        The identifiers as written, strings, shape ``(n,)``; may hold nulls.

    Returns
    -------
    Strings of shape ``(n,)``, null where the identifier is.
    """
    written = _trimmed(identifiers)
    forms = written
    for kind in pc.unique(kinds).drop_null().to_pylist():
        if kind in _FORMS:
            forms = pc.if_else(pc.equal(kinds, kind), _FORMS[kind](written), forms)
    forms = _trimmed(forms)  # what a form took out may have kept apart what now combines
    return pc.if_else(pc.equal(forms, ""), written, forms)


def _trimmed(texts: Text) -> Text:
    return pc.utf8_trim_whitespace(pc.utf8_normalize(texts, form="NFKC"))


def _email(written: Text) -> Text:
    return pc.utf8_lower(written)


def _phone(written: Text) -> Text:
    international = pc.match_substring_regex(written, r"^\s*(\+|00)")
    bare = pc.replace_substring_regex(written, r"^\s*00", "")
    bare = pc.if_else(international, pc.replace_substring(bare, "(0)", ""), bare)
    digits = pc.replace_substring_regex(bare, "[^0-9]", "")
    with_plus = pc.binary_join_element_wise("+", digits, "")
    return pc.if_else(pc.and_(international, pc.not_equal(digits, "")), with_plus, digits)


def _loyalty(written: Text) -> Text:
    return pc.replace_substring_regex(written, r"\s+", "")


def _postal(written: Text) -> Text:
    return pc.utf8_lower(pc.replace_substring_regex(written, r"\s+", " "))


_FORMS: Mapping[str, Callable[[Text], Text]] = {
    "email": _email,
    "phone": _phone,
    "loyalty": _loyalty,
    "postal": _postal,
}
