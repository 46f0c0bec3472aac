"""Paths: the touches that came before each response, in order; from aggregated exports or from events."""

from attribution.paths.aggregated import PATH_COLUMNS, SEPARATOR, parse_paths
from attribution.paths.events import Level, paths_from_events
from attribution.paths.path_set import AdKey, Paths, Unit, channel_of

__all__ = [
    "PATH_COLUMNS",
    "SEPARATOR",
    "AdKey",
    "Level",
    "Paths",
    "Unit",
    "channel_of",
    "parse_paths",
    "paths_from_events",
]
