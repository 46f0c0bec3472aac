"""The site: ``create_app(settings)`` wires settings, database, pages and protections together."""

from __future__ import annotations

import secrets
from importlib.metadata import version

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from campaigns.reporting.page import TEMPLATES
from campaigns.settings import Settings
from campaigns.store.database import Database, open_database
from web import assets, effectiveness, health, priorities, protection, refusals, runs
from web.site import Site

__all__ = ["create_app"]


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
    for part in (assets, effectiveness, priorities, runs, health):
        app.register_blueprint(part.blueprint)
    protection.install(app, settings)
    refusals.install(app)
    return app
