"""What the handlers of one site share: its settings, goals and database, and the reports it has already drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from campaigns.settings import Settings, known_goals
from campaigns.store.database import Database
from campaigns.terms import Goal
from web.published import Published

__all__ = ["Site", "site"]

NAME = "touchstone"


@dataclass(frozen=True)
class Site:
    """What the handlers of one site share.

    Parameters
    ----------
    goals
        By name: what a fit may explain, also the installation's own, as its settings file had them at the start.
    """

    settings: Settings
    goals: Mapping[str, Goal]
    database: Database
    published: Published

    @classmethod
    def attach(cls, app: Flask, settings: Settings, database: Database) -> None:
        """Give an application what its handlers share."""
        app.extensions[NAME] = cls(settings, known_goals(), database, Published(database, settings.zone))


def site() -> Site:
    """Return what the handlers of this request's site share."""
    return cast(Site, current_app.extensions[NAME])
