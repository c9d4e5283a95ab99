"""No page of a door is served of which nobody said who may open it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from quittance.identity.permissions import BuyerPermission, Permission
from quittance.project.declared import OPEN, pages, refuse_undeclared, undeclared


def test_every_page_declares_its_permission() -> None:
    assert len(list(pages())) > 150
    assert undeclared() == []
    refuse_undeclared()


@pytest.mark.parametrize("permission", ["", "anything", None])
def test_a_page_that_declares_nothing_stops_the_start(
    permission: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, page = next(each for each in pages() if each[0] == "portal:pay")
    monkeypatch.setattr(page.callback, "permission", permission)

    assert undeclared() == [name]
    with pytest.raises(ImproperlyConfigured, match="portal:pay"):
        refuse_undeclared()


def test_buyers_pages_need_buyers_permissions_and_the_offices_its_own() -> None:
    kinds = {"portal": {*BuyerPermission, *OPEN}, "backoffice": {*Permission}}

    wrong = [
        name
        for name, page in pages()
        if page.callback.permission not in kinds[name.partition(":")[0]]  # type: ignore[attr-defined]
    ]

    assert wrong == []
