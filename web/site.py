"""What the handlers of one site share: its settings, its database and the reports it has already drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from campaigns.settings import Settings
from campaigns.store.database import Database
from web.published import Published

__all__ = ["Site", "site"]

NAME = "touchstone"


@dataclass(frozen=True)
class Site:
    """What the handlers of one site share."""

    settings: Settings
    database: Database
    published: Published

    @classmethod
    def attach(cls, app: Flask, settings: Settings, database: Database) -> None:
        """Give an application what its handlers share."""
        app.extensions[NAME] = cls(settings, database, Published(database, settings.zone))


def site() -> Site:
    """Return what the handlers of this request's site share."""
    return cast(Site, current_app.extensions[NAME])
