"""What an adapter must be told, read from text."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from quittance.core.credentials import credential, fields_of, read
from quittance.core.errors import Misconfigured


@dataclass(frozen=True, kw_only=True)
class Credentials:
    address: str = credential("Address", "Where the API answers.")
    api_key: str = credential("API key", "From the settings page.", secret=True)
    zone: str = credential("Zone", "Of the bank.", default="UTC")


def test_settings_become_credentials_and_an_empty_line_takes_the_default() -> None:
    made = read(Credentials, {"address": " http://a.example ", "api_key": "k", "zone": ""})

    assert made == Credentials(address="http://a.example", api_key="k", zone="UTC")


def test_a_secret_is_not_in_the_repr() -> None:
    made = read(Credentials, {"address": "http://a.example", "api_key": "hidden-key"})

    assert "hidden-key" not in repr(made)
    assert "http://a.example" in repr(made)


@pytest.mark.parametrize("settings", [{"address": "a"}, {"address": "a", "api_key": "  "}])
def test_a_missing_setting_is_named(settings: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="api_key") as caught:
        read(Credentials, settings)

    assert caught.value.facts == {"field": "api_key"}


def test_an_unknown_setting_is_named_and_its_value_is_not() -> None:
    with pytest.raises(Misconfigured, match="apikey") as caught:
        read(Credentials, {"address": "a", "api_key": "k", "apikey": "hidden-key"})

    assert "hidden-key" not in str(caught.value) + str(caught.value.facts)


def test_the_form_knows_order_labels_and_secrets() -> None:
    fields = fields_of(Credentials)

    assert [(field.name, field.label) for field in fields] == [
        ("address", "Address"),
        ("api_key", "API key"),
        ("zone", "Zone"),
    ]
    assert [field.secret for field in fields] == [False, True, False]
    assert [field.optional for field in fields] == [False, False, True]
