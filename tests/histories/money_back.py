"""Money that goes back: refunds by a clerk, refunds in the gateway's pages, returns, disputes."""

from __future__ import annotations

import uuid
from typing import Any

from quittance.core.errors import OutsideError, RuleBroken
from quittance.core.money import Money
from quittance.payments.refunds import refund_payment
from quittance.payments.repair import handle_posting, retry_posting
from quittance.payments.surplus import refund_quarantined
from quittance.posting.queue import NothingToRetry
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.scope import working_for
from tests.histories import books
from tests.histories.gateway import Object
from tests.histories.people import skew, void
from tests.histories.schedule import BROKEN, Crash
from tests.histories.world import World

_SOON = (60.0, 600.0, 4000.0, 40_000.0)


def turn(world: World) -> None:
    """In some histories money goes back, in one way or in two at once."""
    rng = world.rng
    if rng.random() >= world.swarm.rates["money back"]:
        return
    for _ in range(rng.choice([1, 1, 2])):
        deed = rng.choice(["pages", "bank", "dispute"])
        if rng.random() < world.swarm.rates["clerk refunds"]:
            deed = "clerk"
        world.schedule.later(
            rng.choice(_SOON) * rng.random(), f"money back: {deed}",
            lambda deed=deed: _back(world, deed, 0),  # type: ignore[misc]
        )  # fmt: skip


def at_work(world: World) -> None:
    """In some histories the AR team looks at the queue in the storm, and does what waits there.

    And more often when the ERP has refused something, or other money comes than was asked for.
    """
    looks = iter(range(3))

    def look() -> None:
        if world.swarm.on:  # in the healing they look when it is mended
            world.schedule.spawn("AR", lambda: _look_at_queue(world))

    def look_soon(often: float) -> None:
        if world.rng.random() < often and next(looks, None) is not None:
            world.schedule.later(world.rng.choice(_SOON) * world.rng.random(), "AR at work", look)

    look_soon(world.swarm.rates["AR at work"])
    if any(intent.deed == "other amount" for intent in world.intents):
        look_soon(0.7)
    world.after("posting.move rejected", lambda: look_soon(0.9))


def follow_steps(world: World) -> None:
    """Whoever does in the ERP what the portal asks people for often does it within minutes."""
    waits = world.rng.choice([20.0, 200.0, 2000.0, 20_000.0])

    def follow() -> None:
        soon = world.rng.random() * waits
        world.schedule.later(soon, "a clerk follows the steps", lambda: void(do_by_hand(world)))

    world.after("posting.move by_hand", follow)


def _look_at_queue(world: World) -> None:
    try:
        send_misfits_back(world)
        retry(world, world.ids("status = 'rejected'"))
    except (*BROKEN, ChangedMeanwhile) as error:
        world.schedule.say(f"told: {type(error).__name__}")


def retry(world: World, ids: list[Any]) -> None:
    """The AR team has postings tried again that the ERP refused."""
    with working_for(world.organization_id, actor="AR"):
        for posting_id in ids:
            try:
                retry_posting(posting_id)
            except NothingToRetry:
                world.schedule.say("nothing to retry")


def _back(world: World, deed: str, tries: int) -> None:
    found = [each for each in world.gateway.objects.values() if each.state == "succeeded"]
    if not found:
        if tries < 8:
            world.schedule.later(
                20.0 * 2.5**tries, "money back: later", lambda: _back(world, deed, tries + 1)
            )
        return
    one, gateway, rng = world.rng.choice(found), world.gateway, world.rng
    left = gateway.left(one)
    world.schedule.count[f"money back: {deed}"] += 1
    if deed == "clerk":
        _refund(world, one)
    elif deed == "pages" and left:
        gateway.refund(one.id, rng.choice([left, rng.randint(1, left)]), one.currency)
    elif deed == "bank":
        gateway.take_back(one, rng.choice(["R01", "R10"]))
    elif deed == "dispute":
        id_ = gateway.dispute(one)
        if id_:
            end = rng.choice(["won", "lost"])
            world.schedule.later(
                rng.choice(_SOON), f"dispute {end}", lambda: gateway.decide(id_, end)
            )


def _refund(world: World, one: Object) -> None:
    """A clerk presses Refund, once or twice; without an answer once more."""
    try:
        payment_id = uuid.UUID(one.reference.partition(":")[0])
    except ValueError:
        return
    rng = world.rng
    amount = rng.choice([one.amount_minor, rng.randint(1, one.amount_minor)])
    reopens, key = rng.random() < 0.5, f"refund.{len(world.refund_wishes)}"
    world.refund_wishes[key] = amount
    for click in range(rng.choice([1, 1, 2])):
        _press(world, payment_id, amount, key, reopens=reopens, after=click * rng.random(), tries=0)


def _press(
    world: World, payment_id: uuid.UUID, amount: int, key: str, *, reopens: bool, after: float,
    tries: int,
) -> None:  # fmt: skip
    def again() -> None:
        if tries < 2 and world.swarm.on and not world.schedule.over:
            wait = world.rng.choice([1.0, 60.0, 1000.0])
            _press(world, payment_id, amount, key, reopens=reopens, after=wait, tries=tries + 1)

    def press() -> None:
        try:
            with working_for(world.organization_id, actor="AR"):
                refund_payment(
                    payment_id, Money(amount, world.currency), key=key, reopens=reopens,
                    despite_return=True,
                )  # fmt: skip
        except (RuleBroken, OutsideError) as error:
            world.schedule.say(f"told: {type(error).__name__}")
        except BROKEN:
            again()
        except Crash:
            again()
            raise

    world.schedule.spawn(f"AR {key}", press, after=after, skew=skew(world))


def do_by_hand(world: World) -> list[Any]:
    """The clerk does in the ERP what the steps say; return the postings that end with a note."""
    notes = []
    for id_, document, reverses, minor, status, kind in world.rows(
        "SELECT e.id, e.document_number, e.reverses, e.amount_minor, r.status, e.source_kind"
        " FROM posting_erpposting e LEFT JOIN payments_reversal r"
        " ON (r.organization_id, r.id) = (e.organization_id, e.source_id)"
        " WHERE e.organization_id = %(o)s AND e.status = 'by_hand' ORDER BY e.id"
    ):
        if kind == "application":
            if not _apply_credit(world, id_):
                notes.append(id_)
            continue
        there = any(each.document == reverses for each in world.books.posted)
        if any(row["documentNumber"] == document for row in world.books.gl):
            continue  # done already; the portal has only to see it
        if status == "failed" or not there:
            notes.append(id_)
            continue
        world.books.book(document, "Refund", "1310", minor, "2026-03-02")
        world.books.book(document, "Refund", books.CLEARING, -minor, "2026-03-02")
        world.taken_back[document] = minor
        for invoice_id, part in world.rows(
            "SELECT invoice_erp_id, amount_minor FROM posting_erppostingline"
            " WHERE organization_id = %(o)s AND posting_id = %(p)s AND invoice_erp_id <> ''", p=id_,
        ):  # fmt: skip
            invoice = world.books.invoices[invoice_id]
            if invoice.status != "Canceled":
                invoice.open, invoice.status = invoice.open + part, "Open"
                world.books.touch(invoice)
                world.touched_by_clerk.add(invoice.id)
    return notes


def _apply_credit(world: World, posting_id: Any) -> bool:
    """Apply the credit notes of a posting, once; ``False``: not all of it could be applied."""
    done = world.facts.setdefault("applications", {})
    if posting_id in done:
        return bool(done[posting_id])
    lines = world.rows(
        "SELECT credit_erp_id, invoice_erp_id, amount_minor FROM posting_erppostingline"
        " WHERE organization_id = %(o)s AND posting_id = %(p)s", p=posting_id,
    )  # fmt: skip
    world.books.book("APPLICATION", "Credit_x0020_Memo", "1310", 0, "2026-03-02")  # it is seen
    done[posting_id] = True
    parts = []
    for credit_id, invoice_id, minor in lines:
        credit, invoice = world.books.credits[credit_id], world.books.invoices[invoice_id]
        part = min(minor, credit.open, invoice.open)
        if part:
            credit.open -= part
            world.books.settle(invoice, part)
        parts.append((credit_id, part))
        done[posting_id] &= part == minor
    if not done[posting_id]:  # the posting ends with a note
        by_word = world.facts["applied by word"]
        for credit_id, part in parts:
            by_word[credit_id] = by_word.get(credit_id, 0) + part
    return bool(done[posting_id])


def misfits(world: World) -> list[Any]:
    """Return the attempts whose money lies in quarantine."""
    found = world.rows(
        "SELECT id FROM payments_gatewayattempt WHERE organization_id = %(o)s"
        " AND came_object <> '' AND status NOT IN ('succeeded', 'surplus') ORDER BY reference"
    )
    return [attempt_id for (attempt_id,) in found]


def send_misfits_back(world: World) -> None:
    """The AR team sends back what came and does not fit what was asked for (F20)."""
    with working_for(world.organization_id, actor="AR"):
        for attempt_id in misfits(world):
            try:
                refund_quarantined(attempt_id, key=f"misfit.{attempt_id}")
            except (*BROKEN, RuleBroken, OutsideError) as error:  # they look again
                world.schedule.say(f"told: {type(error).__name__}")


def close_with_a_note(world: World, ids: list[Any]) -> None:
    """The AR team says of some postings that nothing is to be done in the ERP."""
    with working_for(world.organization_id, actor="AR"):
        for posting_id in ids:
            try:
                handle_posting(posting_id, note="There is nothing to take back.")
            except RuleBroken as error:
                world.schedule.say(f"told: {type(error).__name__}")
