"""Which gateways there are, and what they must be told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from quittance.core import adapters
from quittance.core.errors import Misconfigured
from quittance.gateways import registry

SETTINGS = {
    "address": "http://127.0.0.1:9",
    "api_key": "sk_sandbox_hidden",
    "webhook_secret": "whsec_c2VjcmV0",
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as made:
        yield made


def open_with(client: httpx.Client, **changes: str) -> object:
    settings = {name: value for name, value in {**SETTINGS, **changes}.items() if value}
    return registry.open_gateway("sandbox", settings, client)


def test_the_sandbox_is_built_in() -> None:
    assert "sandbox" in registry.names()
    assert registry.label("sandbox") == "Gateway sandbox"


def test_the_form_hides_what_is_secret() -> None:
    fields = registry.fields("sandbox")

    assert {field.name: field.secret for field in fields} == {
        "address": False,
        "api_key": True,
        "webhook_secret": True,
        "fields_address": False,
        "completion": False,
    }
    assert all(field.label and field.help for field in fields)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": ""}, "address"),
        ({"address": "gateway.example"}, "address"),
        ({"address": "http://"}, "address"),
        ({"address": "http://gateway.example/v1"}, "address"),
        ({"address": "http://gateway.example:port"}, "address"),
        ({"address": "http://user@gateway.example"}, "address"),
        ({"api_key": "sk é"}, "api_key"),
        ({"api_key": "sk_a\nsk_b"}, "api_key"),
        ({"webhook_secret": "secret"}, "webhook_secret"),
        ({"webhook_secret": "whsec_"}, "webhook_secret"),
        ({"webhook_secret": "whsec_c2VjcmV0 whsec_???"}, "webhook_secret"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(
    client: httpx.Client, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(Misconfigured) as caught:
        open_with(client, **changes)

    assert caught.value.facts["field"] == field


def test_an_adapter_never_shows_its_secrets(client: httpx.Client) -> None:
    adapter = registry.load("sandbox")
    made = adapter.credentials(**SETTINGS)

    assert "hidden" not in repr(made)
    assert "whsec" not in repr(made)
    assert "hidden" not in repr(open_with(client))


def test_an_unknown_gateway_is_named_with_the_known_ones() -> None:
    with pytest.raises(Misconfigured, match=r"“nope”.*sandbox"):
        registry.load("nope")


def test_a_package_adds_a_gateway_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: httpx.Client
) -> None:
    install(tmp_path, monkeypatch, "other = other_gateway:ADAPTER\nsandbox = nowhere:ADAPTER")
    (tmp_path / "other_gateway.py").write_text(
        "from quittance.gateways.sandbox import ADAPTER as _SANDBOX\n"
        "import dataclasses\n"
        "ADAPTER = dataclasses.replace(_SANDBOX, label='Other')\n"
    )

    assert {"other", "sandbox"} <= set(registry.names())
    assert registry.label("other") == "Other"
    assert registry.open_gateway("other", SETTINGS, client).capabilities.methods
    assert registry.label("sandbox") == "Gateway sandbox"  # a built-in name is not taken over


def test_a_built_in_gateway_is_found_without_reading_every_installed_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(*, group: str) -> NoReturn:
        pytest.fail(f"looked for {group} in every package")

    monkeypatch.setattr(adapters, "entry_points", read)

    assert registry.load("sandbox").label == "Gateway sandbox"


@pytest.mark.parametrize("value", ["nowhere:ADAPTER", "json:loads", "json:nothing"])
def test_a_package_that_does_not_load_is_misconfigured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    install(tmp_path, monkeypatch, f"broken = {value}")

    with pytest.raises(Misconfigured):
        registry.load("broken")


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, points: str) -> None:
    """Make a package with these entry points, as an installer would."""
    info = folder / "other_gateway-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-gateway\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[quittance.gateways]\n{points}\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "other_gateway", raising=False)
