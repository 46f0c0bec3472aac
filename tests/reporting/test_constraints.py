"""What limits a plan, in both languages, from the terms that the plan keeps."""

import pytest

from campaigns.language import use
from campaigns.reporting.constraints import constraint_words, price_words
from campaigns.reporting.figures import THIN
from campaigns.terms import PlanConstraint


def cap(limit, **about):
    kept = {"channel": None, "days": 7, "scope": "person", "each": None} | about
    return PlanConstraint("kept for programs", float(limit), 1.0, 12.0, "cap", kept)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (cap(2, channel="email"), "at most 2 E-mail contacts per person in any 7 days"),
        (cap(1, days=1), "at most 1 contact per person in a day"),
        (cap(4, scope="household", days=30), "at most 4 contacts per household in any 30 days"),
        (cap(1, each="promotion"), "at most 1 contact about the same promotion per person in any 7 days"),
        (PlanConstraint("x", 8.0, 7.0, 1.0, "capacity", {"resource": "agent-hours"}), "agent-hours"),
        (PlanConstraint("x", 8.0, 7.0, 1.0, "capacity", {"resource": "Regal 7"}), "Regal 7"),
        (PlanConstraint("x", 8.0, 7.0, 1.0, "budget"), "budget"),
        (PlanConstraint("x", 8.0, 7.0, 1.0, "budget", {"promotion": "spring"}), "budget of spring"),
        (
            PlanConstraint("x", 8.0, 7.0, 1.0, "volume", {"promotion": "spring", "bound": "least"}),
            "contacts about spring, at least",
        ),
        (
            PlanConstraint("x", 0.0, 7.0, 1.0, "share", {"share": 0.25, "bound": "most"}),
            "at most 25 % relationship contacts",
        ),
        (PlanConstraint("an older plan kept this", 8.0, 7.0, 1.0), "an older plan kept this"),
    ],
)
def test_a_constraint_is_named_from_its_terms(one, words):
    assert constraint_words(one).replace(THIN, " ") == words


def test_every_kind_speaks_turkish():
    with use("tr"):
        assert constraint_words(cap(2, channel="email")) == "7 günde kişi başına en çok 2 E-posta teması"
        assert constraint_words(PlanConstraint("x", 8.0, 7.0, 1.0, "budget")) == "bütçe"
        told = price_words(cap(2, channel="email"), "12 €", "EUR")
    assert (
        told
        == "7 günde kişi başına en çok 2 E-posta teması: herkes için bir tane fazlası toplam yaklaşık 12 € kazandırır"
    )


def test_prices_say_what_they_are_of():
    assert price_words(cap(2), "€12", "EUR") == (
        "at most 2 contacts per person in any 7 days: one more for everybody would earn about €12 in all"
    )
    dear = PlanConstraint("x", 8.0, 7.0, -1.0, "volume", {"promotion": "spring", "bound": "least"})
    assert price_words(dear, "€1", "EUR") == "contacts about spring, at least: its last contact costs the plan about €1"
    own = PlanConstraint("x", 8.0, 7.0, 1.0, "budget", {"promotion": "spring"})
    assert price_words(own, "€1", "EUR") == "One more EUR of budget for spring would earn about €1"
