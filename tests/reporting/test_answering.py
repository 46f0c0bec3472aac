"""How customers answer to contacts, told in the terminal and by contract."""

import json
from dataclasses import replace

from campaigns.reporting.answering import told_of_answers
from campaigns.reporting.contract import report_json
from campaigns.store.findings import findings_of, findings_stored
from campaigns.terms import ChannelResponse, PolicyValue, Report, ResponseModel

EMAIL = ChannelResponse(
    "email", 9000, 900, 14, 0.05, 0.02, 0.004, True, 0.001, (0.0, 0.5, 1.0), (0.0, 0.016, 0.02), 0.003, 0.001
)
MAIL = replace(EMAIL, channel="mail", qini=0.0)
MODEL = ResponseModel((EMAIL, MAIL, ChannelResponse("call", 10, 0, 14, 0.05, 0.02, 0.02)), policy=PolicyValue(
    4.0, 0.1, 0.25, 0.05, 5000))  # fmt: skip


def test_the_terminal_says_who_answers_and_what_acting_on_it_is_worth(report: Report):
    told = told_of_answers(replace(report, responding=MODEL))
    assert told[0].endswith("the most promising half of the customers gives 80% of all extra answers.")
    assert "contacting at random does as well" in told[1]
    assert "(likely 0.17 to 0.33), tried on 5,000 contacts" in told[2]
    assert told_of_answers(report) == ()


def test_json_has_the_curve_and_the_value_of_the_policy_and_a_run_keeps_both(report: Report):
    learned = replace(report, responding=MODEL)
    told = json.loads(json.dumps(report_json(learned)))["responding"]
    assert told["channels"][0]["qini_extra"] == [0.0, 0.016, 0.02]
    assert told["policy"]["above_error"] == 0.05
    assert findings_of(json.loads(json.dumps(findings_stored(learned))))["responding"] == MODEL
