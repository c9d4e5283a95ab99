"""An answer that cannot be read is no answer, and an id stays one part of an address."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.httpclient.answers import decoded, part


class Said(msgspec.Struct):
    id: str


@pytest.mark.parametrize("lost", [Unavailable, OutcomeUnknown])
@pytest.mark.parametrize("body", [b"", b"{", b'{"id": 7}', b"\xff"])
def test_what_cannot_be_read_says_nothing_of_what_was_done(
    body: bytes, lost: type[Unavailable | OutcomeUnknown]
) -> None:
    assert decoded(httpx.Response(200, content=b'{"id": "7"}'), Said, lost) == Said("7")
    with pytest.raises(lost):
        decoded(httpx.Response(200, content=body), Said, lost)


def test_an_id_leads_to_itself_alone() -> None:
    assert part("../refunds?all=1#x") == "..%2Frefunds%3Fall%3D1%23x"
    with pytest.raises(Refused):
        part("")
