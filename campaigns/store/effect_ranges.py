"""How sure a run is of each channel's effect."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.planning.prospect import Spread
from campaigns.store.tables import Effect

__all__ = ["effect_spreads"]


def effect_spreads(session: Session, run_id: int) -> dict[str, Spread]:
    """Return the likely range of each channel's effect, as shares of its estimate; only of effects above nothing."""
    row = Effect
    found = session.execute(
        select(col(row.channel), col(row.incremental_mean), col(row.incremental_p05), col(row.incremental_p95)).where(
            col(row.run_id) == run_id, col(row.level) == "channel"
        )
    )
    return {
        channel: Spread(max(low / mean, 0.0), max(high / mean, 1.0))
        for channel, mean, low, high in found
        if channel is not None and mean > 0
    }
