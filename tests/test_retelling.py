"""Sentences kept in English are told in the reader's language, whatever stands in them."""

from __future__ import annotations

import io

import pytest

from campaigns.faults import Fault
from campaigns.language import use
from campaigns.retelling import CONTEXT, found, retold


def test_english_readers_get_a_sentence_as_it_was_kept() -> None:
    assert retold("There is no plan 7.") == "There is no plan 7."
    assert retold("") == ""


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("There is no plan 7.", "7 numaralı plan yok."),
        ("consent given", "izin verilmiş"),
        ("Stopped on request.", "İstek üzerine durduruldu."),
        ("deal won on 2026-03-05", "anlaşma kazanıldı, 5 Mar 2026"),
        ("email: 12% chance that it does nothing at all.", "E-posta: hiçbir etkisi olmama olasılığı %12."),
        ("May 2026: costs of google restated", "Mayıs 2026: google maliyetleri düzeltildi"),
        ("2,100 new orders", "2.100 yeni sipariş"),
    ],
)
def test_a_kept_sentence_is_told_in_turkish_with_its_values(kept: str, told: str) -> None:
    with use("tr"):
        assert retold(kept) == told


def test_clauses_and_sentences_are_told_one_by_one() -> None:
    with use("tr"):
        assert retold("no consent on record; consent given") == "kayıtlı izin yok; izin verilmiş"
        assert retold("Try again. Ask again.") == "Yeniden deneyin. Yeniden isteyin."


def test_a_fault_is_told_with_its_place_and_what_was_expected() -> None:
    fault = Fault(5, "cost", "1,234.5.6", "an amount such as 12.50")
    with use("tr"):
        assert retold(str(fault)) == "satır 5, cost: bulunan 1,234.5.6; beklenen 12.50 gibi bir tutar"


def test_what_fits_no_sentence_stays_as_it_was_kept() -> None:
    with use("tr"):
        assert retold("Voucher for Ada") == "Voucher for Ada"
        assert retold("İlkbahar 100 % indirim") == "İlkbahar %100 indirim"


def test_the_texts_of_faults_are_found_with_places_for_their_values() -> None:
    source = b'''
def check(name, days):
    """Not for readers."""
    raise RefusedError(f"{name} is left out for {days:,} days.", [Fault(0, "", "one word", "100 % of it")])
    raise ValueError("not for readers either")
'''
    messages = [message[2] for message in found(io.BytesIO(source), {}, [], {})]
    assert messages == [
        (CONTEXT, "%(name)s is left out for %(days)s days."),
        (CONTEXT, "one word"),
        (CONTEXT, "100 % of it"),
    ]
