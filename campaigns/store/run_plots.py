"""How a run judged itself and how it sampled: its checks, and the plots that it drew."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, delete, select

from campaigns.store.tables import RunCheck, RunPlot

__all__ = ["checks_of", "plot_of", "plots_of", "store_plots"]


def checks_of(session: Session, run_id: int) -> Sequence[RunCheck]:
    """Return the checks of a run in their order."""
    return session.exec(select(RunCheck).where(RunCheck.run_id == run_id).order_by(col(RunCheck.position))).all()


def plots_of(session: Session, run_id: int) -> tuple[str, ...]:
    """Return the names of a run's plots in their order."""
    return tuple(
        session.exec(select(RunPlot.name).where(RunPlot.run_id == run_id).order_by(col(RunPlot.position))).all()
    )


def plot_of(session: Session, run_id: int, name: str) -> bytes | None:
    """Return a plot of a run as SVG, or None where there is none of this name."""
    kept = session.get(RunPlot, (run_id, name))
    return None if kept is None else gzip.decompress(kept.svg)


def store_plots(session: Session, run_id: int, plots: Mapping[str, bytes]) -> None:
    """Store the plots of a run, each as SVG under its name; those it had are replaced."""
    session.exec(delete(RunPlot).where(col(RunPlot.run_id) == run_id))
    for position, (name, svg) in enumerate(plots.items()):
        session.add(RunPlot(run_id=run_id, name=name, position=position, svg=gzip.compress(svg, mtime=0)))
