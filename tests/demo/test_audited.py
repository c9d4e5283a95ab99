"""The check finds an act that leaves no event."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from checks import audited

_URLS = "from django.urls import path\n\nurlpatterns = []\n"
_HOUSE = {
    "portal/urls.py": (
        "from quittance.portal.shop import views\n"
        "urlpatterns = [path('shop', views.buy, name='buy'), path('look', views.look, name='look')]"
    ),
    "portal/shop/views.py": (
        "from quittance.payments import acts\n"
        "@require_POST\ndef buy(request):\n    acts.buy()\n"
        "@require_GET\ndef look(request):\n    pass\n"
    ),
    "payments/acts.py": (
        "from quittance.audit.record import record_event\n"
        "def buy():\n    _note()\ndef _note():\n    record_event('bought')\n"
    ),
    "backoffice/urls.py": _URLS,
    "webhooks/urls.py": _URLS,
    "scim/urls.py": _URLS,
}


@pytest.fixture(autouse=True)
def _no_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audited, "NOT_WRITTEN", {})


def _house(folder: Path, **changed: str) -> Path:
    files: Mapping[str, str] = _HOUSE | {
        name.replace("__", "/") + ".py": text for name, text in changed.items()
    }
    for name, text in files.items():
        file = folder / "quittance" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def test_an_act_that_comes_to_an_event_is_fine(tmp_path: Path) -> None:
    assert list(audited.complaints(_house(tmp_path))) == []


@pytest.mark.parametrize(
    "act",
    [
        "def buy():\n    pass\n",
        "from quittance.audit.record import record_event\ndef buy(record_event):\n    pass\n",
        "from quittance.tenancy.moving import move\ndef a():\n    move(1)\ndef buy():\n    pass\n",
        "from quittance.payments.tries import note_try\ndef buy():\n    note_try()\n",
    ],
)
def test_an_act_that_comes_to_none_is_found(tmp_path: Path, act: str) -> None:
    tries = (
        "from quittance.audit.record import record_event\ndef note_try():\n    record_event('x')\n"
    )
    house = _house(tmp_path, payments__acts=act, payments__tries=tries)

    (complaint,) = audited.complaints(house)

    assert complaint.startswith("portal:buy (quittance.portal.shop.views.buy) leaves no event")


@pytest.mark.parametrize(
    "act",
    [
        "def buy():\n    Payment.objects.create(amount=1)\n",
        "from quittance.tenancy import moving\ndef buy():\n    moving.move(1)\n",
    ],
)
def test_a_change_of_status_is_as_good_as_an_event(tmp_path: Path, act: str) -> None:
    assert list(audited.complaints(_house(tmp_path, payments__acts=act))) == []


def test_a_reason_that_nothing_needs_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audited, "NOT_WRITTEN", {"portal:buy": "why not", "portal:gone": "it was"})

    complaints = list(audited.complaints(_house(tmp_path)))

    assert complaints == [
        "portal:buy is written down: it needs no reason in checks/audited.py",
        "there is no address portal:gone, of which checks/audited.py knows a reason",
    ]
