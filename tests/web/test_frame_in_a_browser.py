"""Signing in and the pages of settings and runs in a browser: policy, width, contrast, no faults of access."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

ADDRESSES = (
    "/account",
    "/runs",
    "/runs/1",
    "/settings/policy",
    "/settings/targets",
    "/settings/users",
    "/settings/keys",
    "/settings/changes",
    "/api",
)


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "dark"), (320, "light"), pytest.param(1280, "light", marks=pytest.mark.slow)]
)
def test_pages_of_the_frame_fit_and_are_open_to_all(
    written_app: Flask, page_as: Callable[..., Any], width: int, scheme: str
) -> None:
    visit = page_as("administrator", app=written_app, width=width, scheme=scheme)
    for address in ADDRESSES:
        visit.open(address)
        visit.assert_fits()
        visit.assert_accessible()
    visit.assert_clean()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_stranger_is_asked_to_sign_in(written_app: Flask, page_as: Callable[..., Any], scheme: str) -> None:
    visit = page_as(None, app=written_app, width=320, scheme=scheme)
    page = visit.open("/account")
    visit.assert_fits()
    visit.assert_accessible()
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"
