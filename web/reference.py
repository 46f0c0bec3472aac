"""What programs can ask, for people: a page over the OpenAPI document, and the document itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from campaigns.language import _
from web.access import allow, public
from web.api.document import document
from web.api.entry import PREFIX
from web.pages.reference import Detail, Operation, ReferencePage, Subject
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("reference", __name__)


@blueprint.get("/api")
@allow()
def show() -> str:
    """Show what programs can ask."""
    whole = document(tuple(site().goals))
    subjects = tuple(
        Subject(tag["name"], tag["description"], tuple(_operations(whole, tag["name"]))) for tag in whole["tags"]
    )
    return ReferencePage(_("For programs"), subjects, f"{site().settings.home}{PREFIX}").render()


@blueprint.get("/api/openapi.json")
@public
def as_json() -> ResponseReturnValue:
    """Send the OpenAPI document; it tells nothing of this installation but the names of its goals."""
    return jsonify(document(tuple(site().goals)))


def _operations(whole: dict[str, Any], tag: str) -> list[Operation]:
    return [
        Operation(
            method=method.upper(),
            path=path,
            summary=told["summary"],
            description=told["description"].replace("`", ""),
            parameters=_details(whole, told),
            statuses=", ".join(told["responses"]),
        )
        for path, methods in whole["paths"].items()
        for method, told in methods.items()
        if tag in told["tags"]
    ]


def _details(whole: dict[str, Any], told: dict[str, Any]) -> tuple[Detail, ...]:
    """Give parameters, or the fields of what is sent."""
    if "requestBody" not in told:
        return tuple(
            Detail(one["name"], _kind(one["schema"]), one.get("description", ""), one["required"])
            for one in told["parameters"]
        )
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    if schema["type"] == "array":
        schema = whole["components"]["schemas"][schema["items"]["$ref"].rsplit("/", 1)[1]]
    return tuple(
        Detail(name, _kind(field), field.get("description", ""), name in schema.get("required", ()))
        for name, field in schema["properties"].items()
    )


def _kind(schema: dict[str, Any]) -> str:
    """Say how a value is written."""
    if "enum" in schema:
        return " | ".join(schema["enum"])
    kind = schema.get("format", schema["type"])
    if "minimum" in schema and "maximum" in schema:
        return f"{kind} {schema['minimum']} … {schema['maximum']}"
    return str(kind)
