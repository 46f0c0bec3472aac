"""The entries of the navigation, and who sees which."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from campaigns.access import Role
from campaigns.language import mark

__all__ = ["SECTIONS", "Section", "sections_of"]

OFFICE = frozenset({Role.MARKETER, Role.MANAGER})

EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Section:
    """One entry of the navigation.

    Parameters
    ----------
    name
        What a page's ``section`` says to lie under it.
    endpoint
        Where it leads; while no blueprint has that endpoint the entry is not shown.
    words
        What it is called, shown through ``_``.
    roles
        Who sees it; administrators see everything.
    """

    name: str
    endpoint: str
    words: str
    roles: frozenset[Role]


SECTIONS = (
    Section("today", "today.show", mark("Today"), EVERYBODY),
    Section("effectiveness", "effectiveness.show", mark("Effectiveness"), OFFICE),
    Section("journeys", "journeys.show", mark("Journeys"), OFFICE),
    Section("promotions", "promotions.show", mark("Promotions"), OFFICE),
    Section("plan", "plan.show", mark("Plan"), OFFICE),
    Section("priorities", "priorities.show", mark("Priorities"), OFFICE | {Role.SALES}),
    Section("clashes", "clashes.show", mark("Clashes"), OFFICE | {Role.SALES}),
    Section("customers", "customers.show", mark("Customers"), EVERYBODY),
    Section("experiments", "experiments.show", mark("Experiments"), OFFICE),
    Section("sources", "sources.show", mark("Sources"), OFFICE),
    Section("runs", "runs.show", mark("Runs"), OFFICE),
    Section("settings", "settings.show", mark("Settings"), OFFICE),
)
"""All entries, in their order on the page."""


def sections_of(roles: frozenset[Role]) -> tuple[Section, ...]:
    """Return the entries that somebody with these roles sees, of those that the site has."""
    return tuple(
        section
        for section in SECTIONS
        if section.endpoint in current_app.view_functions
        and (Role.ADMINISTRATOR in roles or not section.roles.isdisjoint(roles))
    )
