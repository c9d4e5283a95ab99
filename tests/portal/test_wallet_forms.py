"""A form about a kept method that was filled in wrongly keeps what was typed, and says where."""

from __future__ import annotations

import re
from typing import Any

from tests.portal.doors import Door
from tests.portal.test_wallet import agree, save, the_method
from tests.wallet.wallets import A_CODE, TWO_AMOUNTS


def field(answer: Any, name: str) -> str:
    """The input of the page with this name."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', answer.content.decode())
    assert found, name
    return found[0]


def is_told_beside(answer: Any, name: str) -> bool:
    """Whether the page says beside this field what is wrong, and points at what is there."""
    tag, page = field(answer, name), answer.content.decode()
    pointed = re.search(r'aria-describedby="([^"]*)"', tag)
    ids = pointed[1].split() if pointed else []
    assert all(f'id="{each}"' in page for each in ids), "it points at nothing"
    return 'aria-invalid="true"' in tag and f"error-{name}" in ids and f'href="#{name}"' in page


def test_what_was_typed_comes_back_with_what_is_wrong_beside_it(door: Door) -> None:
    client = door.buyer()
    save(door, client)
    address = f"/wallet/{the_method().pk}"

    month = client.post(f"{address}/expiry", {"month": "13/29"})
    name = client.post(f"{address}/name", {"name": "Account 123456789012"})
    unticked = agree(client, agreed="")

    assert 'value="13/29"' in field(month, "month")
    assert is_told_beside(month, "month")
    assert (name.status_code, the_method().name) == (422, "")
    assert 'value="Account 123456789012"' in field(name, "name")
    assert is_told_beside(name, "name")
    assert is_told_beside(unticked, "agreed")
    fine = client.get(address)
    assert not is_told_beside(fine, "month")
    assert not is_told_beside(fine, "name")


def test_amounts_and_codes_come_back_as_they_were_typed(door: Door) -> None:
    client = door.buyer()
    amounts = save(door, client, "business", TWO_AMOUNTS)
    unread = client.post(amounts, {"first": "a lot", "second": "0.12"})
    wrong = client.post(amounts, {"first": "0.11", "second": "0.12"})
    code = client.post(save(door, client, "business", A_CODE), {"code": "SM00ZZ"})

    assert 'value="a lot"' in field(unread, "first")
    assert 'value="0.12"' in field(unread, "second")
    assert is_told_beside(unread, "first")
    assert not is_told_beside(unread, "second")
    assert 'value="0.11"' in field(wrong, "first")
    assert is_told_beside(wrong, "first")
    assert 'value="SM00ZZ"' in field(code, "code")
    assert is_told_beside(code, "code")
