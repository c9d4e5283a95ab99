"""Which ERPs there are."""

from __future__ import annotations

import httpx
import pytest

from quittance.core.errors import Misconfigured
from quittance.erp import registry
from quittance.erp.base import Erp, SendsHints
from tests.erp.scripted import Scripted


def test_business_central_is_there_and_says_what_it_must_be_told() -> None:
    assert list(registry.names()) == ["business_central"]
    assert registry.label("business_central") == "Business Central"
    fields = {field.name: field for field in registry.fields("business_central")}
    assert fields["client_secret"].secret
    assert fields["address"].default == "https://api.businesscentral.dynamics.com"
    assert not fields["company_id"].optional


def test_an_unknown_erp_is_misconfigured(client: httpx.Client) -> None:
    with pytest.raises(Misconfigured, match="Known are: business_central"):
        registry.open_erp("sap", {}, client)


def test_business_central_sends_hints(erp: Erp, server: Scripted) -> None:
    assert isinstance(erp, SendsHints)
    assert server.asked == []  # opening makes no call
