"""What the API answers when it is asked a question."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from sandbox.serving.clock import now
from sandbox.stripe import money
from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import TEXT
from sandbox.stripe.listing import CREATED, SPEC, page
from sandbox.stripe.pipeline import Act, Perform
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import thing_of

Asked = dict[str, Any]
Path = dict[str, str]
SEARCH_LAG_SECONDS: Final = 60  # "under normal conditions in less than one minute" [docs]
_QUERY: Final = re.compile(r"""metadata\[['"]([^'"]+)['"]\]\s*:\s*['"]([^'"]+)['"]""")


def _read(object_: str) -> Perform:
    def perform(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
        shown = sandbox.store.get(path["id"], object_, account_id).shown
        if asked.get("client_secret") not in {None, shown.get("client_secret")}:
            raise invalid("The client_secret provided does not match the intent.", "client_secret")
        return shown

    return perform


def _list(object_: str, path: str) -> Perform:
    def perform(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
        return page(sandbox, account_id, object_, asked, f"/v1{path}")

    return perform


def _balance(sandbox: Sandbox, account_id: str, _asked: Asked, _path: Path) -> Asked:
    """All is available at once here; Stripe has the newest as pending."""
    held = money.held(sandbox.store, account_id)
    nothing = [{**each, "amount": 0, "source_types": {"card": 0}} for each in held]
    return {"object": "balance", "available": held, "livemode": False, "pending": nothing}


def _account(sandbox: Sandbox, account_id: str, _asked: Asked, _path: Path) -> Asked:
    row = sandbox.store.one("SELECT * FROM account WHERE id = ?", account_id)
    name = row["name"] if row else ""
    return {
        "id": account_id,
        "object": "account",
        "business_profile": {"name": name, "url": None, "support_email": None},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "sandbox@example.com",
        "payouts_enabled": True,
        "settings": {
            "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
            "card_payments": dict.fromkeys(
                (
                    "statement_descriptor_prefix",
                    "statement_descriptor_prefix_kana",
                    "statement_descriptor_prefix_kanji",
                )
            ),
            "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
            "payments": dict.fromkeys(("statement_descriptor",)),
        },
        "type": "standard",
    }


def _movements(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    payout = asked.pop("payout", None)
    hidden: dict[str, object] = {}
    if payout:
        sandbox.store.get(payout, "payout", account_id)
        hidden["payout"] = payout
    url = "/v1/balance_transactions"
    return page(sandbox, account_id, "balance_transaction", asked, url, **hidden)


def _of_customer(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    sandbox.store.get(path["id"], "customer", account_id)
    asked["customer"] = path["id"]
    url = f"/v1/customers/{path['id']}/payment_methods"
    return page(sandbox, account_id, "payment_method", asked, url)


def _methods(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    if not asked.get("customer"):
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    return page(sandbox, account_id, "payment_method", asked, "/v1/payment_methods")


def _search(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    """Search by metadata. What was made within the last minute is not found, as at Stripe."""
    match = _QUERY.fullmatch((asked.get("query") or "").strip())
    if match is None:
        raise invalid("The sandbox searches metadata['name']:'value' only.", "query")
    rows = sandbox.store.all(
        "SELECT * FROM thing WHERE object = 'payment_intent' AND account_id = ?"
        " AND json_extract(shown, ?) = ? AND created <= ? ORDER BY seq DESC LIMIT 100",
        account_id, f"$.metadata.{json.dumps(match[1])}", match[2], now() - SEARCH_LAG_SECONDS,
    )  # fmt: skip
    found = [thing_of(row).shown for row in rows]
    url = "/v1/payment_intents/search"
    return {
        "object": "search_result", "data": found, "has_more": False, "next_page": None, "url": url,
    }  # fmt: skip


def _get(name: str, path: str, spec: Any, perform: Perform, *, public: bool = False) -> Act:
    return Act(name=name, method="GET", path=path, spec=spec, perform=perform, public=public)


def _pair(object_: str, path: str, *filters: str, secret: bool = False) -> tuple[Act, Act]:
    """Return the acts that read one object and list them; ``filters`` besides created."""
    noun = object_.replace(".", "_")
    one = {"client_secret": TEXT} if secret else {}
    spec = {**SPEC, **CREATED, **dict.fromkeys(filters, TEXT)}
    return (
        _get(f"list_{noun}", path, spec, _list(object_, path)),
        _get(f"read_{noun}", f"{path}/{{id}}", one, _read(object_), public=secret),
    )


ACTS: Final = (
    _get(
        "search_payment_intent", "/payment_intents/search", {"query": TEXT, "limit": TEXT}, _search
    ),
    *_pair("payment_intent", "/payment_intents", "customer", secret=True),
    *_pair("setup_intent", "/setup_intents", "customer", "payment_method", secret=True),
    *_pair("checkout.session", "/checkout/sessions", "payment_intent", "customer", "status"),
    *_pair("charge", "/charges", "payment_intent", "customer"),
    *_pair("refund", "/refunds", "payment_intent", "charge"),
    *_pair("dispute", "/disputes", "payment_intent", "charge"),
    *_pair("payout", "/payouts", "status"),
    *_pair("customer", "/customers", "email"),
    *_pair("event", "/events", "type"),
    *_pair("webhook_endpoint", "/webhook_endpoints"),
    _get(
        "list_balance_transaction", "/balance_transactions",
        {**SPEC, **CREATED, "payout": TEXT, "type": TEXT, "source": TEXT, "currency": TEXT},
        _movements,
    ),
    _get(
        "read_balance_transaction", "/balance_transactions/{id}", {}, _read("balance_transaction")
    ),
    _get(
        "list_payment_method", "/payment_methods", {**SPEC, "customer": TEXT, "type": TEXT},
        _methods,
    ),
    _get("read_payment_method", "/payment_methods/{id}", {}, _read("payment_method")),
    _get(
        "list_customer_methods", "/customers/{id}/payment_methods", {**SPEC, "type": TEXT},
        _of_customer,
    ),
    _get("read_mandate", "/mandates/{id}", {}, _read("mandate")),
    _get("read_balance", "/balance", {}, _balance),
    _get("read_account", "/account", {}, _account),
)  # fmt: skip
