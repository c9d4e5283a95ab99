"""The gateways that a demo may have beside each other: each a sandbox, a few ports, an account."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from demo.ports import HOST

Connect = Callable[[str], dict[str, str]]  # takes our webhook's address, returns the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One of them. ``ports`` names for each option of its program the port's place in ``Ports``."""

    name: str  # what the demo company calls the account
    module: str
    kind: str  # a name of gateways/registry.py
    ports: Mapping[str, str]
    connect: Connect

    def arguments(self, ports: object) -> list[str]:
        """Return the options that say where it listens."""
        found: list[str] = []
        for option, place in self.ports.items():
            found += [f"--{option}", str(getattr(ports, place))]
        return found

    @property
    def address(self) -> str:
        """Where its API answers, as the environment says."""
        return os.environ[variable(next(iter(self.ports.values())))]


def variable(place: str) -> str:
    """Return the variable that tells the address of a port to ``demo.company``."""
    return f"QUITTANCE_DEMO_{place.upper()}"


def chosen() -> Sequence[str]:
    """Return which gateways this demo has, as the environment says."""
    return tuple(os.environ.get("QUITTANCE_DEMO_GATEWAYS", "sandbox").split(","))


def wanted(word: str) -> tuple[str, ...]:
    """Return the gateways for a word of the command line. Raises ``ValueError``."""
    if word == "all":
        return tuple(GATEWAYS)
    if word not in GATEWAYS:
        raise ValueError(f"GATEWAY is {', '.join(GATEWAYS)} or all, not {word}.")
    return (word,)


def addresses(ports: object, names: Sequence[str]) -> dict[str, str]:
    """Return the address of every gateway's ports, by their variables."""
    found = {"QUITTANCE_DEMO_GATEWAYS": ",".join(names)}
    for name in names:
        for place in GATEWAYS[name].ports.values():
            found[variable(place)] = f"http://{HOST}:{getattr(ports, place)}"
    return found


def pages() -> dict[str, str]:
    """Return what to tell people: each gateway's name and where it is."""
    return {GATEWAYS[each].name: GATEWAYS[each].address for each in chosen()}


def connect_all(web: str) -> None:
    """Connect the chosen gateways and switch the others off; for the organization of the scope."""
    from quittance.connections.keep import keep_gateway_account, new_path
    from quittance.connections.models import GatewayAccount
    from quittance.tenancy.rows import reading, writing

    names = [GATEWAYS[each].name for each in chosen()]
    for gateway in (GATEWAYS[each] for each in chosen()):
        with reading():
            known = GatewayAccount.objects.filter(name=gateway.name).first()
        path = known.webhook_path if known else new_path()
        settings = gateway.connect(f"{web}/hooks/gateway/{path}")
        with writing():
            keep_gateway_account(
                kind=gateway.kind, name=gateway.name, settings=settings, webhook_path=path
            )
    ours = [each.name for each in GATEWAYS.values()]
    with writing():
        rows = GatewayAccount.objects.filter(name__in=ours)
        rows.update(is_active=False)
        rows.filter(name__in=names).update(is_active=True)


def _sandbox(hook: str) -> dict[str, str]:
    address = os.environ[variable("gateway")]
    with _client(address, auth=None, bearer="sk_sandbox_demo") as client:
        listed = _asked(client.get("/v1/webhook_endpoints"))
        for endpoint in listed["data"] if isinstance(listed, dict) else listed:
            client.delete(f"/v1/webhook_endpoints/{endpoint['id']}").raise_for_status()
        made = _asked(client.post("/v1/webhook_endpoints", json={"url": hook}))
    return {
        "address": address, "api_key": "sk_sandbox_demo", "webhook_secret": made["secret"],
        "fields_address": os.environ.get(variable("gateway_fields"), ""),
    }  # fmt: skip


def _stripe(hook: str) -> dict[str, str]:
    address, script = os.environ[variable("stripe")], os.environ[variable("stripe_script")]
    with _client(address, auth=("sk_test_northwind", "")) as client:
        for endpoint in _asked(client.get("/v1/webhook_endpoints"))["data"]:
            client.delete(f"/v1/webhook_endpoints/{endpoint['id']}").raise_for_status()
        told = {"url": hook, "enabled_events[]": "*"}
        made = _asked(client.post("/v1/webhook_endpoints", data=told))
    return {
        "api_key": "sk_test_northwind", "publishable_key": "pk_test_northwind",
        "webhook_secret": made["secret"], "address": address,
        "script_address": f"{script}/endive/stripe.js",
    }  # fmt: skip


def _paypal(hook: str) -> dict[str, str]:
    address, hooks = os.environ[variable("paypal")], "/v1/notifications/webhooks"
    client_id, secret = "northwind-client", "northwind-secret"
    with _client(address, auth=(client_id, secret)) as client:
        told = {"grant_type": "client_credentials"}
        token = _asked(client.post("/v1/oauth2/token", data=told))["access_token"]
    with _client(address, auth=None, bearer=token) as client:
        for webhook in _asked(client.get(hooks))["webhooks"]:
            client.delete(f"{hooks}/{webhook['id']}").raise_for_status()
        asked = {"url": hook, "event_types": [{"name": "*"}]}
        made = _asked(client.post(hooks, json=asked))
    return {
        "address": address, "client_id": client_id, "client_secret": secret,
        "webhook_id": made["id"], "report_lag": "0",
    }  # fmt: skip


def _client(address: str, *, auth: tuple[str, str] | None, bearer: str = "") -> httpx.Client:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return httpx.Client(base_url=address, auth=auth, headers=headers, trust_env=False)


def _asked(answer: httpx.Response) -> Any:
    return answer.raise_for_status().json()


GATEWAYS: Final[Mapping[str, Gateway]] = {
    "sandbox": Gateway(
        name="Gateway sandbox", module="sandbox.gateway", kind="sandbox", connect=_sandbox,
        ports={
            "port": "gateway", "control-port": "gateway_control", "fields-port": "gateway_fields",
        },
    ),
    "stripe": Gateway(
        name="Stripe sandbox", module="sandbox.stripe", kind="stripe", connect=_stripe,
        ports={
            "port": "stripe", "script-port": "stripe_script", "control-port": "stripe_control",
        },
    ),
    "paypal": Gateway(
        name="PayPal sandbox", module="sandbox.paypal", kind="paypal", connect=_paypal,
        ports={"port": "paypal", "control-port": "paypal_control"},
    ),
}  # fmt: skip
