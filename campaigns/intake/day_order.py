"""In which order day and month stand in dates such as 03/05/2026, as mappings and people name it."""

from __future__ import annotations

__all__ = ["DAY_FIRST", "MONTH_FIRST", "ORDERS"]

ORDERS = DAY_FIRST, MONTH_FIRST = "day first", "month first"
