"""What must hold: at every moment, and at the end against books that are not the portal's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final

from quittance.reconciliation.catalogue import CATALOGUE, Sort
from tests.histories import books, holding, staying, telling, wishes
from tests.histories.people import reopen
from tests.histories.world import World

# The product's own views of what must never be; see quittance/reconciliation/catalogue.py.
_NEVER: Final = [key for key, entry in CATALOGUE.items() if entry.sort is Sort.NEVER]
_SAFE: Final = " UNION ALL ".join(
    f"(SELECT '{key}' FROM invariant_{key} WHERE organization_id = %(o)s LIMIT 1)" for key in _NEVER
)
_CAUSES: Final = """
SELECT s.cause FROM audit_statuschange s
WHERE s.organization_id = %(o)s AND s.subject_kind IN ('payment', 'attempt')
  AND s.to_status IN ('failed', 'cancelled')
  AND (s.cause = '' OR s.cause ~* 'time-?out|answer lost|retries|gave up')
UNION ALL SELECT 'no receipt for ' || p.number FROM payments_payment p
  WHERE p.organization_id = %(o)s AND p.status = 'succeeded' AND p.user_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM notifications_message m
      WHERE m.organization_id = p.organization_id AND m.key = 'receipt:' || p.id)
"""
_ENDED: Final = """
SELECT g.reference, g.gateway_object, g.status, extract(epoch FROM p.ended_at)::float8,
    extract(epoch FROM g.sent_at)::float8
FROM payments_gatewayattempt g
JOIN payments_payment p ON (p.organization_id, p.id) = (g.organization_id, g.payment_id)
WHERE g.organization_id = %(o)s AND g.status IN ('failed', 'cancelled')
"""
_ALIVE: Final = {"open", "processing", "succeeded"}
_SKEW: Final = 50.0  # a clock of ours may be that wrong
_SHUT: Final = "Quittance, posted"
_ON_ITS_WAY: Final = 9.0  # seconds that a request to the gateway may take


def safe(world: World) -> None:
    """Check what must hold at every moment."""
    for (name,) in world.rows(_SAFE):
        if name not in world.not_yet:
            world.wrong(name)
    for reference, object_id, status, ended_at, sent_at in world.rows(_ENDED):
        for one in world.gateway.objects.values():
            if one.reference != reference or one.state not in _ALIVE:
                continue
            if object_id == one.id and one.state != "succeeded":
                world.wrong(f"{status} here, and the payer may still pay at the gateway")
            elif object_id is None and (
                one.created_at < ended_at - _SKEW
                or (
                    world.swarm.rates["clock skew"] == 0 and one.created_at <= sent_at + _ON_ITS_WAY
                )
            ):
                world.wrong(f"{status} here without a look, and the gateway has it")
    if world.rows(
        "SELECT 1 FROM payments_gatewaymessage WHERE organization_id = %(o)s"
        " AND event_id = ANY(%(forged)s) LIMIT 1", forged=list(world.forged),
    ):  # fmt: skip
        world.wrong("a forged message was kept")
    _posted_once(world)


def watch(world: World) -> None:
    """Look also at the very moment of some acts: what was wrong may be right a little later."""
    world.after("payments.capture.give_up", lambda: _given_up(world))
    world.after("payments.asking.nothing_there", lambda: _nothing_there(world))
    world.after("posting.move rejected", lambda: _rejected(world))
    world.gateway.on_take = lambda one: holding.check_word(world, one)
    for act in ("payments.sending.end", "payments.sending.later"):
        world.after(act, lambda: telling.check_failed_refunds(world))
    for act in ("receivables.pages.read_on", "receivables.pull.refresh_invoices"):
        world.after(act, lambda: _mirror_never_goes_back(world))


def _given_up(world: World) -> None:
    """The gateway has nothing of a payment at the moment at which it is given up."""
    for reference, object_id, status, ended_at, _ in world.rows(_ENDED):
        if ended_at is None or ended_at < world.schedule.now - 2 * _SKEW:
            continue  # long ago: what somebody asleep sends after that is sent back when it is paid
        has = (one for one in world.gateway.objects.values() if one.reference == reference)
        if object_id is None and any(one.state in _ALIVE for one in has):
            world.wrong(f"{status} here without a look, and the gateway has it")


def _nothing_there(world: World) -> None:
    """Nobody is told that a payment came to nothing while the gateway may still begin it."""
    ended = {reference for reference, *_ in world.rows(_ENDED)}
    clocks_agree = world.swarm.rates["clock skew"] == 0
    if clocks_agree and ended & world.transport.charges_under_way():
        world.wrong("ended here, and on its way to the gateway")


def _rejected(world: World) -> None:
    """The ERP has nothing of a posting that it refused, unless somebody slept or changed lines."""
    seen = world.facts.setdefault("rejected", set())
    there = {entry.document for entry in world.books.posted} - world.spoiled
    for (document,) in world.rows(
        "SELECT document_number FROM posting_erpposting"
        " WHERE organization_id = %(o)s AND status = 'rejected'"
    ):
        if document not in seen and document in there and world.swarm.rates["pause"] == 0:
            world.wrong("rejected here, and the ERP has it")
        seen.add(document)


def _mirror_never_goes_back(world: World) -> None:
    """No invoice is shown as an older read had it."""
    read = world.facts.setdefault("read at", {})
    for erp_id, at in world.rows(
        "SELECT erp_id, synced_at FROM receivables_invoice WHERE organization_id = %(o)s"
    ):
        if erp_id in read and at < read[erp_id]:
            world.wrong("the mirror took an older page over a newer one")
        read[erp_id] = at


def _posted_once(world: World) -> None:
    counts = Counter((entry.document, entry.line) for entry in world.books.posted)
    for key, count in counts.items():
        if count > 1:
            world.wrong("the ERP has a line twice")
            world.schedule.say(f"{key}")


def reopen_paid_by_cheque(world: World) -> None:
    """Before a rejected posting is retried: take cheques back for the invoices that it pays."""
    needed: Counter[str] = Counter()
    for invoice_id, minor in world.rows(
        "SELECT l.invoice_erp_id, l.amount_minor FROM posting_erppostingline l"
        " JOIN posting_erpposting e"
        " ON (e.organization_id, e.id) = (l.organization_id, l.posting_id)"
        " WHERE l.organization_id = %(o)s AND e.status = 'rejected'"
    ):
        needed[invoice_id] += minor
    for invoice_id, minor in needed.items():
        if invoice_id in world.books.invoices:
            reopen(world, world.books.invoices[invoice_id], minor)


def final(world: World) -> None:
    """Check everything when nothing is under way any more."""
    safe(world)
    for (cause,) in world.rows(_CAUSES):
        world.wrong("an end without evidence, or a success without a receipt")
        world.schedule.say(cause)
    _no_limbo(world)
    captured = _gateway_agrees(world)
    _one_charge_a_wish(world, captured)
    _erp_agrees(world)
    for check in (holding.check_late, telling.check_rests, *staying.CHECKS, *wishes.CHECKS):
        check(world)
    _mirror_agrees(world)
    _ledger_agrees(world)
    _what_went_back_agrees(world)


def _no_limbo(world: World) -> None:
    """Whatever is not over waits for a person, and the AR team is told of it."""
    for number, problem in world.rows(
        "SELECT p.number, max(g.problem) FROM payments_payment p JOIN payments_gatewayattempt g"
        " ON (g.organization_id, g.payment_id) = (p.organization_id, p.id)"
        " WHERE p.organization_id = %(o)s AND p.status IN ('created', 'in_flight')"
        " GROUP BY p.number"
    ):
        if not problem:
            world.wrong("a payment never ends")
            world.schedule.say(number)
    for status, number, rejection in world.rows(
        "SELECT status, document_number, rejection FROM posting_erpposting"
        " WHERE organization_id = %(o)s AND status NOT IN ('confirmed', 'replaced', 'handled')"
    ):
        world.wrong(f"a posting stays {status}")
        world.schedule.say(f"{number}: {rejection}")
    for kind, number, status in world.rows(
        "SELECT kind, number, status FROM payments_reversal WHERE organization_id = %(o)s"
        " AND status NOT IN ('succeeded', 'failed')"
    ):
        world.wrong(f"a {kind} stays {status}")
        world.schedule.say(number)
    for (number,) in world.rows(
        "SELECT document_number FROM posting_erpposting WHERE organization_id = %(o)s"
        " AND status = 'confirmed' AND tidied_at IS NULL AND source_kind = 'payment'"
    ):
        world.wrong("a confirmed posting was never tidied")
        world.schedule.say(number)


def beyond_mending(world: World, posting_id: Any) -> bool:
    """Whether no retry can help: the clerk cancelled an invoice of it, or took a line out of it."""
    rows = world.rows(
        "SELECT e.document_number, l.invoice_erp_id FROM posting_erppostingline l"
        " JOIN posting_erpposting e"
        " ON (e.organization_id, e.id) = (l.organization_id, l.posting_id)"
        " WHERE e.organization_id = %(o)s AND e.id = %(p)s", p=posting_id,
    )  # fmt: skip
    return any(
        document in world.spoiled or (erp_id and world.books.invoices[erp_id].status == "Canceled")
        for document, erp_id in rows
    )


def _gateway_agrees(world: World) -> dict[str, str]:
    """Compare charge by charge; return the status of each captured attempt by its reference."""
    ours = {
        row[0]: row[1:] for row in world.rows(
            "SELECT gateway_object, reference, coalesce(came_minor, amount_minor), currency, status"
            " FROM payments_gatewayattempt WHERE organization_id = %(o)s"
            " AND status IN ('succeeded', 'surplus')"
        )
    }  # fmt: skip
    theirs: dict[str, tuple[Any, ...]] = {}
    for entry in world.gateway.charges():
        if entry.object_id in theirs:
            world.wrong("the gateway charged one payment twice")
        one = world.gateway.objects[entry.object_id]
        theirs[entry.object_id] = (one.reference, entry.gross_minor, entry.currency)
    for object_id, facts in theirs.items():
        if object_id in ours and ours[object_id][:3] != facts:
            world.wrong("a charge differs from the portal's attempt")
            world.schedule.say(f"{facts}, here {ours[object_id][:3]}")
    for object_id in _unknown_charges(world):
        world.wrong("the gateway has a charge that the portal does not know")
        world.schedule.say(object_id)
    for object_id in ours.keys() - theirs.keys():
        world.wrong("the portal believes in a charge that the gateway does not have")
        world.schedule.say(str(object_id))
    return {facts[0]: facts[3] for facts in ours.values()}


def _one_charge_a_wish(world: World, captured: dict[str, str]) -> None:
    """One wish of a buyer is charged once at most; what came on top is kept as a surplus."""
    payments = {str(row[0]): row[1] for row in world.rows(
        "SELECT id, idempotency_key FROM payments_payment WHERE organization_id = %(o)s"
    )}  # fmt: skip
    charged: dict[str, int] = defaultdict(int)
    for entry in world.gateway.charges():
        reference = world.gateway.objects[entry.object_id].reference
        key = payments.get(reference.partition(":")[0], "")
        if captured.get(reference) != "surplus":
            charged[key.partition(".")[0]] += 1
    for intent in world.intents:
        if charged.pop(intent.name, 0) > 1:
            world.wrong("one wish was charged twice")
    if charged:
        world.wrong("a charge that nobody wished for")
    taken: Counter[str] = Counter()
    for invoice_id, minor in world.rows(
        "SELECT i.erp_id, a.amount_minor FROM payments_allocation a JOIN receivables_invoice i"
        " ON (i.organization_id, i.id) = (a.organization_id, a.invoice_id)"
        " WHERE a.organization_id = %(o)s AND a.status IN ('consumed', 'reflected')"
    ):
        taken[invoice_id] += minor
    for invoice_id, minor in taken.items():
        invoice = world.books.invoices[invoice_id]
        if invoice_id not in world.touched_by_clerk and minor > invoice.total:
            world.wrong("more was taken for an invoice than was owed")


def _erp_agrees(world: World) -> None:
    """Compare line by line with the ERP's own ledger."""
    ours = Counter(
        (row[0], row[1], row[2] or books.ZERO, row[3]) for row in world.rows(
            "SELECT e.document_number, l.line_number, l.invoice_erp_id, l.amount_minor"
            " FROM posting_erpposting e JOIN posting_erppostingline l"
            " ON (l.organization_id, l.posting_id) = (e.organization_id, e.id)"
            " WHERE e.organization_id = %(o)s AND e.status = 'confirmed' AND e.reverses = ''"
            " AND e.source_kind <> 'application'"
        )
    )  # fmt: skip
    theirs = Counter(
        (each.document, each.line, each.invoice, each.amount) for each in world.books.posted
    )
    unknown = [key for key in theirs - ours if key[0] not in world.spoiled]
    if unknown:
        world.wrong("the ERP has posted what the portal does not know")
    if ours - theirs:
        world.wrong("the portal believes in a posting that the ERP does not have")
    confirmed = {key[0] for key in ours}
    for journal in world.books.journals.values():
        if journal.name == _SHUT and not any(line.values for line in journal.lines.values()):
            world.wrong("the empty journal of a posted payment stays")
        for line in journal.lines.values():
            if line.values and line.values["documentNumber"] in confirmed:
                # A worker that slept past the tidying makes the journal anew, sees the entries, and
                # stops (business_central/post.py, "What remains"). It must never be posted.
                world.schedule.count["stray draft"] += 1


def mirror_behind(world: World) -> list[str]:
    """Say of which invoices the mirror shows something else than the ERP."""
    return [
        f"{invoice.number}: {open_minor} {status}, ERP {invoice.open}"
        for erp_id, open_minor, status in world.rows(
            "SELECT erp_id, open_minor, erp_status FROM receivables_invoice"
            " WHERE organization_id = %(o)s"
        )
        for invoice in [world.books.invoices[erp_id]]
        if (open_minor, status) != (invoice.open, _STATUS[invoice.status])
    ]


def _mirror_agrees(world: World) -> None:
    for words in mirror_behind(world):
        world.wrong("the mirror shows another open amount than the ERP")
        world.schedule.say(words)
    for status, number in world.rows(
        "SELECT a.status, p.number FROM payments_allocation a JOIN payments_payment p"
        " ON (p.organization_id, p.id) = (a.organization_id, a.payment_id)"
        " JOIN posting_erpposting e ON (e.organization_id, e.source_id) = (a.organization_id, p.id)"
        " WHERE a.organization_id = %(o)s AND e.status = 'confirmed'"
        " AND a.status IN ('reserved', 'consumed')"
    ):
        world.wrong(f"an allocation of a confirmed payment stays {status}")
        world.schedule.say(number)


_STATUS: Final = {"Open": "open", "Paid": "paid", "Canceled": "cancelled"}


def _ledger_agrees(world: World) -> None:
    """The portal's own ledger must say what the gateway's and the ERP's books say."""
    sums = {row[0].partition(":")[0]: row[1] for row in world.rows(
        "SELECT split_part(account, ':', 1), sum(amount_minor)::bigint FROM ledger_ledgerentry"
        " WHERE organization_id = %(o)s GROUP BY 1"
    )}  # fmt: skip
    known = {row[0] for row in world.rows(
        "SELECT gateway_object FROM payments_gatewayattempt WHERE organization_id = %(o)s"
        " AND status IN ('succeeded', 'surplus')"
    )}  # fmt: skip
    at_gateway = sum(e.gross_minor for e in world.gateway.entries if e.object_id in known)
    if sums.get("gateway", 0) + sums.get("gateway_fees", 0) != at_gateway:
        world.wrong("the ledger and the gateway's books differ")
    in_erp = 0
    for document, status, minor, reverses in world.rows(
        "SELECT document_number, status, amount_minor, reverses FROM posting_erpposting"
        " WHERE organization_id = %(o)s AND status IN ('confirmed', 'handled')"
        " AND source_kind <> 'application'"
    ):
        if status == "handled":  # a person's word, and no book's
            in_erp += -minor if reverses else minor
        elif reverses:
            in_erp -= world.taken_back.get(document, 0)
        else:
            in_erp += sum(each.amount for each in world.books.posted if each.document == document)
    if -sums.get("posted", 0) != in_erp:
        world.wrong("the ledger and the ERP's books differ")


def out_of_step(world: World) -> bool:
    """Whether the portal and the gateway's books differ in what went back."""
    ours, theirs = _gone(world)
    return ours != theirs or bool(_unknown_charges(world))


def _unknown_charges(world: World) -> list[str]:
    """Say which charges of the gateway are in no attempt of ours, not even in quarantine."""
    known = {object_id for row in world.rows(
        "SELECT gateway_object, came_object FROM payments_gatewayattempt"
        " WHERE organization_id = %(o)s AND (status IN ('succeeded', 'surplus') OR problem <> '')"
    ) for object_id in row}  # fmt: skip
    return [each.object_id for each in world.gateway.charges() if each.object_id not in known]


def _gone(world: World) -> tuple[Counter[Any], Counter[Any]]:
    ours = Counter((row[0], row[1], row[2]) for row in world.rows(
        "SELECT g.gateway_object, r.kind, r.amount_minor FROM payments_reversal r"
        " JOIN payments_gatewayattempt g"
        " ON (g.organization_id, g.id) = (r.organization_id, r.attempt_id)"
        " WHERE r.organization_id = %(o)s AND r.status = 'succeeded'"
    ))  # fmt: skip
    theirs = Counter(
        (each.object_id, each.kind, abs(each.gross_minor)) for each in world.gateway.entries
        if each.kind != "charge"
    )  # fmt: skip
    return ours, theirs


def _what_went_back_agrees(world: World) -> None:
    """Whatever left the gateway is known here, once; and no wish of a clerk was done twice."""
    ours, theirs = _gone(world)
    if theirs - ours:
        world.wrong("money went back and the portal does not know")
        world.schedule.say(str(theirs - ours))
    if ours - theirs:
        world.wrong("the portal believes that money went back, and it did not")
        world.schedule.say(str(ours - theirs))
    wishes = {str(row[0]): row[1] for row in world.rows(
        "SELECT id, idempotency_key FROM payments_reversal WHERE organization_id = %(o)s"
    )}  # fmt: skip
    sent: Counter[str] = Counter()
    for refund in world.gateway.refunds.values():
        if refund["reference"]:
            sent[wishes.get(refund["reference"], refund["reference"])] += 1
    if any(count > 1 for count in sent.values()):
        world.wrong("one refund was sent twice")
