"""A machine at a door of messages is refused in plain text, as the description says."""

from __future__ import annotations

from tests import described
from tests.described import DOORS, METHODS
from tests.portal.doors import Door


def _methods_of(path: str) -> set[str]:
    return {name.upper() for name in DOORS["paths"][path] if name in METHODS}


def test_what_an_address_says_it_allows_is_what_is_described(door: Door) -> None:
    for path in ("/hooks/gateway/x", "/hooks/erp/x", "/hooks/browser"):
        answer = door.client().put(path)
        described_at = path.replace("/x", "/{path}")

        assert set(answer["Allow"].split(", ")) == _methods_of(described_at)
        assert described.unlike_of(answer) == []


def test_what_says_no_size_or_too_much_is_refused_in_plain_text(door: Door) -> None:
    for path in ("/hooks/gateway/x", "/hooks/erp/x", "/hooks/browser"):
        large = door.client().post(path, b"x" * (1024 * 1024 + 1), content_type="text/plain")
        chunked = door.client().post(
            path, b"x", content_type="text/plain", headers={"transfer-encoding": "chunked"}
        )

        assert [each.status_code for each in (large, chunked)] == [413, 413]
        assert [described.unlike_of(each) for each in (large, chunked)] == [[], []]
