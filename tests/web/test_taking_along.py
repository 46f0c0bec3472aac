import gzip
import io
import json

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.mark.parametrize("name", ["extra", "cost", "ads"])
@pytest.mark.parametrize("narrow", ["", "?narrow=1"])
def test_each_chart_comes_as_vega_with_the_tokens_of_its_colours(client: FlaskClient, name: str, narrow: str) -> None:
    answer = client.get(f"/charts/order/{name}.vega.json{narrow}")
    told = json.loads(answer.text)
    assert told["spec"]["$schema"] == "https://vega.github.io/schema/vega/v6.json"
    assert "title" not in told["spec"]
    assert told["colours"]["#1f62ad"] == "estimate"
    assert "Search" in answer.text


def test_the_report_comes_as_a_pdf(client: FlaskClient) -> None:
    answer = client.get("/effectiveness/order/report.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert 'filename="effectiveness-2026-03-02.pdf"' in answer.headers["Content-Disposition"]


def test_the_report_comes_as_a_workbook_with_verdicts_lines_and_how_it_was_made(client: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/effectiveness/order/report.xlsx").data))
    assert {"Verdicts", "Channels", "Ads", "Trend", "Curves", "Tests", "How it was made"} <= set(book.sheetnames)
    rows = list(book["Verdicts"].iter_rows(values_only=True))
    assert rows[1][:2] == ("channel", "search")


def test_the_report_comes_as_csv(client: FlaskClient) -> None:
    lines = client.get("/effectiveness/order/report.csv").text.splitlines()
    assert lines[0].startswith("level,channel")
    assert any(line.startswith("ad,search,") and "Brand name" in line for line in lines)


@pytest.mark.parametrize("address", ["/effectiveness/lead/report.pdf", "/effectiveness/gold/report.csv"])
def test_what_has_no_report_cannot_be_taken_along(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/effectiveness", "/touchstone.css", "/static/vendor/vega.min.js"])
def test_texts_go_out_compressed_to_those_who_understand_it(client: FlaskClient, address: str) -> None:
    small = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    whole = plain.data
    plain.close()
    if address != "/effectiveness":
        assert gzip.decompress(small.data) == whole
    assert len(small.data) < len(whole) / 2


def test_the_first_load_is_light_with_all_that_charts_need(client: FlaskClient) -> None:
    wanted = ["/effectiveness", "/touchstone.css", "/static/charts.js", "/static/touchstone.svg"]
    wanted += [f"/static/vendor/{name}" for name in ("vega.min.js", "vega-interpreter.min.js", "htmx.min.js")]
    wanted += [f"/charts/order/{name}.vega.json" for name in ("extra", "cost", "ads")]
    sizes = [len(client.get(address, headers={"Accept-Encoding": "gzip"}).data) for address in wanted]
    assert sum(sizes) < 350_000


def test_every_table_that_is_offered_as_csv_is_offered_as_a_workbook_too(empty_app: Flask) -> None:
    offered = [rule.rule for rule in empty_app.url_map.iter_rules() if "csv" in rule.rule]
    assert len(offered) >= 6
    assert [rule for rule in offered if "xlsx" not in rule] == []
