"""The demo's people are called by their roles, in the reader's language; everybody else by their name."""

from campaigns.access import Role, staff_name
from campaigns.language import use
from campaigns.store import users


def test_the_name_of_a_role_is_told_in_the_language_of_the_reader():
    with use("tr"):
        assert [staff_name(name) for name in ("Marketer", "Sales", "Ada Lovelace")] == [
            "Pazarlamacı",
            "Satış",
            "Ada Lovelace",
        ]
    assert staff_name("Marketer") == "Marketer"


def test_a_turkish_page_calls_the_demo_user_in_turkish(written_app, client_as):
    with written_app.extensions["touchstone"].database.transaction() as session:
        users.by_email(session, f"{Role.MANAGER}@example.com").name = "Manager"
    page = client_as("manager", written_app).get("/today", headers={"Accept-Language": "tr-TR"}).text
    assert "<bdi>Yönetici</bdi>" in page
    assert "<bdi>Manager</bdi>" not in page
