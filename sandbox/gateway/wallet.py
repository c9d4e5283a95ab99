"""The API's acts on what is kept for a payer: savings, saved methods, mandates."""

from __future__ import annotations

from typing import Any, Final

from sandbox.gateway import methods, savings
from sandbox.gateway.bodies import Field, currency, flag, one_of, pattern, text, web_address
from sandbox.gateway.embedding import embed
from sandbox.gateway.errors import invalid
from sandbox.gateway.listing import listing
from sandbox.gateway.payment_api import CONSENT, LOCALE, PAYER, REFERENCE
from sandbox.gateway.pipeline import Act, Answer
from sandbox.gateway.state import Sandbox

Asked = dict[str, Any]
MONTH: Final = pattern(r"20[0-9]{2}-(0[1-9]|1[0-2])", "2031-04")


def _start(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    embedded = asked.pop("embedded")
    with sandbox.store.transaction():
        saving = savings.create(sandbox.store, account_id, asked)
        if embedded:
            embed(sandbox.store, "saving", saving["id"])
    return 201, savings.shown(sandbox.store, saving, sandbox.public_url)


def _read(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    saving = savings.get(sandbox.store, path["id"], account_id)
    return 200, savings.shown(sandbox.store, saving, sandbox.public_url)


def _verify(sandbox: Sandbox, account_id: str, asked: Asked, path: Asked) -> Answer:
    store = sandbox.store
    savings.get(store, path["id"], account_id)
    if (asked["amounts"] is None) == (asked["code"] is None):
        raise invalid("Send either amounts or code.", "amounts")
    if asked["code"] is not None:
        is_right = asked["code"].upper() == savings.CODE
        saving = savings.verify(store, path["id"], "code", is_right=is_right)
    else:
        is_right = set(asked["amounts"]) == savings.AMOUNTS
        saving = savings.verify(store, path["id"], "amounts", is_right=is_right)
    return 200, savings.shown(store, saving, sandbox.public_url)


def _amounts(name: str, value: object) -> list[int]:
    if not isinstance(value, list) or len(value) != 2:
        raise invalid(f"{name} must be two amounts.", name)
    if not all(isinstance(each, int) and 0 < each < 100 for each in value):
        raise invalid(f"{name} are whole minor units below 100.", name)
    return value


def _read_method(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    return 200, methods.shown(sandbox.store, methods.get(sandbox.store, path["id"], account_id))


def _change_expiry(sandbox: Sandbox, account_id: str, asked: Asked, path: Asked) -> Answer:
    methods.get(sandbox.store, path["id"], account_id)
    changed = methods.renew(sandbox.store, path["id"], expires=asked["expires"])
    return 200, methods.shown(sandbox.store, changed)


def _remove(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    methods.get(sandbox.store, path["id"], account_id)
    return 200, methods.shown(sandbox.store, methods.end(sandbox.store, path["id"], "removed"))


def _read_mandate(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    mandate = methods.get_mandate(sandbox.store, path["id"], account_id)
    return 200, methods.mandate_shown(mandate)


def _revoke(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    methods.get_mandate(sandbox.store, path["id"], account_id)
    return 200, methods.mandate_shown(methods.end_mandate(sandbox.store, path["id"], "revoked"))


_SAVING_FIELDS: Final = {
    "reference": REFERENCE,
    "method": Field(one_of("card", "bank_debit")),
    "currency": Field(currency),
    "payer": Field(PAYER),
    "consent": Field(CONSENT),
    "return_url": Field(web_address),
    "cancel_url": Field(web_address),
    "locale": LOCALE,
    "embedded": Field(flag, required=False, default=False),
}
_PROOF_FIELDS: Final = {
    "amounts": Field(_amounts, required=False),
    "code": Field(text(20), required=False),
}
READING: Final = {
    "/savings/{id}": Act(name="read_saving", fields={}, perform=_read),
    "/savings": listing(
        "list_savings",
        "saving",
        lambda sandbox, row: savings.shown(sandbox.store, row, sandbox.public_url),
        "reference",
    ),
    "/saved_methods/{id}": Act(name="read_method", fields={}, perform=_read_method),
    "/mandates/{id}": Act(name="read_mandate", fields={}, perform=_read_mandate),
}
WRITING: Final = {
    "/savings": Act(
        name="start_saving", fields=_SAVING_FIELDS, perform=_start, writes=True, needs_key=True
    ),
    "/savings/{id}/verify": Act(
        name="verify_saving", fields=_PROOF_FIELDS, perform=_verify, writes=True
    ),
    "/saved_methods/{id}/expiry": Act(
        name="change_expiry",
        fields={"expires": Field(MONTH)},
        perform=_change_expiry,
        writes=True,
    ),
    "/mandates/{id}/revoke": Act(name="revoke_mandate", fields={}, perform=_revoke, writes=True),
}
REMOVING: Final = {
    "/saved_methods/{id}": Act(name="remove_method", fields={}, perform=_remove, writes=True),
}
