"""``$batch``: alone or all together, what is undone, what lies about having been kept."""

from __future__ import annotations

from typing import Any

import httpx

from tests.sandbox.business_central.bc_company import Books, encoded, error_of, message_of

NOBODY = "00000000-0000-0000-0000-00000000dead"


def ask(books: Books, requests: list[dict[str, Any]], **headers: str) -> httpx.Response:
    return books.http.post(
        f"{books.root}/$batch", content=encoded({"requests": requests}), headers=headers
    )


def run(books: Books, requests: list[dict[str, Any]], **headers: str) -> list[dict[str, Any]]:
    answer = ask(books, requests, **headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["responses"]
    return found


def place(books: Books, path: str) -> str:
    """The address of a set relative to the API's root."""
    return f"{books.company.rsplit('/', 1)[1]}/{path}"


def make_customer(books: Books, name: str, request_id: str, **more: Any) -> dict[str, Any]:
    """A request that makes a customer."""
    return {
        "id": request_id,
        "method": "POST",
        "url": place(books, "customers"),
        "headers": {"Content-Type": "application/json"},
        "body": {"displayName": name},
        **more,
    }


def refused(request_id: str, books: Books, **more: Any) -> dict[str, Any]:
    """A request that is refused."""
    return {
        "id": request_id,
        "method": "POST",
        "url": place(books, f"journals({NOBODY})/Microsoft.NAV.post"),
        **more,
    }


def named(books: Books, name: str) -> int:
    return len(books.get(f"customers?$filter=displayName eq '{name}'")["value"])


def test_without_isolation_a_failure_stops_nothing_else(books: Books) -> None:
    found = run(
        books,
        [
            make_customer(books, "Batch one", "a"),
            refused("b", books),
            make_customer(books, "Batch two", "c"),
        ],
    )
    assert {each["id"]: each["status"] for each in found} == {"a": 201, "b": 404, "c": 201}
    assert found[1]["body"]["error"]["code"] == "Internal_RecordNotFound"
    assert (named(books, "Batch one"), named(books, "Batch two")) == (1, 1)


def test_what_depends_on_a_failure_is_not_tried(books: Books) -> None:
    found = run(
        books, [refused("b", books), make_customer(books, "Batch never", "c", dependsOn=["b"])]
    )
    assert [each["status"] for each in found] == [404, 424]
    assert named(books, "Batch never") == 0


def test_a_failed_snapshot_undoes_all_and_still_says_201(books: Books) -> None:
    requests = [
        make_customer(books, "Batch gone", "a"),
        refused("b", books),
        make_customer(books, "Batch gone", "c"),
    ]
    found = run(books, requests, Isolation="snapshot")
    assert [each["status"] for each in found] == [201, 404, 201]
    assert named(books, "Batch gone") == 0
    gone = books.ask("GET", f"customers({found[0]['body']['id']})")
    assert gone.status_code == 404


def test_a_snapshot_that_fails_at_once_brings_one_answer(books: Books) -> None:
    requests = [refused("b", books), make_customer(books, "Batch gone", "c")]
    (only,) = run(books, requests, Isolation="snapshot")
    assert (only["id"], only["status"]) == ("b", 404)
    assert named(books, "Batch gone") == 0


def test_a_snapshot_sees_its_own_changes_and_keeps_them_together(books: Books) -> None:
    look = {
        "id": "look",
        "method": "GET",
        "url": place(books, "customers?$filter=displayName eq 'Batch kept'&$select=displayName"),
    }
    found = run(books, [make_customer(books, "Batch kept", "a"), look], Isolation="snapshot")
    assert [each["displayName"] for each in found[1]["body"]["value"]] == ["Batch kept"]
    assert named(books, "Batch kept") == 1


def test_posting_commits_so_a_later_failure_undoes_only_what_follows(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice("40.00")
    books.line(batch, invoice, "-40")
    post = {
        "id": "post",
        "method": "POST",
        "url": place(books, f"journals({batch['id']})/Microsoft.NAV.post"),
    }
    requests = [
        make_customer(books, "Batch before", "a"),
        post,
        make_customer(books, "Batch after", "c"),
        refused("d", books),
    ]
    found = run(books, requests, Isolation="snapshot")
    assert [each["status"] for each in found] == [201, 204, 201, 404]
    assert books.again(invoice)["status"] == "Paid"
    assert (named(books, "Batch before"), named(books, "Batch after")) == (1, 0)


def test_a_failed_snapshot_undoes_what_it_did_in_another_company(books: Books) -> None:
    companies = books.http.get(f"{books.root}/companies").json()["value"]
    (other,) = [each["id"] for each in companies if each["id"] not in books.company]
    there = make_customer(books, "Batch gone", "a") | {"url": f"companies({other})/customers"}
    found = run(books, [there, refused("b", books)], Isolation="snapshot")
    assert [each["status"] for each in found] == [201, 404]
    left = books.http.get(
        f"{books.root}/companies({other})/customers?$filter=displayName eq 'Batch gone'"
    )
    assert left.json()["value"] == []


def test_addresses_may_be_relative_rooted_or_whole(books: Books) -> None:
    rooted = "/" + books.company.partition("://")[2].partition("/")[2]
    urls = [place(books, "currencies"), f"{rooted}/currencies", f"{books.company}/currencies"]
    found = run(
        books,
        [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(urls)],
    )
    assert [each["status"] for each in found] == [200, 200, 200]
    assert found[0]["body"] == found[1]["body"] == found[2]["body"]


def test_a_header_may_name_the_company(books: Books) -> None:
    (found,) = run(
        books, [{"id": "1", "method": "GET", "url": "currencies"}], Company="Northwind Traders"
    )
    assert found["status"] == 200


def test_more_than_a_hundred_are_refused_with_500(books: Books) -> None:
    look = [{"id": str(n), "method": "GET", "url": "companies"} for n in range(101)]
    assert len(run(books, look[:100])) == 100
    answer = ask(books, look)
    assert answer.status_code == 500
    assert "maximum number of '100' query operations" in message_of(answer)


def test_a_batch_that_is_none_is_refused(books: Books) -> None:
    look = {"id": "1", "method": "GET", "url": "companies"}
    wrong: list[list[dict[str, Any]]] = [
        [look, look],
        [look | {"method": "LOOK"}],
        [look | {"dependsOn": ["2"]}],
        [{"method": "GET", "url": "companies"}],
    ]
    assert [error_of(ask(books, each)) for each in wrong] == [(400, "BadRequest")] * 4
    (inside,) = run(books, [look | {"method": "POST", "url": "$batch"}])
    assert inside["status"] == 400


def test_two_requests_of_one_change_set_are_not_supported(books: Books) -> None:
    group = {"atomicityGroup": "g"}
    requests = [make_customer(books, "Batch set", name, **group) for name in ("a", "b")]
    answer = ask(books, requests)
    assert answer.status_code == 500
    assert "within the same change set are not supported" in message_of(answer)
