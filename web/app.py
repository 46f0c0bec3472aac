"""The site: ``create_app(settings)`` wires settings, database, pages and protections together."""

from __future__ import annotations

import secrets
from importlib.metadata import version

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from campaigns.reporting.page import TEMPLATES
from campaigns.settings import Settings
from campaigns.store.database import Database, open_database
from web import (
    access,
    account,
    accounts,
    assets,
    clashes,
    comparing,
    compression,
    customers,
    demonstration,
    downloads,
    effectiveness,
    experiments,
    frame,
    health,
    holds,
    home,
    journeys,
    keys,
    leads,
    links,
    moves,
    names,
    plan,
    plan_lists,
    planner,
    policy,
    priorities,
    promotions,
    protection,
    reconciliation,
    reference,
    refusals,
    runs,
    signing_in,
    sources,
    today,
    trail,
    upload_limit,
    uploads,
    users,
)
from web import (
    settings as settings_pages,
)
from web.api.collecting import blueprint as api
from web.limits import limiter
from web.recognising import recognise_any
from web.site import Site

__all__ = ["create_app"]

PARTS = (
    account,
    accounts,
    assets,
    clashes,
    comparing,
    customers,
    demonstration,
    downloads,
    effectiveness,
    experiments,
    health,
    holds,
    home,
    journeys,
    keys,
    leads,
    links,
    moves,
    names,
    plan,
    plan_lists,
    planner,
    policy,
    priorities,
    promotions,
    reconciliation,
    reference,
    runs,
    settings_pages,
    signing_in,
    sources,
    today,
    trail,
    uploads,
    users,
)
"""Modules whose blueprint the site consists of."""


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Make the site of an installation.

    Parameters
    ----------
    settings
        Settings of the installation.
    database
        Its database; opened from the settings by default, and reached at the first page.

    Returns
    -------
    A WSGI application, which reads from the database and asks for runs, and never loads a model.
    """
    app = Flask("web", static_folder="static", template_folder="templates")
    app.config["SECRET_KEY"] = settings.secret_key or secrets.token_hex(32)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.jinja_env.loader = ChoiceLoader([FileSystemLoader(f"{app.root_path}/templates"), FileSystemLoader(TEMPLATES)])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["version"] = version("touchstone")
    Site.attach(app, settings, database or open_database(settings))
    for part in PARTS:
        app.register_blueprint(part.blueprint)
    app.register_blueprint(api)
    upload_limit.install(app)
    frame.install(app)
    protection.install(app, settings)
    access.install(app, recognise_any)
    limiter.init_app(app)
    refusals.install(app)
    compression.install(app)
    return app
