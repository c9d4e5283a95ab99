"""The pages on which people pay are fetched over HTTP and compared; what differs is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import pytest

from quittance.audit.models import AuditEvent
from quittance.notifications.models import Message
from quittance.payment_page.looking import LOOKED, PATIENCE, look_at_pages
from quittance.payment_page.sample import sample_token
from quittance.reconciliation.exceptions import ExceptionRow, Kind, waiting
from quittance.reconciliation.findings import look_and_keep
from quittance.tenancy.rows import reading
from tests.payment_page.between import Answer, Change
from tests.payment_page.conftest import Till

PAGES: Final = ("/pay/", "/payments/sample/")


def looks() -> list[AuditEvent]:
    """Every look that was written down, the oldest first."""
    with reading():
        return list(AuditEvent.objects.filter(what=LOOKED).order_by("happened_at", "id"))


def queue() -> list[ExceptionRow]:
    """What waits about the pages, once everything was looked at."""
    look_and_keep(older_than=timedelta(0))
    with reading():
        return waiting(kinds=[Kind.PAGE_DIFFERS])


def is_page(path: str) -> bool:
    """Whether a page is answered, and not one of its files."""
    return path.startswith(PAGES) and not path.endswith(".js")


def replaced(before: str, after: str) -> Change:
    """Something between us and the browser changes the markup."""

    def change(path: str, answer: Answer) -> Answer:
        status, headers, body = answer
        assert not is_page(path) or before.encode() in body
        return (
            status,
            headers,
            body.replace(before.encode(), after.encode()) if is_page(path) else body,
        )

    return change


def header(name: str, change_value: Callable[[str], str]) -> Change:
    """Something between us and the browser changes a header."""

    def change(path: str, answer: Answer) -> Answer:
        status, headers, body = answer
        if not is_page(path):
            return answer
        assert name in dict(headers)
        return status, [(n, change_value(v) if n == name else v) for n, v in headers], body

    return change


def more_of(ending: str) -> Change:
    """A file has more in it than ours."""

    def change(path: str, answer: Answer) -> Answer:
        status, headers, body = answer
        return status, headers, body + b"\n/* */" if path.endswith(ending) else body

    return change


def facts_after(more: bytes) -> Change:
    """Something stands before the facts that the page with fields has for its script."""
    tag = b'<script id="fields-facts" type="application/json">'

    def change(_path: str, answer: Answer) -> Answer:
        status, headers, body = answer
        return status, headers, body.replace(tag, tag + more)

    return change


CSP: Final = "Content-Security-Policy"
CHANGES: Final[Mapping[str, tuple[Change, str]]] = {
    "a script of elsewhere": (
        replaced("</head>", '<script src="https://evil.example/s.js"></script></head>'),
        "loads a script of elsewhere: https://evil.example/s.js",
    ),
    "another script of our own host": (
        replaced("</head>", '<script src="/static/ui/other.js"></script></head>'),
        "a script that is not in the inventory: /static/ui/other.js",
    ),
    "a script within": (replaced("</body>", "<ScRiPt>go()</sCrIpT></body>"), "a script within"),
    "a handler": (replaced("<body>", '<body OnLoad="go()">'), "a script in the attribute onload"),
    "a frame": (replaced("</body>", '<iframe src="//evil.example"></iframe></body>'), "a frame"),
    "a form to elsewhere": (
        replaced("</body>", '<form action="https://evil.example/x"></form></body>'),
        "a form that is sent elsewhere: https://evil.example/x",
    ),
    "another base": (
        replaced("<head>", '<head><base href="//evil.example">'), "a tag that changes"
    ),
    "a wider policy": (
        header(CSP, lambda v: v.replace("script-src", "script-src https://evil.example")),
        "The policy’s script-src allows https://evil.example.",
    ),
    "no reports": (header(CSP, lambda v: v.replace("report-to csp", "")), "report-to lacks csp"),
    "no policy": (header(CSP, lambda _: ""), "script-src lacks 'self'"),
    "any frame": (header("X-Frame-Options", lambda _: "ALLOWALL"), "“ALLOWALL” and not “DENY”"),
    "more permissions": (
        header("Permissions-Policy", lambda v: v.replace("camera=()", "camera=*")), "camera=*"
    ),
    "another look": (more_of("app.css"), "style /static/ui/app.css is not the one"),
    "other colours": (more_of(".css"), "is not the one of the inventory"),
    "another module": (more_of(".js"), "module fields.js is not the one of the inventory"),
    "facts that break off": (facts_after(b"{"), "does not say which module"),
    "facts without a bottom": (facts_after(b"[" * 100_000), "does not say which module"),
    "a script that is missing": (
        replaced('<script src="/static/', '<script data-src="/static/'), "does not load ui/"
    ),
}  # fmt: skip


def test_both_pages_are_as_the_inventory_says_and_the_looks_are_the_evidence(till: Till) -> None:
    assert look_at_pages() == []

    link, fields = looks()
    assert (link.facts["page"], fields.facts["page"]) == ("link", f"fields:{till.account_id}")
    assert "/static/ui/app.js" in link.facts["files"]
    assert {"/static/ui/fields.js", "fields.js"} <= set(fields.facts["files"])
    origin = till.door.ground.world.gateway.fields_url
    assert f"script-src 'self' {origin}" in fields.facts["headers"][CSP]
    assert queue() == []


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_on_the_way_is_found(till: Till, name: str) -> None:
    till.between.change, said = CHANGES[name]

    found = look_at_pages()

    assert [each for each in found if said in each], found


def test_a_difference_waits_in_the_queue_is_mailed_once_and_closes_by_itself(till: Till) -> None:
    till.door.person(email="priya@example.test", role="clerk")
    till.between.change = CHANGES["a script of elsewhere"][0]

    for _ in range(2):
        look_at_pages()
        rows = queue()

    assert len(rows) == 2
    assert "evil.example" in rows[0].sentence
    assert rows[0].sentence.count("(http://127.") == 1
    with reading():
        mails = Message.objects.filter(kind="alert", to="priya@example.test")
        assert [each.facts["kinds"] for each in mails] == [
            [["A page on which people pay is not as it must be", 2]]
        ]
    till.between.change = lambda _path, answer: answer
    assert look_at_pages() == []
    assert queue() == []


def test_what_is_right_is_looked_at_once_a_day_and_what_is_not_at_every_hour(till: Till) -> None:
    look_at_pages()
    asked = len(till.between.asked)
    assert asked

    look_at_pages()
    assert len(till.between.asked) == asked
    assert len(looks()) == 2


def test_no_answer_is_told_when_it_did_not_come_three_times(till: Till) -> None:
    till.between.change = lambda _path, answer: ("502 Bad Gateway", *answer[1:])

    found = [look_at_pages() for _ in range(PATIENCE)]

    assert found[:-1] == [[], []]
    assert all("could not be had 3 times in a row" in each for each in found[-1])
    assert len(queue()) == 2


def test_a_page_that_is_not_there_is_told_at_once(till: Till) -> None:
    till.between.change = lambda _path, answer: ("404 Not Found", *answer[1:])

    assert ["is answered with 404" in each for each in look_at_pages()] == [True, True]


def test_nobody_gets_the_page_without_a_payment_but_by_our_own_word(till: Till) -> None:
    client, token = till.door.client(), sample_token(till.account_id)

    assert client.get(f"/payments/sample/{token}").status_code == 200
    for word in (f"{token}x", "a", token.replace(":", ".")):
        assert client.get(f"/payments/sample/{word}").status_code == 404
        assert client.get(f"/payments/sample/{word}/{'0' * 16}.js").status_code == 404
    assert client.get(f"/payments/sample/{token}/{'0' * 16}.js").status_code == 404


def test_a_word_of_another_organization_or_of_yesterday_opens_nothing(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    from uuid import uuid4

    from django.core import signing

    from quittance.payment_page import sample

    client = till.door.client()
    foreign = signing.dumps([str(uuid4()), str(till.account_id)], salt=sample._SALT, compress=False)
    assert client.get(f"/payments/sample/{foreign}").status_code == 404
    monkeypatch.setattr(sample, "_GOOD_FOR", timedelta(seconds=-1))
    assert client.get(f"/payments/sample/{sample_token(till.account_id)}").status_code == 404
