from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from campaigns.faults import RefusedError, TouchstoneError
from campaigns.intake.checking import Checked, CheckOptions
from campaigns.intake.files import refuse, take_in
from campaigns.intake.formats import KINDS
from campaigns.intake.mappings import load_mapping, names, read_mapping

Map = Callable[..., Checked]

SPEND = """
[spend.columns]
date = "day"
channel = {{ constant = "tv" }}
cost = {cost}
"""


@pytest.fixture
def mapped(tmp_path: Path, options: CheckOptions) -> Map:
    """Write an export, and take it in by a mapping written on the spot."""

    def mapped(kind: str, mapping: str, content: str, name: str = "export.csv") -> Checked:
        (tmp_path / name).write_text(textwrap.dedent(content), "utf-8")
        return take_in(tmp_path / name, KINDS[kind], options, read_mapping("mine", textwrap.dedent(mapping)))

    return mapped


def mistakes(text: str) -> list[tuple[str, str]]:
    with pytest.raises(RefusedError) as caught:
        read_mapping("mine", textwrap.dedent(text))
    assert 'The mapping "mine"' in caught.value.message
    return [(fault.column, fault.expected) for fault in caught.value.faults]


def test_columns_constants_lookups_and_templates_make_the_rows(mapped: Map) -> None:
    checked = mapped(
        "touches",
        """
        [touches.columns]
        customer_id = "Client No"
        occurred_at = { column = "Sent", format = "%d.%m.%Y %H:%M" }
        channel = { column = "Way", lookup = { "Electronic Letter" = "email", "SMS!" = "sms" } }
        kind = { constant = "send" }
        touch_id = { template = "{Client No}/{Sent}" }
        """,
        """\
        client no;Sent;Way;Ignored
        7;01.05.2026 10:30;electronic_letter;x
        8;02.05.2026 11:00;SMS!;y
        """,
    )
    assert checked.faults == ()
    assert checked.mapping == "mine"
    first, second = checked.table.to_pylist()
    assert (first["customer_id"], first["channel"], first["touch_id"]) == ("7", "email", "7/01.05.2026 10:30")
    assert first["occurred_at"].isoformat() == "2026-05-01T07:30:00+00:00"
    assert second["channel"] == "sms"


def test_a_mapping_may_name_its_own_zone(mapped: Map) -> None:
    text = """
    zone = "America/New_York"
    [touches.columns]
    customer_id = "id"
    occurred_at = "at"
    channel = { constant = "mail" }
    kind = { constant = "mail" }
    """
    checked = mapped("touches", text, "id,at\n1,2026-05-01\n")
    assert checked.table.column("occurred_at")[0].as_py().isoformat() == "2026-05-01T04:00:00+00:00"


@pytest.mark.parametrize(
    ("form", "text"),
    [("unix", "1777629600"), ("unix_ms", "1777629600000"), ("%d/%m/%y %H:%M %z", "01/05/26 12:00 +02:00")],
)
def test_times_may_be_written_in_other_ways(mapped: Map, form: str, text: str) -> None:
    mapping = f"""
    [touches.columns]
    customer_id = "id"
    occurred_at = {{ column = "at", format = "{form}" }}
    channel = {{ constant = "mail" }}
    kind = {{ constant = "mail" }}
    """
    checked = mapped("touches", mapping, f"id,at\n1,{text}\n2,x\n3,\n")
    assert checked.table.column("occurred_at")[0].as_py().isoformat() == "2026-05-01T10:00:00+00:00"
    assert [(fault.line, fault.found) for fault in checked.faults] == [(3, "x"), (4, "nothing")]


def test_numbers_may_be_written_in_other_ways_and_rounded(mapped: Map) -> None:
    cost = '{ column = "net", decimal = ",", thousands = ".", round = 2 }'
    checked = mapped("spend", SPEND.format(cost=cost), "day;net\n2026-05-01;1.234,5678\n2026-05-02;12,5O\n")
    assert checked.table.column("cost").to_pylist() == [123457]
    (fault,) = checked.faults
    assert (fault.line, fault.column, fault.found) == (3, "cost (from net)", "12.5O")


def test_columns_are_added_up_and_taken_off(mapped: Map) -> None:
    cost = '{ add = ["a", "b"], subtract = ["c"] }'
    checked = mapped(
        "spend", SPEND.format(cost=cost), "day,a,b,c\n2026-05-01,0.1,0.2,\n2026-05-02,5,,1.5\n2026-05-03,,,\n"
    )
    assert checked.table.column("cost").to_pylist() == [30, 350]
    assert [(fault.line, fault.column, fault.found) for fault in checked.faults] == [
        (4, "cost (from a, b, c)", "nothing")
    ]


def test_a_value_inside_json_is_taken_out(mapped: Map) -> None:
    cost = '{ column = "set", json = "shop.amount" }'
    text = 'day,set\n2026-05-01,"{""shop"": {""amount"": 9.90}}"\n2026-05-02,"{""shop"": 1}"\n2026-05-03,{\n'
    checked = mapped("spend", SPEND.format(cost=cost), text)
    assert checked.table.column("cost").to_pylist() == [990]
    assert [fault.line for fault in checked.faults] == [3, 4]


def test_the_first_case_that_holds_gives_the_value(mapped: Map) -> None:
    mapping = """
    [responses.columns]
    customer_id = "id"
    occurred_at = "at"
    reason = { cases = [{ column = "gone", filled = true, then_column = "gone" }] }
    [responses.columns.kind]
    otherwise = "order"
    cases = [
        { column = "gone", filled = true, then = "return" },
        { column = "state", in = ["Asked", "told"], then = "interest" },
        { column = "state", not_in = ["paid", "new"], then = "decline" },
    ]
    """
    rows = "1,2026-05-01,late,paid\n2,2026-05-01,,ASKED\n3,2026-05-01,,other\n4,2026-05-01,,Paid\n5,2026-05-01,,\n"
    checked = mapped("responses", mapping, f"id,at,gone,state\n{rows}")
    assert checked.table.column("kind").to_pylist() == ["return", "interest", "decline", "order", "decline"]
    assert checked.table.column("reason").to_pylist() == ["late", None, None, None, None]
    assert 'kind is "return" in 1 row, because gone is filled' in checked.notes


def test_rows_are_chosen_and_it_is_said_how_many_were_left_out(mapped: Map) -> None:
    mapping = 'spend.where = [{ column = "test", not_in = ["yes"] }, { column = "net", filled = true }]\n'
    mapping += SPEND.format(cost='"net"')
    checked = mapped("spend", mapping, "day,net,test\n2026-05-01,1,no\n2026-05-02,2,YES\n2026-05-03,,\n2026-05-04,x,\n")
    assert checked.table.column("cost").to_pylist() == [100]
    assert [(fault.line, fault.found) for fault in checked.faults] == [(5, "x")]
    assert checked.notes == (
        "1 of 4 rows left out, because not: test is not yes",
        "1 of 4 rows left out, because not: net is filled",
    )


GROUPED = """
[responses]
group_by = ["basket"]
[responses.columns]
customer_id = { column = "who", take = "first" }
occurred_at = { column = "at", take = "min" }
kind = { constant = "order" }
order_id = "basket"
value = { column = "paid", take = "sum" }
margin = { column = "paid", take = "max" }
product = { take = "count" }
reason = { column = "code", take = "count" }
"""


def test_grouped_rows_become_one_by_sum_first_count_min_and_max(mapped: Map) -> None:
    rows = [
        "b,C-2,2026-05-02 10:00,0.1,",
        "a,,2026-05-03 10:00,9,x",
        "b,C-9,2026-05-01 10:00,0.2,",
        "b,C-2,2026-05-04 10:00,10.0,y",
        "a,C-1,2026-05-05 10:00,,z",
    ]
    checked = mapped("responses", GROUPED, "\n".join(["basket,who,at,paid,code", *rows]))
    assert checked.faults == ()
    columns = ["order_id", "customer_id", "value", "margin", "product", "reason"]
    assert [tuple(row.values()) for row in checked.table.select(columns).to_pylist()] == [
        ("b", "C-2", 1030, 1000, "3", "1"),
        ("a", "C-1", 900, 900, "2", "2"),
    ]
    assert checked.table.column("occurred_at")[0].as_py().isoformat() == "2026-05-01T07:00:00+00:00"
    assert checked.notes == ("5 rows became 2, grouped by basket",)


def test_a_fault_in_a_group_names_its_own_line_and_refuses_the_group(mapped: Map) -> None:
    rows = ["b,C-2,2026-05-02,1,", "a,C-1,2026-05-03,2,", "b,C-2,2026-05-02,one,", "c", "b,C-2,2026-05-02,two,"]
    checked = mapped("responses", GROUPED, "\n".join(["basket,who,at,paid,code", *rows]))
    assert [(fault.line, fault.column, fault.found) for fault in checked.faults] == [
        (4, "value (from paid)", "one"),
        (6, "value (from paid)", "two"),
        (4, "margin (from paid)", "one"),
        (6, "margin (from paid)", "two"),
        (5, "", "1 value"),
    ]
    assert checked.table.column("order_id").to_pylist() == ["a"]
    assert [row.line for row in checked.rejected] == [2, 5]


def test_values_are_looked_up_in_another_file_of_any_format(mapped: Map, tmp_path: Path) -> None:
    parquet.write_table(
        pa.table({"id": [1, 2, None], "start": ["2026-05-01", "2026-05-02", "x"]}), tmp_path / "more.parquet"
    )
    mapping = """
    [touches.columns]
    customer_id = "who"
    channel = { constant = "mail" }
    kind = { constant = "mail" }
    occurred_at = { column = "campaign", lookup_file = { file = "more", key = "id", value = "start" } }
    """
    checked = mapped("touches", mapping, "who,campaign\nC-1,2\nC-2,3\n")
    assert checked.table.column("occurred_at")[0].as_py().isoformat() == "2026-05-01T21:00:00+00:00"
    (fault,) = checked.faults
    assert (fault.line, fault.found, fault.expected) == (3, "3", "a value of id in more")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "no file more in"),
        ("id,begin\n1,2026-05-01\n", "no such column"),
        ("id,start\n1,2026-05-01\n1,2026-05-02\n", "more.csv: 1 for the second time"),
        ("", "more.csv: an empty file"),
    ],
)
def test_a_lookup_file_that_does_not_serve_is_a_fault(
    mapped: Map, tmp_path: Path, content: str | None, found: str
) -> None:
    if content is not None:
        (tmp_path / "more.csv").write_text(content, "utf-8")
    cost = '{ column = "x", lookup_file = { file = "more", key = "id", value = "start" } }'
    checked = mapped("spend", SPEND.format(cost=cost), "day,x\n2026-05-01,1\n")
    assert checked.unusable
    assert checked.faults[0].found.startswith(found)


def test_what_is_not_in_a_lookup_is_a_fault_or_its_default(mapped: Map) -> None:
    export = "day,net,way\n2026-05-01,1,Fernsehen\n2026-05-02,1,Kino\n"
    form = '[spend.columns]\ndate = "day"\ncost = "net"\n'
    form += 'channel = {{ column = "way", lookup = {{ "fernsehen" = "tv" }}{more} }}\n'
    (fault,) = mapped("spend", form.format(more=""), export).faults
    assert (fault.line, fault.column, fault.found, fault.expected) == (
        3,
        "channel (from way)",
        "Kino",
        "one of fernsehen",
    )
    for more, name in ((', otherwise = "other"', "other"), (", keep_others = true", "kino")):
        assert mapped("spend", form.format(more=more), export).table.column("channel").to_pylist() == ["tv", name]


def test_texts_that_mean_nothing_are_empty(mapped: Map) -> None:
    checked = mapped(
        "spend", 'empty = ["NA", "-"]\n' + SPEND.format(cost='"net"'), "day,net\n2026-05-01,-\n2026-05-02,2\n"
    )
    assert [(fault.line, fault.column, fault.expected) for fault in checked.faults] == [
        (2, "cost (from net)", "a value: what was spent")
    ]


def test_a_column_that_the_export_lacks_is_a_fault_unless_it_is_optional(mapped: Map) -> None:
    mapping = SPEND.format(cost='"Net"') + 'clicks = { column = "Clics", optional = true }\n'
    assert mapped("spend", mapping, "day,net\n2026-05-01,1\n").faults == ()
    checked = mapped("spend", mapping, "day,nett\n2026-05-01,1\n")
    (fault,) = checked.faults
    assert (fault.line, fault.column, fault.found) == (1, "Net", "no such column")
    assert fault.expected == "the column that cost is made from; did you mean nett?"
    with pytest.raises(RefusedError, match=r'export\.csv, read by the mapping "mine", was refused'):
        refuse(checked)


def test_a_mapping_of_another_kind_is_refused(mapped: Map) -> None:
    checked = mapped("touches", SPEND.format(cost='"net"'), "day,net\n2026-05-01,1\n")
    (fault,) = checked.faults
    assert fault.expected == "a mapping that makes touches"


def test_faults_of_the_check_name_both_columns_and_the_line_of_the_export(mapped: Map) -> None:
    checked = mapped("spend", SPEND.format(cost='"net"'), "day,net\n\n2026-05-01,1\n2027-05-01,-1\n")
    assert [str(fault).split(";")[0] for fault in checked.faults] == [
        "line 4, date (from day): found 2027-05-01",
        "line 4, cost (from net): found -1",
    ]


def test_every_mistake_in_a_mapping_is_found_at_once() -> None:
    found = mistakes(
        """
        zone = "Mars"
        wrong = 1
        [spend]
        wher = []
        group_by = ["day"]
        where = [{ column = "x" }, { column = "x", in = ["a"], filled = true }, 3]
        [spend.columns]
        date = "day"
        channel = { colum = "x" }
        cost = { column = "net" }
        clicks = { column = "c", constant = "1", take = "sum" }
        units = { column = "u", take = "average" }
        campain = "x"
        ad = { column = "a", take = "sum" }
        region = { column = "r", take = "first", otherwise = "x" }
        claimed_value = { column = "v", take = "sum", round = 9 }
        [touches]
        """
    )
    assert [place for place, _ in found] == [
        "zone",
        "wrong",
        "spend.wher",
        "spend.where[0]",
        "spend.where[1]",
        "spend.where[2]",
        "spend.columns.channel.colum",
        "spend.columns.cost",
        "spend.columns.clicks",
        "spend.columns.units.take",
        "spend.columns.campain",
        "spend.columns.ad",
        "spend.columns.region",
        "spend.columns.claimed_value.round",
        "touches.columns",
        *["touches.columns"] * 3,
    ]
    assert "did you mean where?" in dict(found)["spend.wher"]
    assert "did you mean campaign?" in dict(found)["spend.columns.campain"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = [", "mine.toml"),
        ("about = 'x'", ""),
        ("[spend]\ncolumns = 3", "spend.columns"),
        ("[spend.columns]\ndate = 3", "spend.columns.date"),
        (SPEND.format(cost='{ column = "x", lookup = {} }'), "spend.columns.cost.lookup"),
        (SPEND.format(cost='{ column = "x", lookup = { "A" = "1", "a" = "2" } }'), "spend.columns.cost.lookup.a"),
        (
            SPEND.format(cost='{ column = "x", lookup_file = { file = "../x", key = "a", value = "b" } }'),
            "spend.columns.cost.lookup_file.file",
        ),
        (SPEND.format(cost='{ column = "x", format = "%d" }'), "spend.columns.cost"),
        (SPEND.format(cost='{ column = "x", take = "sum" }'), "spend.columns.cost"),
        (SPEND.format(cost='{ constant = "1", json = "x" }'), "spend.columns.cost"),
        (SPEND.format(cost='{ column = "x", optional = "yes" }'), "spend.columns.cost.optional"),
        (SPEND.format(cost='{ cases = [{ column = "x", filled = true }] }'), "spend.columns.cost.cases[0]"),
        ("empty = 'NA'\n" + SPEND.format(cost='"x"'), "empty"),
    ],
)
def test_a_mistake_in_a_mapping_is_named_by_its_place(text: str, place: str) -> None:
    assert place in [where for where, _ in mistakes(text)]


def test_mappings_are_found_by_name_and_your_own_come_first(tmp_path: Path) -> None:
    assert {"fivetran_ad_report", "fivetran_shopify_orders", "complete_journey_campaigns"} <= set(names())
    (tmp_path / "fivetran_ad_report.toml").write_text('about = "mine"\n' + SPEND.format(cost='"net"'), "utf-8")
    assert load_mapping("fivetran_ad_report", [tmp_path]).about == "mine"
    assert load_mapping("fivetran_ad_report").about != "mine"


def test_an_unknown_mapping_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(TouchstoneError, match='Did you mean "fivetran_ad_report"'):
        load_mapping("fivetran_ad", [tmp_path])
    with pytest.raises(TouchstoneError, match="There are: "):
        load_mapping("../../etc/passwd")


@pytest.mark.parametrize("name", names())
def test_every_shipped_mapping_is_without_mistakes(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.about
    assert set(mapping.kinds) <= set(KINDS)
