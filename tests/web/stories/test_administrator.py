"""The administrator's story: a user let in, a key made and used, the policy changed, and the trail of all of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page
from sqlmodel import select

from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.policies import policy_in_use
from tests.web.stories.firm import LOOKS, Firm, follow
from tests.web.stories.market import PASSWORD


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_an_administrator_lets_somebody_in_makes_a_key_changes_the_policy_and_reads_the_trail(
    firm: Firm, width: int, scheme: str
) -> None:
    visit = firm.sign_in("ann", width, scheme)
    page: Page = visit.page
    follow(page, "Settings")
    settings = page.get_by_role("navigation", name="Settings")
    settings.get_by_role("link", name="Users").click()
    page.get_by_label("E-mail address").fill("nora@example.com")
    page.get_by_label("Name", exact=True).fill("Nora")
    page.get_by_label("Marketer").check()
    page.get_by_role("button", name="Add and make a link").click()
    link = page.locator(".secret code").inner_text()
    firm.look(visit)
    let_in(firm, link)

    settings.get_by_role("link", name="Keys").click()
    page.get_by_label("What it is for").fill("the report mailer")
    page.get_by_label("Read reports, plans and customers").check()
    page.get_by_role("button", name="Make the key").click()
    key = page.locator(".secret code").inner_text()
    firm.look(visit)
    assert asked(visit.home, key)[0] == 200
    page.get_by_role("button", name="Take back the report mailer").click()
    page.get_by_text("The key opens nothing any more.").wait_for()
    assert asked(visit.home, key)[0] == 401

    settings.get_by_role("link", name="Contact policy").click()
    page.get_by_label("after a complaint, no marketing").fill("45")
    page.get_by_role("button", name="Save as a new version").click()
    page.locator(".notices").wait_for()
    firm.look(visit)
    policy = policy_in_use(firm.database, {}).policy
    assert (policy.complaint_days, ContactPolicy().complaint_days) == (45, 30)

    settings.get_by_role("link", name="Changes").click()
    trail = page.locator("main").inner_text()
    firm.look(visit)
    visit.assert_clean()
    with firm.database.reading() as session:
        kept = session.exec(select(tables.AuditEntry).order_by(tables.AuditEntry.id)).all()  # type: ignore[arg-type]
    told = [(entry.action, entry.subject, entry.who) for entry in kept if entry.who == "Ann"]
    assert [action for action, _, _ in told] == [
        "signed in",
        "user added",
        "key made",
        "key taken back",
        "contact policy saved",
    ]
    changed = next(entry for entry in kept if entry.action == "contact policy saved")
    assert "45" in json.dumps(changed.after)
    for part in ("nora@example.com", "the report mailer", "45"):
        assert part in trail


def let_in(firm: Firm, link: str) -> None:
    """Nora sets her password by the link and is in, once."""
    visit = firm.page_as(None, app=firm.app)
    page: Page = visit.page
    secret = link.partition("/set-password/")[2]
    visit.open(f"/set-password/{secret}")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button").last.click()
    page.get_by_text("Your password is set. Sign in with it.").wait_for()
    page.context.close()
    other = firm.sign_in("nora@example.com")
    assert other.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Promotions").count() > 0
    assert other.page.goto(f"{other.home}/set-password/{secret}").status == 410
    other.page.context.close()


def asked(home: str, key: str) -> tuple[int, bytes]:
    """Ask the API for the report with a key."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{home}/api/v1/report", headers={"Authorization": f"Bearer {key}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
