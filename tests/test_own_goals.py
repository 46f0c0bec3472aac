"""Goals of an installation's own, from its settings file."""

from pathlib import Path

import pytest

from campaigns.faults import SettingsError
from campaigns.settings import Settings, known_goals
from campaigns.terms import GOALS, Goal


def written(folder: Path, text: str) -> Path:
    (folder / "touchstone.toml").write_text(text, "utf-8")
    return folder


def test_without_any_there_are_the_usual_ones(tmp_path: Path) -> None:
    assert known_goals(tmp_path) == GOALS


def test_a_firm_may_define_its_own(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        '[goals.first_deal]\nkinds = ["won"]\nunit = "account"\ncount = "first"\ncarry_over_days = 270\n'
        'plural = "first deals"\n',
    )
    assert known_goals(folder)["first_deal"] == Goal(
        "first_deal", ("won",), "first deal", "first deals", 270, "account", "first"
    )
    assert Settings.from_environ({}, folder) == Settings()


def test_every_fault_of_every_goal_is_told_at_once(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        '[goals.order]\nkinds = ["order"]\n[goals.a]\nkinds = ["x"]\n'
        '[goals.b]\nkind = 1\n[goals.c]\nkinds = ["lead"]\nday = 1\n',
    )
    with pytest.raises(SettingsError) as refused:
        known_goals(folder)
    assert [fault.column for fault in refused.value.faults] == [
        "goals.order", "goals.a.kinds", "goals.b", "goals.c.day",
    ]  # fmt: skip
