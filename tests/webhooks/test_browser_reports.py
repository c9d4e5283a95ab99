"""What a browser refused to do on a page of ours is a line of the log, and nothing is believed."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.webhooks.reports import MOST_AN_HOUR, MOST_BYTES, NotAReport, read_reports
from tests import described
from tests.portal.doors import Door

WHERE = "/hooks/browser"
OLD = {
    "csp-report": {
        "document-uri": "https://pay.example/pay/s3cret-of-a-link?x=1",
        "effective-directive": "script-src-elem", "blocked-uri": "https://evil.example/a.js?b",
    }
}  # fmt: skip
NEW = [
    {"type": "deprecation", "body": {"id": "x"}},
    {
        "type": "csp-violation",
        "body": {
            "documentURL": "https://pay.example/invoices", "blockedURL": "inline",
            "effectiveDirective": "require-trusted-types-for",
        },
    },
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["csp-report", "type", "body", "document-uri"]), inner)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("said", "page", "directive", "blocked"),
    [
        (OLD, "/pay/s3cret-of-a-link", "script-src-elem", "https://evil.example/a.js"),
        (NEW, "/invoices", "require-trusted-types-for", "inline"),
    ],
)
def test_a_report_of_either_form_says_what_was_refused_where(
    said: object, page: str, directive: str, blocked: str
) -> None:
    assert read_reports(json.dumps(said).encode()) == [(page, directive, blocked)]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda said: json.dumps(said).encode()))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        found = read_reports(body)
    except NotAReport:
        return
    assert len(found) <= 10
    assert all(len(part) <= 200 for each in found for part in each)


def test_deep_json_is_no_report() -> None:
    with pytest.raises(NotAReport):
        read_reports(b"[" * MOST_BYTES)


def test_a_report_is_one_line_of_the_log_that_it_cannot_end(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"csp-report": {"document-uri": "/x", "effective-directive": "a\nfault of ours"}}

    with caplog.at_level(logging.WARNING):
        answer = door.client().post(WHERE, json.dumps(said), "application/csp-report")

    assert answer.status_code == 204
    assert described.unlike_of(answer) == []
    assert "browser refused 'a\\nfault of ours' of '' on '/x'" in caplog.text


def test_what_is_no_report_too_much_or_too_often_is_refused(door: Door) -> None:
    client = door.client()
    nonsense = client.post(WHERE, b"nonsense", "application/csp-report")
    much = client.post(WHERE, b" " * (MOST_BYTES + 1), "text/plain")
    answers = [client.post(WHERE, b"[]", "text/plain") for _ in range(MOST_AN_HOUR)]

    assert (nonsense.status_code, much.status_code) == (400, 413)
    assert {each.status_code for each in answers[:-1]} == {204}
    assert answers[-1].status_code == 429
    assert [described.unlike_of(each) for each in (nonsense, much, answers[-1])] == [[]] * 3
    assert 0 < int(answers[-1]["Retry-After"]) <= 3600
