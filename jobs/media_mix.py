"""A media mix fit from one file, with no database behind it: ``touchstone fit --aggregate``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaigns.faults import Fault, RefusedError
from campaigns.reporting.figures import about, number, span
from jobs.options import RunOptions

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from attribution.aggregate.findings import Contribution, MixFindings
    from attribution.aggregate.panel import Panel, PanelColumns
    from campaigns.terms import Range

__all__ = ["columns_of", "fit_media_mix", "media_mix_json", "media_mix_table", "read_panel_file"]

Progress = Callable[[str, float, str], None]

MEDIA, CONTROL = "spend_", "control_"
"""What the names of the columns of media and controls begin with, where they are not given one by one."""


def read_panel_file(path: Path) -> pd.DataFrame:
    """Read the file as text: CSV, CSV.GZ, Parquet, JSON Lines or XLSX.

    Raises
    ------
    RefusedError
        If it cannot be read, with every fault.
    """
    import numpy as np

    from campaigns.intake.reading import read

    raw = read(path)
    lines = raw.line_of(np.array([finding.row for finding in raw.findings], dtype=np.int64))
    found = [
        Fault(int(line), finding.column, finding.found, finding.expected)
        for line, finding in zip(lines, raw.findings, strict=True)
    ]
    if raw.faults or found:
        raise RefusedError(f"{path} cannot be read:", [*raw.faults, *found], "Export it again and try with that file.")
    frame: pd.DataFrame = raw.table.to_pandas()
    return frame


def columns_of(
    names: list[str],
    *,
    date: str = "date",
    outcome: str = "outcome",
    media: tuple[str, ...] = (),
    controls: tuple[str, ...] = (),
    region: str | None = None,
    spend: dict[str, str] | None = None,
) -> PanelColumns:
    """Tell what each column of a file is.

    Parameters
    ----------
    names
        Columns of the file. Without ``media`` and ``controls``, those that begin with ``spend_`` and ``control_`` are
        taken; without ``region``, the column of that name if there is one.

    Raises
    ------
    RefusedError
        If no column is a medium.
    """
    from attribution.aggregate.panel import PanelColumns

    media = media or tuple(name for name in names if name.startswith(MEDIA))
    controls = controls or tuple(name for name in names if name.startswith(CONTROL))
    if not media:
        raise RefusedError(
            f"No column is a medium. The file has: {', '.join(names)}.",
            remedy=f"Name them with --media, or let their names begin with {MEDIA}.",
        )
    region = region or ("region" if "region" in names else None)
    return PanelColumns(date, outcome, media, controls, region, spend or {})


def fit_media_mix(
    frame: Any, columns: PanelColumns, options: RunOptions, progress: Progress
) -> tuple[Panel, MixFindings]:
    """Fit the media mix model and sum it up."""
    from attribution.aggregate.findings import sum_up
    from attribution.aggregate.model import build_mix_model, design_mix
    from attribution.aggregate.panel import lay_panel
    from attribution.sampling import SamplingOptions, sample

    progress("read", 0.0, "laying out periods and regions")
    panel = lay_panel(frame, columns)
    progress("compile", 0.1, "compiling the model")
    design = design_mix(panel)
    sampling = SamplingOptions(chains=options.chains, draws=options.draws, seed=options.seed, target_acceptance=0.95)
    model = build_mix_model(panel, design)
    posterior = sample(model, sampling, lambda share: progress("sample", 0.3 + 0.6 * share, "drawing"))
    progress("measure", 0.9, "summing up")
    return panel, sum_up(panel, design, posterior, options.seed)


def media_mix_json(panel: Panel, found: MixFindings) -> dict[str, Any]:
    """Give the findings as a JSON document."""
    return {
        "window": {"start": panel.starts[0].isoformat(), "end": panel.starts[-1].isoformat(), "days": panel.days},
        "regions": list(panel.regions),
        "verdict": found.verdict.value,
        "outcome": found.outcome,
        "base": _range_json(found.base),
        "explained": found.explained,
        "media": [
            {
                "medium": medium.medium,
                "spend": medium.spend,
                "contribution": _range_json(medium.contribution),
                "share": _range_json(medium.share),
                "per_spend": medium.per_spend and _range_json(medium.per_spend),
                "next_spend": medium.next_spend and _range_json(medium.next_spend),
                "p_nothing": medium.p_nothing,
                "curve": [{"multiple": p.multiple, "contribution": _range_json(p.contribution)} for p in medium.curve],
            }
            for medium in found.media
        ],
        "checks": [{**asdict(check), "verdict": check.verdict.value} for check in found.checks],
        "notes": list(found.notes),
    }


def _range_json(value: Range) -> dict[str, float]:
    return {"mean": value.mean, "p05": value.p05, "p95": value.p95}


def media_mix_table(panel: Panel, found: MixFindings) -> RenderableType:
    """Lay the findings out for a terminal."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in ("Medium", "Spend", "Added", "Likely", "Per 1\nspent", "Likely", "Of the\nnext 1"):
        table.add_column(name, justify="left" if name == "Medium" else "right", no_wrap=True)
    for medium in found.media:
        table.add_row(*_cells(medium))
    regions = f", {len(panel.regions)} regions" if len(panel.regions) > 1 else ""
    size = f"{panel.periods} {'days' if panel.days == 1 else f'periods of {panel.days} days'}{regions}"
    words = {"pass": "safe to use", "review": "use with care", "fail": "not to be used"}[found.verdict.value]
    base = f"Would have come anyway: {span(found.base)[0]} of {_rough(found.outcome)} ({size})."
    lines = [*(check.sentence for check in found.checks), *found.notes]
    return Group(table, Text(base), Text(f"Verdict: {words}.", style="bold"), *(Text(f"- {line}") for line in lines))


def _cells(medium: Contribution) -> tuple[str, ...]:
    spend = _rough(medium.spend)
    if medium.p_nothing > 0.5:
        return (medium.medium, spend, "no effect we can show", "", "", "", "")
    middle, low, high = span(medium.contribution)
    per, following = medium.per_spend, medium.next_spend
    return (
        medium.medium,
        spend,
        middle,
        f"{low} to {high}",
        _rough(per.mean) if per else "",
        f"{_rough(per.p05)} to {_rough(per.p95)}" if per else "",
        _rough(following.mean) if following else "",
    )


def _rough(value: float) -> str:
    """Write a number known without a range to two digits; one below ten as it is."""
    return number(value, about(value)) if value >= 10.0 else f"{value:.2g}"
