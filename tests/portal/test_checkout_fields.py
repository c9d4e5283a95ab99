"""The payment page with a gateway's fields: what it may load, and that no other page may."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from quittance.connections.keep import keep_gateway_account
from quittance.connections.offer_rules import set_embedding
from quittance.project.headers import _POLICY
from quittance.tenancy.rows import writing
from quittance.ui.policy import policy
from tests.ground import _gateway_settings
from tests.portal.doors import Door, begin_checkout, fields_of

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
    " trusted-types htmx; report-uri /hooks/browser; report-to csp"
)


def test_the_policy_of_every_other_page_is_the_strict_one() -> None:
    assert _POLICY == STRICT == policy(script_src=[], frame_src=())


def test_origins_are_added_where_they_are_needed_and_nowhere_else() -> None:
    said = policy(script_src=["https://js.example"], frame_src=["https://f.example"]).split("; ")

    assert "script-src 'self' https://js.example" in said
    assert "frame-src https://f.example" in said
    trusted = {"require-trusted-types-for 'script'", "trusted-types htmx"}  # not beside others
    assert set(STRICT.split("; ")) - set(said) == {"script-src 'self'", *trusted}


@pytest.fixture
def shop(door: Door) -> Door:
    """A portal whose gateway has its fields on our page."""
    world = door.ground.world
    settings = _gateway_settings(world) | {"fields_address": world.gateway.fields_url}
    with writing():
        account = keep_gateway_account(kind="sandbox", name="Gateway", settings=settings)
    set_embedding(account.pk, embeds=True)
    return door


def paid_with(client: Client, door: Door, script: str) -> str:
    """Press Pay with or without a script; return the payment's address."""
    basket = begin_checkout(client, door.ground.bill("100.00"))
    shown = fields_of(client.get(f"{basket}/method").content)
    client.post(f"{basket}/method", {"version": shown["version"], "method": "card"})
    shown = fields_of(client.get(f"{basket}/review").content) | {"script": script}
    answer = client.post(f"{basket}/pay", shown)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"]).removesuffix("/onward")


def test_the_page_names_the_gateways_origins_and_loads_its_module_by_its_hash(shop: Door) -> None:
    client, origin = shop.buyer(), shop.ground.world.gateway.fields_url
    payment = paid_with(client, shop, "yes")

    assert client.get(f"{payment}/onward")["Location"] == f"{payment}/fields"
    page = client.get(f"{payment}/fields")

    said = page["Content-Security-Policy"]
    assert f"script-src 'self' {origin}" in said
    assert f"frame-src {origin}" in said
    assert "unsafe" not in said
    text = page.content.decode()
    assert re.findall(r"<script[^>]*src=\"([^\"]*)\"", text) == ["/static/ui/fields.js"]
    told = re.search(r'<script id="fields-facts" type="application/json">(.*?)</script>', text)
    assert told
    facts = json.loads(told[1])
    module = client.get(facts["module"])
    assert module["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in module["Cache-Control"]
    assert "export async function mount" in module.content.decode()
    assert client.get(facts["module"].replace(".js", "0.js")).status_code == 404
    for other in (payment, "/payments", "/invoices"):
        assert client.get(other)["Content-Security-Policy"] == STRICT
    assert shop.stranger().get(f"{payment}/fields").status_code == 404


def test_without_a_script_or_once_it_is_over_there_are_no_fields(shop: Door) -> None:
    client = shop.buyer()
    plain, other = paid_with(client, shop, ""), paid_with(client, shop, "yes")

    assert client.get(f"{plain}/onward").status_code == 200
    assert client.get(f"{plain}/fields")["Location"] == plain
    client.post(f"{other}/cancel")
    assert client.get(f"{other}/fields")["Location"] == other


def test_when_the_gateway_cannot_be_asked_the_page_says_what_is_safe(shop: Door) -> None:
    client = shop.buyer()
    payment = paid_with(client, shop, "yes")
    shop.ground.world.gateway_fault("GET /v1/payments/*", "drop_before")

    page = client.get(f"{payment}/fields")

    assert page.status_code == 503
    assert "You were not charged" in page.content.decode()
