"""What programs can send: touches and responses as the file kinds have them, and the request for a run."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from campaigns.access import Role, Scope
from campaigns.faults import Fault, RefusedError
from campaigns.intake.formats import KINDS
from campaigns.store.surroundings import surroundings
from jobs.runs import record
from jobs.runs import request as request_run
from web.access import visitor
from web.api.entry import blueprint, opens, refuse_unknown
from web.api.reading import run_json
from web.audit import audited
from web.site import site

__all__ = ["COLLECTED", "MOST_ROWS", "blueprint"]

COLLECTED = ("touches", "responses")
"""File kinds that can be sent."""

MOST_ROWS = 10_000
"""Rows of one request."""

LARGEST = 8 * 2**20
"""Bytes of one request."""


@blueprint.post("/touches")
@opens(Scope.COLLECT)
def touches() -> ResponseReturnValue:
    """Store touches: all of them, or with any fault none."""
    return _collect("touches")


@blueprint.post("/responses")
@opens(Scope.COLLECT)
def responses() -> ResponseReturnValue:
    """Store responses: all of them, or with any fault none."""
    return _collect("responses")


@blueprint.post("/runs")
@opens(Scope.RUN, Role.MARKETER, Role.MANAGER)
def ask() -> ResponseReturnValue:
    """Ask for a run; where one of the same goal waits already, it is that one."""
    refuse_unknown()
    body = _body(dict)
    goal = body.get("goal", "order")
    unknown = [Fault(0, str(name)[:200], "an unknown field", "goal") for name in body if name != "goal"]
    if unknown or goal not in site().goals:
        fault = Fault(0, "goal", repr(goal)[:200], "one of " + ", ".join(site().goals))
        raise RefusedError("This run cannot be asked for:", unknown or [fault], "Correct it and ask again.")
    number = request_run(site().database, goal, requested_by=visitor().name)
    with site().database.transaction() as database:
        audited(database, "run asked for", f"run {number}", after={"goal": goal})
    answer = jsonify(run_json(record(site().database, number)))
    return answer, HTTPStatus.ACCEPTED, {"Location": f"/api/v1/runs/{number}"}


def _collect(name: str) -> ResponseReturnValue:
    """Check rows as those of a file are checked, and store them; sent again they replace, and never double."""
    # what reads and stores rows brings DuckDB along, which the pages of the site do without
    from campaigns.intake.files import take_in
    from campaigns.store.loading import load

    refuse_unknown()
    rows = _rows(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        options = surroundings(site().database, site().settings, now=datetime.now(UTC), default_source="api")
        checked = take_in(file, KINDS[name], options)
    if checked.faults:
        count = len({fault.line for fault in checked.faults})
        message = (
            f"{count} of {len(rows)} {name} have faults; nothing was stored. A line is the place of a row, from 1."
        )
        raise RefusedError(message, checked.faults, "Correct them and send all of them again.")
    batch = load(site().database, KINDS[name], checked.table, path="API", digest=checked.digest)
    stored = {"rows": len(rows), "added": batch.added, "replaced": batch.replaced, "unchanged": batch.unchanged}
    with site().database.transaction() as database:
        audited(database, "rows collected", name, after=stored)
    return jsonify({**stored, "notes": list(checked.notes)}), HTTPStatus.OK


def _rows(name: str) -> list[dict[str, Any]]:
    """Read the rows of a request.

    Raises
    ------
    RefusedError
        If they are no array of flat objects, or too many.
    """
    body = _body(list)
    if not 1 <= len(body) <= MOST_ROWS:
        fault = Fault(0, "", f"{len(body)} rows", f"1 to {MOST_ROWS} rows")
        raise RefusedError(f"These {name} cannot be taken in:", [fault], "Send them in several requests.")
    faults = [
        Fault(place, "", type(row).__name__, "an object of texts, numbers and lists of texts")
        for place, row in enumerate(body, start=1)
        if not isinstance(row, dict) or any(isinstance(value, dict) for value in row.values())
    ]
    if faults:
        raise RefusedError(f"These {name} cannot be taken in:", faults, "Send an array of objects.")
    return list(body)


def _body(wanted: type[Any]) -> Any:
    """Read the JSON of a request.

    Raises
    ------
    RefusedError
        If it is no JSON, or of another shape.
    """
    request.max_content_length = LARGEST
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, wanted):
        shape = "a JSON array of objects" if wanted is list else "a JSON object"
        found = "no JSON" if body is None else type(body).__name__
        raise RefusedError(
            "This request cannot be read:", [Fault(0, "", found, shape)], "Correct it and send it again."
        )
    return body
