from dataclasses import asdict

import pytest

from campaigns.reporting.tokens import DARK, LIGHT, Palette, contrast, custom_properties

GROUNDS = ("page", "surface", "raised")


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1.0
    with pytest.raises(ValueError, match="#rrggbb"):
        contrast("red", "#ffffff")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(palette: Palette) -> None:
    colours = asdict(palette)
    for ground in GROUNDS:
        for text in ("ink", "muted", "link"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for verdict in ("more", "less", "test", "keep"):
        assert contrast(colours[verdict], colours[f"{verdict}_ground"]) >= 4.5, verdict


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_and_edges_stand_out_from_their_ground(palette: Palette) -> None:
    for mark in (palette.estimate, palette.other, palette.truth, palette.focus, palette.edge):
        assert contrast(mark, palette.surface) >= 3.0
    assert contrast(palette.other, palette.surface) >= 4.5  # it is the colour of a label in a chart


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_no_two_tokens_share_a_colour(palette: Palette) -> None:
    assert len(set(asdict(palette).values())) == len(asdict(palette))


def test_properties_follow_the_reader_and_paper_is_always_light() -> None:
    css = custom_properties()
    assert css.count("--estimate:") == 2
    assert "@media screen and (prefers-color-scheme: dark)" in css
    assert "--more-ground:" in css
