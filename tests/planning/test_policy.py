import tomllib

import pytest

from campaigns.faults import SettingsError
from campaigns.planning.policy import Cap, ContactPolicy, Resource


def test_the_default_policy_caps_every_touch_point_that_speaks_to_a_person():
    policy = ContactPolicy()
    limits = {(cap.channel, cap.scope): (cap.limit, cap.days) for cap in policy.caps}
    assert limits["email", "person"] == (2, 7)
    assert limits["sms", "person"] == (1, 14)
    assert limits["mail", "household"] == (1, 30)
    assert limits["call", "person"] == (1, 30)
    assert limits[None, "person"] == (3, 7)


def test_a_policy_is_read_from_toml():
    written = tomllib.loads(
        """
        [policy]
        complaint_days = 45
        consent_presumed = ["mail"]
        lock_scope = "person"
        [[policy.caps]]
        channel = "E-Mail"
        limit = 3
        days = 7
        [[policy.caps]]
        limit = 5
        days = 14
        scope = "household"
        [policy.resources.printer]
        channel = "Direct Mail"
        per_contact = 2
        """
    )
    policy = ContactPolicy.from_mapping(written["policy"])
    assert policy.complaint_days == 45
    assert policy.consent_presumed == ("mail",)
    assert policy.caps == (Cap(3, 7, "email"), Cap(5, 14, None, "household"))
    assert policy.resources == (Resource("printer", "mail", 2.0),)


def test_an_empty_table_is_the_default_policy():
    assert ContactPolicy.from_mapping({}) == ContactPolicy()


def test_a_policy_survives_being_written_and_read_again():
    policy = ContactPolicy(
        caps=(Cap(4, 9, "email"), Cap(1, 2)),
        consent_presumed=("mail", "ads"),
        win_days=3,
        resources=(),
        relationship_keeps=0.02,
        never_held_back=("C-1", "A-7"),
    )
    assert ContactPolicy.from_mapping(policy.to_mapping()) == policy


def test_every_fault_of_a_policy_is_listed_at_once():
    with pytest.raises(SettingsError) as caught:
        ContactPolicy.from_mapping(
            {
                "complaint_day": 3,
                "declined_days": -1,
                "bought_days": True,
                "exclusion_days": 62,
                "lock_scope": "team",
                "consent_presumed": ["fax"],
                "margin_share": 1.5,
                "relationship_keeps": -0.01,
                "caps": [
                    {"channel": "email", "limit": -2, "days": 0},
                    {"limit": 3, "days": 7, "per": "day"},
                    {"limit": 3, "days": 7},
                    {"limit": 9, "days": 7},
                ],
                "resources": {"agents": {"per_contact": 0}},
            }
        )
    places = [fault.column for fault in caught.value.faults]
    assert places == [
        "policy.complaint_day",
        "policy.caps[1].limit",
        "policy.caps[1].days",
        "policy.caps[2].per",
        "policy.resources.agents.channel",
        "policy.resources.agents.per_contact",
        "policy.declined_days",
        "policy.bought_days",
        "policy.exclusion_days",
        "policy.lock_scope",
        "policy.consent_presumed",
        "policy.margin_share",
        "policy.relationship_keeps",
        "policy.caps[2]",
    ]


@pytest.mark.parametrize(
    "written",
    [
        {"caps": "two a week"},
        {"caps": [3]},
        {"resources": ["agents"]},
        {"consent_presumed": "mail"},
        {"margin_share": "a lot"},
        {"relationship_keeps": False},
        {"never_held_back": "C-1"},
        {"caps": [{"limit": 2.5, "days": 7}]},
        {"caps": [{"limit": 2, "days": 7, "channel": 4}]},
        {"caps": [{"limit": 2, "days": 7, "scope": "town"}]},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(written):
    with pytest.raises(SettingsError):
        ContactPolicy.from_mapping(written)


def test_a_policy_made_in_code_checks_itself_too():
    with pytest.raises(SettingsError, match="complaint_days"):
        ContactPolicy(complaint_days=-1)
    with pytest.raises(SettingsError, match="at most 9 email contacts"):
        ContactPolicy(caps=(Cap(2, 7, "email"), Cap(9, 7, "email")))
    with pytest.raises(SettingsError, match="limit"):
        Cap(-1, 7)
    with pytest.raises(SettingsError, match="per_contact"):
        Resource("agents", "call", 0)
