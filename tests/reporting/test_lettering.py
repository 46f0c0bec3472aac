from hypothesis import given
from hypothesis import strategies as st

from campaigns.reporting.lettering import across, shortened


def test_a_name_that_fits_stays_whole() -> None:
    assert shortened("Spring letter", 200) == "Spring letter"


def test_a_long_name_ends_in_an_ellipsis() -> None:
    assert shortened("Spring letter with a very long name", 90) == "Spring letter…"


def test_wide_letters_take_more_room_than_narrow_ones() -> None:
    assert across("illi") < across("nooe") < across("MOWW") < across("漢字漢字")
    assert across("e\N{COMBINING ACUTE ACCENT}") == across("e")


@given(st.text(), st.floats(20, 300))
def test_what_is_cut_fits_and_can_be_written(text: str, room: float) -> None:
    cut = shortened(text, room)
    assert across(cut) <= room or cut == text
    assert cut == text or text.startswith(cut[:-1])
