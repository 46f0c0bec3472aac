"""Ways of writing an identifier that mean the same have the same form."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.intake.formats import IDENTIFIER_KINDS
from campaigns.people.identity import normalise, normalised

ANY_KIND = st.sampled_from((*IDENTIFIER_KINDS, "customer"))


@pytest.mark.parametrize(
    ("kind", "written", "form"),
    [
        ("email", " Ada@Example.COM ", "ada@example.com"),
        ("email", "ＡＤＡ@example.com", "ada@example.com"),
        ("phone", "+90 (532) 123-45-67", "+905321234567"),
        ("phone", "0090 532 123 45 67", "+905321234567"),
        ("phone", "+90 (0)532 123 45 67", "+905321234567"),
        ("phone", "0532 123 45 67", "05321234567"),
        ("phone", "n/a", "n/a"),
        ("phone", "+", "+"),
        ("loyalty", "9000 1234 5678", "900012345678"),
        ("postal", " 12  Mill Lane,\nX ", "12 mill lane, x"),
        ("cookie", " aB-c ", "aB-c"),
        ("device", "A b", "A b"),
        ("customer", " C-1 ", "C-1"),
        ("crm", "x" * 3, "xxx"),
    ],
)
def test_an_identifier_is_kept_in_its_form(kind: str, written: str, form: str):
    assert normalise(kind, written) == form


def test_a_column_may_hold_several_kinds_and_nothing():
    kinds = pa.array(["email", "phone", None, "customer", "email"])
    written = pa.array(["A@B", "1-2", None, "A@B", None])

    assert normalised(kinds, written).to_pylist() == ["a@b", "12", None, "A@B", None]


def test_a_column_of_nothing_has_no_forms():
    assert normalised(pa.array([], pa.string()), pa.array([], pa.string())).to_pylist() == []


@given(ANY_KIND, st.text(min_size=1).map(str.strip).filter(bool))
def test_a_form_is_its_own_form_and_never_empty(kind: str, written: str):
    form = normalise(kind, written)

    assert form
    assert normalise(kind, form) == form
