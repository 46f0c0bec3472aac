"""Conversion paths are read in our own form and as Google Analytics 4 exports them."""

from pathlib import Path

from campaigns.intake.conversion_paths import read_paths

GA4 = """# ----------------------------------------
# Attribution paths
# Start date: 20260501
# ----------------------------------------
Default channel group,Key events,Purchase revenue,Days to key event,Touchpoints to key event
Organic Search x 2 (0%) → Email (100%),"1,204.50","10,000.25",3.2,3
Direct (100%),7,0,0,1
,1211.50,10000.25,,
"""


def test_the_paths_of_ga4_become_touches_with_their_conversions_and_revenue(tmp_path: Path) -> None:
    (tmp_path / "paths.csv").write_text(GA4, "utf-8")
    raw = read_paths(tmp_path / "paths.csv", " > ")
    assert raw.table.to_pylist() == [
        {
            "path": "Organic Search > Organic Search > Email",
            "total_conversions": "1204.50",
            "total_conversion_value": "10000.25",
            "total_null": "0",
        },
        {"path": "Direct", "total_conversions": "7", "total_conversion_value": "0", "total_null": "0"},
    ]


def test_our_own_form_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "paths.csv").write_text("path,total_conversions\na > b,3\n", "utf-8")
    assert read_paths(tmp_path / "paths.csv", " > ").table.to_pydict() == {
        "path": ["a > b"],
        "total_conversions": ["3"],
    }
