"""What people type into the search, read as what they may mean."""

import pytest

from campaigns.people.habits import usually_buys_on_offer
from campaigns.people.searching import read_search


@pytest.mark.parametrize("typed", ["0532 123 45 67", "+90 532 123 45 67", "0090 (532) 123 45 67"])
def test_a_telephone_is_found_however_it_is_dialled(typed: str):
    phones = read_search(typed, "TR").phones

    assert {"+905321234567", "905321234567", "05321234567", "5321234567"} <= set(phones)


def test_an_address_is_looked_up_in_small_letters_and_is_no_name():
    wanted = read_search("  Ada@Example.COM ")

    assert (wanted.email, wanted.words) == ("ada@example.com", ())


def test_a_name_is_looked_up_in_the_ways_names_are_written():
    (ilker,) = read_search("ilker").words

    assert {"ilker", "Ilker", "İlker", "ILKER"} <= set(ilker)
    assert read_search("Yılmaz, Ayşe").words[0][0] == "Yılmaz"


def test_nothing_is_looked_up_for_blanks_and_only_the_beginning_of_what_is_endless():
    assert read_search("   ") == read_search("")
    assert len(read_search("x" * 10_000).numbers[0]) == 200


def test_to_buy_on_offer_is_a_habit_from_three_orders_on():
    assert usually_buys_on_offer(3, 2)
    assert not usually_buys_on_offer(2, 2)
    assert not usually_buys_on_offer(6, 3)
    with pytest.raises(ValueError, match="of 1 orders"):
        usually_buys_on_offer(1, 2)
