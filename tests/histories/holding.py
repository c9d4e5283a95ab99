"""What the played gateway takes only at the seller's word: held payments, and kept methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.histories.gateway import Gateway, Object
    from tests.histories.world import World

# What a charge of a kept method comes to: the method's token says it.
KEPT_DEEDS: Final = ("ok", "ok", "ok", "ok", "slow ok", "decline", "asks", "gone")
_TAKES: Final = 600.0  # seconds that a slow bank needs for a charge


def token(deed: str, customer: str) -> str:
    """Return the token of a kept method whose charges come to ``deed``."""
    return f"sm_{deed.replace(' ', '-')}.{customer}"


def _deed(id_: str) -> str:
    return id_.removeprefix("sm_").partition(".")[0].replace("-", " ")


def waits(one: Object) -> bool:
    """Whether nothing moves before the seller's word."""
    return one.state == "open" and bool(one.waits)


def agree(gateway: Gateway, one: Object, deed: str, takes: float) -> None:
    """The payer agrees to a held payment: what the bank will make of it comes after our word."""
    one.waits, one.takes = deed, takes
    gateway.event(one, "payment.waits")


def complete(gateway: Gateway, one: Object) -> Object:
    """The seller says his word to a held payment; one that waits for nobody is only shown."""
    if waits(one) and one.asked.get("held"):
        _take(gateway, one)
    return one


def prepare(gateway: Gateway, asked: dict[str, Any]) -> Object | None:
    """Make the object of a charge, unless its method is gone; nothing moves before ``charge``."""
    deed = _deed(asked["saved_method"])
    if deed == "gone":
        return None
    made = gateway.create({**asked, "method": "card"})
    made.waits, made.takes = deed, _TAKES
    return made


def shown_method(id_: str) -> dict[str, Any]:
    """Return a kept method as the API shows it."""
    return {
        "id": id_, "payer": "payer_1", "method": "card", "brand": "visa", "last4": "4242",
        "bank_name": None, "expires": "2039-12", "funding": "credit", "holder": None,
        "fingerprint": "print_1", "initial_reference": "net_1", "usable": _deed(id_) != "gone",
        "mandate": None,
    }  # fmt: skip


def charge(gateway: Gateway, one: Object) -> Object:
    """Take what was prepared, once; beyond that it is only shown."""
    if waits(one) and one.asked.get("saved_method"):
        _take(gateway, one)
    return one


def check_word(world: World, one: Object) -> None:
    """Our word takes what was asked for, of which we know the id, and which was not given up."""
    rows = world.rows(
        "SELECT g.amount_minor, g.currency, g.given_up_at, p.status FROM payments_gatewayattempt g"
        " JOIN payments_payment p ON (p.organization_id, p.id) = (g.organization_id, g.payment_id)"
        " WHERE g.organization_id = %(o)s AND g.gateway_object = %(id)s AND g.word_at IS NOT NULL",
        id=one.id,
    )
    if not rows:
        world.wrong("money was taken of an object whose id was not kept")
        return
    minor, currency, given_up_at, status = rows[0]
    if (minor, currency) != (one.amount_minor, one.currency):
        world.wrong("our word took another amount than was asked for")
    is_over = status in {"failed", "cancelled"}
    if not is_over and given_up_at is None:
        return
    if world.swarm.rates["pause"] == 0:
        world.wrong("our word took a payment that was given up")
    elif is_over:  # who slept on his word may say it too late
        world.facts.setdefault("taken late", set()).add(one.id)


def check_late(world: World) -> None:
    """What our word took of a payment that was over goes back to the payer."""
    late = world.facts.get("taken late", set())
    kept = world.rows(
        "SELECT g.gateway_object FROM payments_gatewayattempt g WHERE g.organization_id = %(o)s"
        " AND g.gateway_object = ANY(%(late)s)"
        " AND (g.status <> 'surplus' AND g.came_object = ''"  # else a person decides
        " OR g.status = 'surplus' AND NOT EXISTS ("
        "SELECT FROM payments_reversal r WHERE r.organization_id = g.organization_id"
        " AND r.attempt_id = g.id AND r.kind = 'refund'))", late=list(late),
    )  # fmt: skip
    charged = {entry.object_id for entry in world.gateway.charges()}
    for (object_id,) in kept:
        if object_id in charged:
            world.wrong("our word took a payment that was over, and nothing goes back")


def _take(gateway: Gateway, one: Object) -> None:
    gateway.on_take(one)
    deed, one.waits = one.waits, ""
    by_seller = one.asked.get("started_by") == "seller"
    if deed == "decline" or (deed == "asks" and by_seller):
        gateway.close(one, "failed", "card_declined" if deed == "decline" else _ASKED)
    elif deed == "asks":
        gateway.event(one, "payment.attempt_failed", code=_ASKED)  # his bank's question is open
    else:
        gateway.pay_now(one, deed, takes=one.takes)


_ASKED: Final = "authentication_required"
