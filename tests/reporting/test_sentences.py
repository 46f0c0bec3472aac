from dataclasses import replace

import pytest

from campaigns.reporting.decisions import Action, Basis, Decision, Ground, Yardstick, decide, yardstick_of
from campaigns.reporting.figures import about, number
from campaigns.reporting.lines import ad_lines, channel_lines, summarise
from campaigns.reporting.sentences import (
    caused,
    channel_name,
    claims,
    cost_words,
    finding,
    goal_of,
    headline,
    last_click,
    newcomers,
    plan_quality,
    reason,
    withheld_lines,
    yardstick_words,
)
from campaigns.terms import GOALS, Cost, Effect, Plan, Proof, Range, Report

ORDERS = GOALS["order"]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def of(report: Report, channel: str) -> Effect:
    return next(effect for effect in report.channels if effect.channel == channel)


def why(report: Report, channel: str, target: float | None) -> str:
    yardstick = yardstick_of(report.channels, target)
    effect = of(report, channel)
    return plain(reason(effect, decide(effect, yardstick), yardstick, report.currency, ORDERS))


def test_a_finding_gives_the_estimate_and_its_likely_range(report: Report) -> None:
    assert finding(of(report, "display"), ORDERS) == "about 210 extra orders, likely 150 to 280"


def test_a_range_that_reaches_nothing_is_too_little_to_tell(report: Report) -> None:
    assert finding(of(report, "call"), ORDERS) == "too little to tell: between 0 and 60 extra orders"


def test_no_effect_is_said_as_such(report: Report) -> None:
    assert finding(of(report, "tv"), ORDERS) == "no extra orders we can show"


@pytest.mark.parametrize(
    ("credited", "words"),
    [
        (4_683, "Last click says 4,683: most of those people were going to buy anyway."),
        (300, "Last click says 300: more than it caused."),
        (210, "Last click says 210: about the same."),
        (90, "Last click says 90: less than it caused."),
        (0, "Last click cannot see it."),
    ],
)
def test_last_click_is_told_apart_from_what_was_caused(report: Report, credited: float, words: str) -> None:
    assert last_click(replace(of(report, "display"), rules={"last_touch": credited}), ORDERS) == words


def test_last_click_has_nothing_to_say_where_it_is_unknown_or_where_nothing_happened(report: Report) -> None:
    assert last_click(replace(of(report, "display"), rules={}), ORDERS) == ""
    assert last_click(of(report, "tv"), ORDERS) == ""


def test_leads_do_not_buy(report: Report) -> None:
    said = last_click(replace(of(report, "display"), rules={"last_touch": 4_683}), GOALS["lead"])
    assert said.endswith("going to come anyway.")


def test_each_verdict_has_its_reason_with_figures(report: Report, target: float) -> None:
    assert why(report, "search", target) == (
        "A new customer costs about 32 EUR (28 to 37): below your 40 EUR target. "
        "The next one costs about 39 EUR (31 to 55)."
    )
    assert why(report, "tv", target) == (
        "34,000 EUR spent and no new customers we can show. Even at best, one would cost 14,000 EUR."
    )
    assert why(report, "call", target).startswith("A new customer costs 100 EUR or more: above your 40 EUR target")
    assert "could be either side of your 40 EUR target" in why(report, "sms", target)
    assert "close to your 40 EUR target, could be either side" in why(report, "mail", target)


def without_targets(report: Report, *channels: str) -> Report:
    """The report with no promotion's target in these channels, or in any."""

    def bare(effect: Effect) -> Effect:
        kept = bool(channels) and effect.channel not in channels
        return effect if kept else replace(effect, p_below_target=None, target=None)

    return replace(report, channels=tuple(map(bare, report.channels)), ads=tuple(map(bare, report.ads)))


def test_the_report_names_what_its_costs_are_held_against(report: Report, target: float) -> None:
    def words(of: Report, target: float | None = None) -> tuple[str, bool]:
        summary = summarise(of, target)
        return plain(summary.held_against), summary.targets_differ

    assert words(report, target) == ("your 40 EUR target", False)
    assert words(report) == ("the target that your promotions set (40 EUR)", False)
    assert words(without_targets(report)) == ("your average of 70 EUR", False)
    assert words(without_targets(report, "tv")) == (
        "the target that your promotions set (40 EUR), and without any against your average of 70 EUR",
        True,
    )
    dearer = tuple(replace(effect, target=120.0) if effect.channel == "mail" else effect for effect in report.channels)
    assert words(replace(report, channels=dearer)) == ("the targets that your promotions set (40 to 120 EUR)", True)


def test_each_line_has_its_target_and_the_chance_of_beating_it(report: Report, target: float) -> None:
    lines = {line.effect.channel: line for line in channel_lines(without_targets(report, "tv"))}
    assert [plain(word) for word in (lines["search"].target, lines["search"].chance)] == ["40 EUR", "97 %"]
    assert (lines["tv"].target, lines["tv"].chance) == ("–", "–")
    own = {line.effect.channel: line for line in channel_lines(report, target)}
    assert [plain(word) for word in (own["search"].target, own["search"].chance)] == ["40 EUR", "–"]


def test_without_a_readers_target_reasons_speak_of_the_promotions_targets_and_their_chance(report: Report) -> None:
    assert why(report, "search", None) == (
        "A new customer costs about 32 EUR (28 to 37): below your 40 EUR target "
        "(chance it beats that: 97 %). The next one costs about 39 EUR (31 to 55)."
    )
    saturated = replace(of(report, "search"), marginal_cac=Cost(95.0, 81.0, 120.0))
    assert "below your 40 EUR target. But the next one costs about 95 EUR (81 to 120): enough is spent." in why(
        replace(report, channels=tuple(saturated if c.channel == "search" else c for c in report.channels)),
        "search",
        None,
    )


def test_without_any_target_reasons_speak_of_the_average(report: Report) -> None:
    untargeted = without_targets(report)
    assert "below your average of 70 EUR" in why(untargeted, "search", None)
    assert "chance" not in why(untargeted, "search", None)


def test_an_endless_cost_is_never_written(report: Report, target: float) -> None:
    for line in (*channel_lines(report, target), *ad_lines(report, target)):
        shown = " ".join(value for value in vars(line).values() if isinstance(value, str))
        for endless in ("inf", "nan", "None", "∞"):
            assert endless not in shown


def test_every_ground_has_words(report: Report) -> None:
    effect = of(report, "search")
    for ground in Ground:
        for yardstick in (
            Yardstick(40.0, Basis.TARGET),
            Yardstick(55.0, Basis.AVERAGE),
            Yardstick(None, Basis.AVERAGE),
        ):
            for part in (effect, replace(effect, cac=Cost(None, 12.0, None), marginal_cac=None), of(report, "call")):
                decision = Decision(decide(effect, yardstick).action, ground, 0.4)
                words = reason(part, decision, yardstick, "EUR", ORDERS)
                assert words.endswith(".")
                assert "None" not in words
                assert "  " not in words


def test_no_statisticians_word_reaches_the_screen(report: Report, target: float) -> None:
    summary = summarise(report, target)
    lines = (*channel_lines(report, target), *ad_lines(report, target))
    shown = " ".join(
        [summary.headline, summary.claims, summary.linked, *(fact.label + fact.note for fact in summary.facts)]
        + [f"{line.finding} {line.reason} {line.last_click} {line.proof_words}" for line in lines]
    ).lower()
    for word in ("incremental", "baseline", "posterior", "interval", "cac", "probability", "prior", "credible", "p05"):
        assert word not in shown, word


def test_a_channel_that_works_on_known_people_is_said_to(report: Report) -> None:
    loyal = replace(of(report, "email"), acquired=Range(74.0, 50.0, 99.0))
    words = reason(loyal, Decision(Action.KEEP, Ground.REPEAT), Yardstick(40.0, Basis.TARGET), "EUR", ORDERS)
    assert plain(words) == "90 % of its extra orders come from people you already had: about 2.50 EUR for each."


def test_costs_read_with_their_range_or_their_lower_end() -> None:
    assert plain(cost_words(Cost(31.5, 27.5, 36.8), "EUR")) == "about 32 EUR (28 to 37)"
    assert plain(cost_words(Cost(233.0, 101.0, None), "EUR")) == "100 EUR or more"
    assert cost_words(Cost(None, None, None), "EUR") == ""
    assert cost_words(None, "EUR") == ""


def test_the_headline_says_what_would_have_been_lost(report: Report) -> None:
    assert headline(report) == (
        "Of 10,512 orders, about 2,470 would not have come without advertising (likely 2,220 to 2,720)."
    )
    whole = caused(report)
    assert whole.mean == pytest.approx(sum(effect.incremental.mean for effect in report.channels))
    assert whole.p05 < whole.mean < whole.p95


def test_the_headline_admits_when_nothing_can_be_told(report: Report) -> None:
    unsure = replace(report, baseline=Range(10_480.0, 10_440.0, 10_512.0))
    assert headline(unsure) == "Of 10,512 orders, too little to tell how many advertising caused: at most about 70."


def test_the_platforms_claims_stand_beside_what_we_find(report: Report) -> None:
    caused = {effect.channel: effect.incremental.mean for effect in report.channels}
    both = number(caused["display"] + caused["search"], about(caused["display"] + caused["search"]))
    assert claims(report) == f"Display claims 4,120 orders, Search 2,310: 6,430. They caused about {both}."
    alone = replace(
        report, channels=tuple(replace(c, claimed=None) if c.channel == "search" else c for c in report.channels)
    )
    display = number(caused["display"], about(caused["display"]))
    assert claims(alone) == f"Display claims 4,120 orders. It caused about {display}."
    unclaimed = replace(report, channels=tuple(replace(effect, claimed=None) for effect in report.channels))
    assert claims(unclaimed) == ""


def test_platforms_that_claim_more_than_there_was_are_held_against_that(report: Report) -> None:
    fewer = replace(report, run=replace(report.run, responses=4000))
    assert claims(fewer) == "Display claims 4,120 orders, Search 2,310: 6,430. You had 4,000."
    alone = replace(
        fewer, channels=tuple(replace(c, claimed=None) if c.channel == "search" else c for c in report.channels)
    )
    assert claims(alone) == "Display claims 4,120 orders. You had 4,000 in all."


def test_goals_bring_their_own_nouns(report: Report) -> None:
    for name, goal in GOALS.items():
        run = replace(report.run, goal=name)
        assert goal_of(run) is goal
        assert goal.plural in headline(replace(report, run=run))
        assert newcomers(goal)[0].startswith("new ")
    assert goal_of(replace(report.run, goal="visit")).plural == "responses"


def test_channel_names_are_written_as_people_write_them() -> None:
    assert [channel_name(name) for name in ("email", "tv", "paid_social", "mail")] == [
        "E-mail",
        "TV",
        "Paid social",
        "Mail",
    ]


def test_a_yardstick_is_named() -> None:
    assert plain(yardstick_words(Yardstick(40.0, Basis.TARGET), "EUR")) == "your 40 EUR target"
    assert plain(yardstick_words(Yardstick(52.3, Basis.AVERAGE), "EUR")) == "your average of 52 EUR"
    assert plain(yardstick_words(Yardstick(52.3, Basis.PROMOTIONS), "EUR")) == "your 52 EUR target"
    assert plain(yardstick_words(Yardstick(2.5, Basis.PROMOTIONS), "EUR")) == "your 2.50 EUR target"
    assert yardstick_words(Yardstick(None, Basis.AVERAGE), "EUR") == ""


def test_a_guess_is_called_a_guess(report: Report, target: float) -> None:
    guessed = replace(of(report, "search"), proof=Proof.PRIOR)
    (line,) = channel_lines(replace(report, channels=(guessed,)), target)
    assert line.proof_words == "Guess from similar firms"
    assert "only a guess" in line.reason


def test_a_plan_says_how_good_it_is_and_whom_it_left_out(plan: Plan) -> None:
    assert plain(plan_quality(plan.bound, plan.gap)) == "98.7 % of the best possible plan"
    assert withheld_lines(plan.withheld)[0] == ("no consent", "4,120")
    assert plan_quality(0.0, 0.0) == "nothing to gain by contacts"
