"""The OpenAPI document of the API, made from the contracts that it keeps: file kinds, goals, scopes."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from campaigns.access import Scope
from campaigns.intake.columns import Column, Type
from campaigns.intake.formats import KINDS
from web.api.collecting import COLLECTED, MOST_ROWS
from web.api.entry import LONGEST, PREFIX
from web.api.reading import MOST

__all__ = ["document"]

TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"^[^\x00]+$"}

OBJECT: dict[str, Any] = {"type": "object"}

WRONG: dict[str, Any] = {"$ref": "#/components/schemas/Error"}

WORDS = {
    "touches": "What reached people: sends, ads shown, calls, visits. Sent again, a row replaces and never doubles.",
    "responses": "What people did: orders, leads, declines, complaints. Sent again, a row replaces and never doubles.",
}


@cache
def document(goals: tuple[str, ...]) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1) of a site with these goals."""
    goal = {"type": "string", "enum": list(goals), "default": "order"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Touchstone",
            "version": version("touchstone"),
            "summary": "Which promotions really win customers, what each one costs, and whom to speak to next.",
            "description": "Keys are made under Settings, Keys, and sent as `Authorization: Bearer KEY`. Money is in "
            "major units of the reporting currency, times are UTC. What is refused comes with every fault at once.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"key": []}],
        "tags": [
            {"name": "Figures", "description": "What the last published run found."},
            {"name": "Runs", "description": "The run ledger, and asking for a run."},
            {"name": "Plan", "description": "Whom to speak to next."},
            {"name": "Customers", "description": "Customers by number."},
            {"name": "Collection", "description": "Rows as they happen, in the columns of the file kinds."},
        ],
        "paths": _paths(goal),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key: `touchstone_...`"}},
            "schemas": {"Error": ERROR, **{name: _row(name) for name in COLLECTED}},
            "responses": {
                "Refused": _answer(
                    "Refused, with every fault; nothing was stored.", {"$ref": "#/components/schemas/Error"}
                ),
                "Error": _answer("What happened, and what to do.", {"$ref": "#/components/schemas/Error"}),
            },
        },
    }


ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "remedy", "faults"],
            "properties": {
                "message": {"type": "string"},
                "remedy": {"type": "string"},
                "faults": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["line", "column", "found", "expected"],
                        "properties": {
                            "line": {"type": "integer", "description": "Place of the row, from 1; 0 for the whole."},
                            "column": {"type": "string"},
                            "found": {"type": "string"},
                            "expected": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}


def _paths(of_goal: dict[str, Any]) -> dict[str, Any]:
    limit = _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100})
    offset = _parameter("offset", {"type": "integer", "minimum": 0, "maximum": 10**8, "default": 0})
    goal, channel = _parameter("goal", of_goal), _parameter("channel", TEXT)
    campaign, promotion = _parameter("campaign", TEXT), _parameter("promotion", TEXT)
    held_back = _parameter("held_back", {"type": "string", "enum": ["yes", "no"], "default": "no"})
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
    paths: dict[str, Any] = {
        "/report": {"get": _reading("Figures", "The published report of a goal, as `touchstone report --json`.", goal)},
        "/channels": {"get": _reading("Figures", "The channels of the published report.", goal)},
        "/ads": {
            "get": _reading("Figures", "The ads of the published report.", goal, channel, campaign, limit, offset)
        },
        "/reconciliation": {
            "get": _reading("Figures", "What each source shows, what counts of it, and why the rest does not.", goal)
        },
        "/runs": {
            "get": _reading(
                "Runs",
                "The runs asked for last.",
                _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 20}),
            ),
            "post": _asking(of_goal),
        },
        "/runs/{number}": {"get": _reading("Runs", "One run, with its stages and its forecasts.", number)},
        "/plan": {"get": _reading("Plan", "The latest plan, without its contacts.")},
        "/contacts": {
            "get": _reading(
                "Plan",
                "Contacts of the latest plan in their rank. Those held back are left out unless `held_back=yes`.",
                channel,
                promotion,
                held_back,
                limit,
                offset,
            )
        },
        "/customers": {
            "get": _reading(
                "Customers",
                "Customers by number; the next page begins after the last `customer_id`. Sales sees its own.",
                _parameter("after", TEXT),
                _parameter("customer_id", TEXT),
                limit,
            )
        },
    }
    return {**paths, **{f"/{name}": {"post": _collecting(name)} for name in COLLECTED}}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _reading(tag: str, summary: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "tags": [tag],
        "summary": summary,
        "description": f"Scope `{Scope.READ}`.",
        "parameters": list(parameters),
        "responses": {
            "200": _answer("What was asked for.", OBJECT),
            **_errors("401", "403", "404", "422", "429", "503"),
        },
    }


def _asking(goal: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"goal": goal}, "additionalProperties": False}
    return {
        "tags": ["Runs"],
        "summary": "Ask for a run; where one of the same goal waits already, it is that one.",
        "description": f"Scope `{Scope.RUN}`. It is computed by the scheduler: follow it under `/runs/{{number}}`.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "202": _answer("The run, waiting.", OBJECT),
            **_errors("400", "401", "403", "413", "415", "422", "429", "503"),
        },
    }


def _collecting(name: str) -> dict[str, Any]:
    rows = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_ROWS,
        "items": {"$ref": f"#/components/schemas/{name}"},
    }
    stored = {
        "type": "object",
        "properties": {count: {"type": "integer"} for count in ("rows", "added", "replaced", "unchanged")},
    }
    return {
        "tags": ["Collection"],
        "summary": WORDS[name],
        "description": f"Scope `{Scope.COLLECT}`. All rows are stored, or, with any fault, none. The columns and rules "
        f"are those of the file kind `{name}`.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": rows}}},
        "responses": {
            "200": _answer("What was stored.", stored),
            **_errors("400", "401", "403", "413", "415", "422", "429", "503"),
        },
    }


def _errors(*statuses: str) -> dict[str, Any]:
    return {
        status: {"$ref": f"#/components/responses/{'Refused' if status == '422' else 'Error'}"} for status in statuses
    }


def _row(name: str) -> dict[str, Any]:
    """Give the schema of a row from the columns of its file kind."""
    columns = KINDS[name].all_columns
    return {
        "type": "object",
        "required": [column.name for column in columns if column.required],
        "properties": {column.name: _column(column) for column in columns},
    }


def _column(column: Column) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": column.meaning}
    if column.example:
        schema["examples"] = [column.example]
    if column.type is Type.CHOICE:
        return {"type": "string", "enum": list(column.choices), **schema}
    if column.type in (Type.NUMBER, Type.MONEY, Type.INTEGER):
        return {"type": "integer" if column.type is Type.INTEGER else "number", **schema}
    if column.type is Type.TIME:
        return {"type": "string", "format": "date-time", **schema}
    if column.type is Type.DATE:
        return {"type": "string", "format": "date", **schema}
    return {"type": "string", **schema}
