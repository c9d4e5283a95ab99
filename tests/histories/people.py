"""Buyers, the hosted page, the gateway's courier, the seller's clerk: they draw their deeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from quittance.core.errors import OutsideError, Refused, RuleBroken
from quittance.payments.cancel import cancel_payment
from quittance.payments.checkout import redirect_url, start_payment
from quittance.payments.inbox import keep_messages
from quittance.payments.models import Payment
from quittance.tenancy.scope import working_for
from tests.histories import books
from tests.histories.gateway import signed
from tests.histories.ground import order_of
from tests.histories.schedule import BROKEN, Crash
from tests.histories.world import Intent, World

CARD_DEEDS: Final = (
    "ok", "ok", "ok", "ok", "late", "decline then ok", "decline", "abandon", "cancel", "slow ok",
    "slow fail", "other amount", "fail, then ok",
)  # fmt: skip
DEBIT_DEEDS: Final = ("slow ok", "slow ok", "slow fail", "fail, then ok", "abandon", "cancel")
# Most are shorter than in life: each wait is some looks, and a look costs as much as another step.
_SOON: Final = (0.0, 0.0, 5.0, 5.0, 60.0, 600.0)
_CARD_SECONDS: Final = (3.0, 3.0, 600.0)
_DEBIT_SECONDS: Final = (20.0, 60.0, 60.0, 600.0, 4000.0, 4 * 3600.0)
_WITH_KEPT: Final = 0.7  # of those who keep a card and pay by card
_FAILED: Final = {Payment.Status.FAILED, Payment.Status.CANCELLED}


def buyers(world: World) -> None:
    """One to three buyers, of whom some want the same invoices."""
    rng, found = world.rng, list(world.books.invoices.values())
    for number in range(rng.choice([1, 1, 1, 1, 1, 1, 2, 3])):
        chosen = rng.choice(found)
        both = rng.random() < world.swarm.rates["two accounts"]
        same = [each for each in found if both or each.customer is chosen.customer]
        lines = rng.sample(same, rng.randint(1, min(3, len(same))))
        method = "bank_debit" if rng.random() < world.swarm.rates["bank debit"] else "card"
        intent = Intent(
            name=f"buyer{number}", customer=chosen.customer, method=method,
            lines=[(each, each.total if rng.random() < 0.7 else rng.randint(1, each.total))
                   for each in lines],
            deed=rng.choice(CARD_DEEDS if method == "card" else DEBIT_DEEDS),
            user=rng.randrange(2),
        )  # fmt: skip
        intent.deed = world.swarm.deed or intent.deed
        kept = not world.swarm.deed and world.facts["kept"].get(chosen.customer.id)
        if kept and method == "card" and rng.random() < _WITH_KEPT:
            intent.kept, intent.deed = True, kept[0]
            intent.by_seller = rng.random() < 0.3
        world.intents.append(intent)
        begin_checkout(world, intent, after=rng.choice([0.0, 0.0, 1.0, 60.0, 600.0]))


def begin_checkout(world: World, intent: Intent, *, after: float) -> None:
    """A new form, sent once, twice, or from two tabs."""
    key = f"{intent.name}.{len(intent.keys)}"
    intent.keys.append(key)
    for click in range(world.rng.choice([1, 1, 1, 2, 2, 3])):
        wait = after + click * world.rng.choice([0.0, 0.1, 2.0, 30.0])
        click_pay(world, intent, key, after=wait)


def click_pay(world: World, intent: Intent, key: str, *, after: float) -> None:
    """Press Pay. Whoever sees no answer presses again, or goes away."""
    rng, schedule = world.rng, world.schedule

    def again() -> None:
        if world.swarm.on and len(intent.keys) < 3 and rng.random() < 0.7:
            click_pay(world, intent, key, after=rng.choice([0.5, 20.0, 300.0, 5000.0]))

    def anew() -> None:
        # A form that was sent twice is begun anew once.
        latest = key == intent.keys[-1]
        if latest and world.swarm.on and len(intent.keys) < 3 and rng.random() < 0.5:
            begin_checkout(world, intent, after=rng.choice([5.0, 120.0]))

    def click() -> None:
        try:
            answer = _pressed(world, intent, key)
        except Crash:
            if not schedule.over:
                again()
            raise
        if answer == "broken":
            again()
        elif answer == "no":
            anew()
        elif answer:
            _visit(world, intent, answer)

    schedule.spawn(f"{key}", click, after=after, skew=skew(world))


def _pressed(world: World, intent: Intent, key: str) -> str:
    """Return where the buyer is led to, "no", "broken", or "" for "we are confirming this"."""
    accounts = world.accounts_of(intent)
    with working_for(world.organization_id, actor=intent.name, customer_accounts=accounts):
        try:
            payment = start_payment(order_of(world, intent, key), key=key)
            intent.payments.add(payment.pk)
            url = redirect_url(payment)
        except (RuleBroken, OutsideError) as error:
            world.schedule.say(f"told: {type(error).__name__}")
            return "no"
        except BROKEN:
            return "broken"
    if url:
        return url
    return "no" if payment.status in _FAILED else ""


def _visit(world: World, intent: Intent, url: str) -> None:
    """Do on the gateway's page what this buyer does there."""
    rng, later, pay = world.rng, world.schedule.later, world.gateway.pay
    id_ = url.rpartition("/")[2]

    takes = rng.choice(_CARD_SECONDS if intent.method == "card" else _DEBIT_SECONDS)

    def do(deed: str, after: float) -> None:
        later(after, f"{intent.name}: {deed}", lambda: void(pay(id_, deed, takes=takes)))

    soon = rng.choice(_SOON)
    match intent.deed:
        case "decline then ok":
            do("decline", soon)
            do("ok", soon + 30.0)
        case "decline":
            for number in range(rng.choice([1, 5])):
                do("decline", soon + 20.0 * number)
        case "late":
            do("ok", rng.choice([3000.0, 3590.0, 3700.0, 4 * 3600.0, 23 * 3600.0]))
        case "cancel":
            payment_id = next(iter(sorted(intent.payments)))
            _press_cancel(world, intent, payment_id, after=soon)
            if rng.random() < 0.5:
                do("ok", soon + rng.choice([0.0, 0.2, 5.0]))
        case "asks":  # his bank asks him; most answer
            if rng.random() < 0.8:
                do("ok", soon)
        case "abandon":
            pass
        case deed:
            do(deed, soon)


def _press_cancel(world: World, intent: Intent, payment_id: Any, *, after: float) -> None:
    accounts = world.accounts_of(intent)

    def press() -> None:
        with working_for(world.organization_id, actor=intent.name, customer_accounts=accounts):
            try:
                cancel_payment(payment_id)
            except (RuleBroken, OutsideError, *BROKEN) as error:
                world.schedule.say(f"told: {type(error).__name__}")

    world.schedule.spawn(f"{intent.name} cancels", press, after=after)


def courier(world: World) -> None:
    """Carry the gateway's events: dropped, doubled, late, in any order, and forged ones among."""
    rng, swarm, later = world.rng, world.swarm, world.schedule.later
    numbers = iter(range(10**6))

    def carry(event: dict[str, Any]) -> None:
        if swarm.flip("hook forged", "webhook"):
            forged = {**event, "id": f"evt_forged_{next(numbers)}", "type": "payment.succeeded"}
            later(rng.random() * 60, "forged webhook", lambda: _forge(world, forged, "secret"))
        if swarm.flip("hook dropped", "webhook"):
            return
        waits = [rng.choice([0.0, 0.05, 1.0])]
        if swarm.flip("hook delayed", "webhook"):
            waits = [rng.choice([30.0, 3600.0, 3 * 86400.0])]
        if swarm.flip("hook doubled", "webhook"):
            waits.append(rng.choice([0.0, 0.01, 5.0, 600.0]))
        for wait in waits:
            later(wait, f"webhook {event['type']}", lambda: _deliver(world, event, 0))

    world.gateway.on_event = carry


def _deliver(world: World, event: dict[str, Any], tries: int) -> None:
    def deliver() -> None:
        headers, body = signed(event, at=world.schedule.now)
        delivered = False
        try:
            with working_for(world.organization_id, actor="gateway webhook"):
                keep_messages(world.webhook_path, headers, body)
            delivered = True
        except BROKEN:
            pass
        finally:
            if not delivered and not world.schedule.over and tries < 3:
                wait = (2.0, 60.0, 3600.0)[tries]
                world.schedule.later(
                    wait, "webhook again", lambda: _deliver(world, event, tries + 1)
                )

    world.schedule.spawn("hook", deliver, skew=skew(world))


def _forge(world: World, event: dict[str, Any], how: str) -> None:
    world.forged.add(event["id"])

    def deliver() -> None:
        at = world.schedule.now - (400.0 if how == "old" else 0.0)
        secret = "whsec_Zm9yZ2VkLWJ5LXNvbWVib2R5LWVsc2U="
        headers, body = signed(event, at=at, secret=secret)
        try:
            with working_for(world.organization_id, actor="gateway webhook"):
                keep_messages(world.webhook_path, headers, body)
        except (Refused, *BROKEN):
            return
        world.wrong("a forged webhook was taken")

    world.schedule.spawn("forger", deliver, skew=skew(world))


def clerk(world: World) -> None:
    """The seller's clerk works in the ERP by hand, while payments are under way."""
    rng = world.rng
    if rng.random() >= world.swarm.rates["clerk"]:
        return
    deeds: dict[str, Callable[[], None]] = {
        "takes a cheque": lambda: _cheque(world),
        "cancels an invoice": lambda: _cancel(world),
        "blocks a customer": lambda: _block(world),
        "closes the period": lambda: _close(world),
        "changes a draft": lambda: _spoil(world, "change"),
        "deletes a line": lambda: _spoil(world, "line"),
        "deletes a draft": lambda: _spoil(world, "journal"),
    }
    for _ in range(rng.choice([1, 2, 2])):
        name = rng.choice(sorted(deeds))
        world.schedule.later(
            rng.choice([0.0, 10.0, 100.0, 700.0, 4000.0]) * rng.random(), f"clerk {name}",
            deeds[name],
        )  # fmt: skip


def _cheque(world: World) -> None:
    invoice = world.rng.choice(list(world.books.invoices.values()))
    if invoice.status != "Open":
        return
    part = world.rng.choice([invoice.open, invoice.open, world.rng.randint(1, invoice.open)])
    _take_cheque(world, invoice, part)


def cheque_meanwhile(world: World) -> None:
    """In some histories somebody takes a cheque for a part of what was confirmed just now."""
    if world.rng.random() >= world.swarm.rates["part cheque"]:
        return
    first = iter([True])

    def confirmed() -> None:
        if next(first, False):
            soon = world.rng.random() * 100
            world.schedule.later(soon, "clerk takes a part cheque", lambda: _part_cheque(world))

    world.after("payments.checkout.write", confirmed)


def _part_cheque(world: World) -> None:
    being_paid = [invoice for intent in world.intents for invoice, _ in intent.lines]
    found = [each for each in being_paid if each.status == "Open" and each.open > 1]
    if found:
        invoice = world.rng.choice(found)
        _take_cheque(world, invoice, world.rng.randint(1, invoice.open - 1))


def _take_cheque(world: World, invoice: books.Invoice, part: int) -> None:
    world.touched_by_clerk.add(invoice.id)
    world.books.settle(invoice, part)
    invoice.paid_otherwise_at = world.schedule.now
    world.books.book("CLERK", "Payment", "2920", part, "2026-03-02")


def _cancel(world: World) -> None:
    invoice = world.rng.choice(list(world.books.invoices.values()))
    if invoice.status == "Open" and invoice.open == invoice.total:
        world.touched_by_clerk.add(invoice.id)
        invoice.status, invoice.open = "Canceled", 0
        world.books.touch(invoice)
        world.books.book("CM-1", "Credit_x0020_Memo", "1310", -invoice.total, "2026-03-02")


def _block(world: World) -> None:
    customer = world.rng.choice(list(world.books.customers.values()))
    customer.blocked = "All"
    world.books.touch(customer)


def _close(world: World) -> None:
    world.books.closed_until = "2026-12-31"


def _spoil(world: World, what: str, tries: int = 0) -> None:
    """Change or delete what lies unposted; look again later if nothing does."""
    full = [each for each in world.books.journals.values() if any(
        line.values for line in each.lines.values()
    )]  # fmt: skip
    if not full:
        if tries < 40:
            world.schedule.later(2.0 * 1.3**tries * world.rng.random(), "clerk looks again",
                                 lambda: _spoil(world, what, tries + 1))  # fmt: skip
        return
    journal = world.rng.choice(full)
    line = world.rng.choice([each for each in journal.lines.values() if each.values])
    world.spoiled.add(line.values["documentNumber"])
    world.schedule.count[f"clerk: {what}"] += 1
    if what == "change":
        line.values["amount"] -= 1
    elif what == "line":
        del journal.lines[line.number]
    else:
        del world.books.journals[journal.id]


def mend(world: World) -> None:
    """After the storm the clerk puts right whatever stopped a posting."""
    world.books.closed_until = ""
    for customer in world.books.customers.values():
        if customer.blocked != "_x0020_":
            customer.blocked = "_x0020_"
            world.books.touch(customer)
    for journal in list(world.books.journals.values()):
        world.books.journals.pop(journal.id)


def reopen(world: World, invoice: books.Invoice, minor: int) -> None:
    """The clerk takes a cheque back, so that the portal's payment fits."""
    if invoice.status == "Paid":
        invoice.status, invoice.open = "Open", minor
        world.books.touch(invoice)


def skew(world: World) -> float:
    """How wrong one process's clock is, in seconds."""
    if not world.swarm.flip("clock skew"):
        return 0.0
    return world.rng.choice([-45.0, -2.0, 2.0, 45.0])


def void(_: object) -> None:
    """Drop a result."""
