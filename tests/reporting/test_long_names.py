"""Names of channels in sentences: cut to some words, kept apart where they run from right to left."""

import pytest

from campaigns.reporting.naming import channel_name, name_in_a_sentence


def test_a_name_of_ordinary_length_stays_as_it_is():
    for name in ("email", "paid_social", "Sommer-Aktion 🎉"):
        assert name_in_a_sentence(name) == channel_name(name)


@pytest.mark.parametrize("name", ["Unbreakable" * 18, "🎉 Sommer-Aktion für alle! " * 8, "夏のセール" * 40])
def test_a_name_of_two_hundred_signs_is_cut(name):
    told = name_in_a_sentence(name)
    assert told.endswith("…")
    assert len(told) < 60
    assert name.startswith(told[:-1])


def test_a_name_from_right_to_left_cannot_turn_the_sentence_around():
    told = name_in_a_sentence("عرض الربيع الكبير")
    assert told == "\N{FIRST STRONG ISOLATE}عرض الربيع الكبير\N{POP DIRECTIONAL ISOLATE}"
    long = name_in_a_sentence("عرض الربيع " * 20)
    assert (long[0], long[-2:]) == ("\N{FIRST STRONG ISOLATE}", "…\N{POP DIRECTIONAL ISOLATE}")
