"""The command that runs the gateways' own test modes."""

from __future__ import annotations

import pytest

from tests.gateways import outside


def test_without_keys_every_case_is_named_as_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for needed in outside._NEEDED.values():
        for variable in needed:
            monkeypatch.delenv(variable, raising=False)

    assert outside.main() == 0

    said = capsys.readouterr().out
    assert "set QUITTANCE_TEST_STRIPE_API_KEY." in said
    assert "set QUITTANCE_TEST_PAYPAL_CLIENT_ID and QUITTANCE_TEST_PAYPAL_CLIENT_SECRET." in said
    assert said.count("not run: ") > 15
    assert "  not run: the account says its id" in said
