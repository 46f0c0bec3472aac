"""Paths into nested values: ``shop_money.amount``, ``[key=source].value.*``."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["inside", "value_at"]

_STEP = re.compile(r"\[([^=\]]+)=([^\]]*)\]|([^.\[\]]+)")
_WRAPPERS = ({"list"}, {"element"}, {"item"}, {"array"})


def value_at(text: str, path: str) -> str | None:
    """Return what stands under a path in JSON text, or None where there is nothing, or no JSON.

    Parameters
    ----------
    path
        Names parted by points. ``[key=source]`` is the entry of a list whose ``key`` is ``source``; ``*`` is the first
        value that is filled.
    """
    try:
        entry = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return inside(entry, path)


def inside(entry: Any, path: str) -> str | None:
    """Return the text of what stands under a path in a nested value."""
    for step in _STEP.finditer(path):
        key, wanted, name = step.groups()
        entry = _entry(_unwrapped(entry), key, wanted) if key else _field(_unwrapped(entry), name)
        if entry is None:
            return None
    if isinstance(entry, bool):
        return "true" if entry else "false"
    return str(entry) if isinstance(entry, str | int | float) else None


def _unwrapped(entry: Any) -> Any:
    """Take off the layers that Parquet puts around lists."""
    while isinstance(entry, dict) and set(entry) in _WRAPPERS:
        (entry,) = entry.values()
    return entry


def _entry(entry: Any, key: str, wanted: str) -> Any:
    if not isinstance(entry, list):
        return None
    items = (_unwrapped(item) for item in entry)
    return next((item for item in items if isinstance(item, dict) and str(item.get(key)) == wanted), None)


def _field(entry: Any, name: str) -> Any:
    if not isinstance(entry, dict):
        return None
    if name == "*":
        return next((value for value in entry.values() if value is not None and value != ""), None)
    return entry.get(name)
