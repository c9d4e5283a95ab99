"""Which ways out of an exception there are for this person, and which one we suggest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _

from quittance.backoffice.exceptions.evidence import Evidence
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may
from quittance.posting.models import ErpPosting
from quittance.reconciliation.exceptions import Act, ExceptionRow, Kind

_NEVER_SUGGESTED: Final = frozenset({"hand", "withdraw"})
_WHOLE_PAYMENT: Final = frozenset({ErpPosting.Kind.PAYMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One card: what would be done. ``key`` names its form, in ``exceptions/ways/``."""

    key: str
    permission: Permission
    icon: str
    title: str
    detail: str
    suggested: bool = False


def ways_of(
    row: ExceptionRow, evidence: Evidence | None, person: User, *, mine: bool = False
) -> list[Way]:
    """Return what ``person`` may do about ``row``; the suggested one is the first.

    ``mine``: they asked for it themselves, so somebody else confirms it.
    """
    found = [each for each in _ways(row, evidence, mine=mine) if may(person, each.permission)]
    if not found:
        return []
    best = next((each for each in found if each.suggested), found[0])
    found.sort(key=lambda each: each is not best)
    return [
        replace(each, suggested=each is best and each.key not in _NEVER_SUGGESTED) for each in found
    ]


def _ways(row: ExceptionRow, evidence: Evidence | None, *, mine: bool) -> Iterator[Way]:
    if row.kind == Kind.POSTING_REFUSED:
        yield from _of_refused(evidence)
    if row.kind == Kind.POSTING_BY_HAND:
        yield _by_hand(_("Do the steps in the ERP"), suggested=True)
    if row.act == Act.RELEASE_POSTINGS:
        yield _release()
    if row.act == Act.CONFIRM:
        yield from _of_second_person(mine=mine)
    if row.act == Act.SETTLE_REMARK:
        yield _settle()
        yield _refund()
    if row.act == Act.ASK_GATEWAY:
        yield from _of_puzzle(row, evidence)
    if row.kind == Kind.SURPLUS:
        yield _send_back(suggested=True)
    if row.kind == Kind.REFUND_FAILED:
        yield _refund(suggested=True)
    if row.act == Act.ANSWER_DISPUTE:
        yield _answer()
    if row.act == Act.REFUND_UNKNOWN:
        yield _refund_unknown()
        yield _adopt()
    if row.method_id is not None:
        yield _method()
    if row.may_be_handled:
        alone = row.act == Act.LOOK_AND_HANDLE and row.method_id is None
        yield _handle(suggested=alone)
    yield _hand()


def _of_refused(evidence: Evidence | None) -> Iterator[Way]:
    """Where an invoice was closed meanwhile, sending the same again would be refused again."""
    closed = bool(evidence and evidence.closed)
    yield Way(
        key="retry", permission=Permission.RETRY_POSTINGS, icon="refresh", suggested=not closed,
        title=_("Send it to the ERP again"),
        detail=_("After its cause was mended there. It is looked for first, so never posted twice"),
    )  # fmt: skip
    if evidence is None or evidence.posting is None:
        return
    if evidence.posting.source_kind in _WHOLE_PAYMENT:
        yield Way(
            key="allocate", permission=Permission.REALLOCATE, icon="arrows-exchange",
            title=_("Apply it to other invoices"), suggested=closed,
            detail=_("Of the same customer; what you leave over goes on account"),
        )  # fmt: skip
        yield Way(
            key="on_account", permission=Permission.REALLOCATE, icon="wallet",
            title=_("Put it on account"),
            detail=_("The ERP books it as the customer’s credit, and no invoice is paid by it"),
        )  # fmt: skip
        yield _refund()
    yield _by_hand(_("Book it in the ERP yourself"))


def _by_hand(title: str, *, suggested: bool = False) -> Way:
    return Way(
        key="by_hand", permission=Permission.HANDLE, icon="clipboard-check", title=title,
        detail=_("The steps in the ERP’s own words; then say that it is done, with a note"),
        suggested=suggested,
    )  # fmt: skip


def _release() -> Way:
    return Way(
        key="release", permission=Permission.HANDLE, icon="player-play", suggested=True,
        title=_("Let the postings go on"),
        detail=_("When you know what happened; say it in a note"),
    )  # fmt: skip


def _of_second_person(*, mine: bool) -> Iterator[Way]:
    if not mine:
        yield Way(
            key="confirm", permission=Permission.HANDLE, icon="user-check", suggested=True,
            title=_("Confirm it"), detail=_("It is done at once, as it was asked for"),
        )  # fmt: skip
    yield Way(
        key="withdraw", permission=Permission.HANDLE, icon="arrow-back-up",
        title=_("Take it back"), detail=_("Nothing is changed; the posting waits as before"),
    )  # fmt: skip


def _settle() -> Way:
    return Way(
        key="settle", permission=Permission.RETRY_POSTINGS, icon="check", suggested=True,
        title=_("It is settled in the ERP"), detail=_("Takes the remark off the list"),
    )  # fmt: skip


def _refund(*, suggested: bool = False) -> Way:
    return Way(
        key="refund", permission=Permission.REFUND, icon="arrow-back-up", suggested=suggested,
        title=_("Give money back"), detail=_("All or a part of it, on the next page"),
    )  # fmt: skip


def _of_puzzle(row: ExceptionRow, evidence: Evidence | None) -> Iterator[Way]:
    """An answer may have been wrong: the next one may fit. Money that came goes back whole."""
    yield Way(
        key="ask_again", permission=Permission.HANDLE, icon="refresh", suggested=True,
        title=_("Ask the gateway again"),
        detail=_("If it says what fits, this leaves the queue and the payment goes on"),
    )  # fmt: skip
    attempts = evidence.payment.attempts.filter(pk=row.subject_id) if evidence else None
    attempt = attempts.first() if attempts is not None else None
    if attempt is not None and attempt.came_object:
        yield _send_back(suggested=False)
    elif evidence is not None and evidence.payment.is_over:
        yield Way(
            key="set_aside", permission=Permission.HANDLE, icon="check",
            title=_("Set the answer aside"),
            detail=_("No money came with it: say why it is all right, in a note"),
        )  # fmt: skip


def _send_back(*, suggested: bool) -> Way:
    return Way(
        key="send_back", permission=Permission.REFUND, icon="arrow-back-up", suggested=suggested,
        title=_("Send back what came"), detail=_("All of it; no invoice is changed by it"),
    )  # fmt: skip


def _adopt() -> Way:
    return Way(
        key="adopt_unknown", permission=Permission.REALLOCATE, icon="building-store",
        title=_("Book it for a customer"), detail=_("When you found out whose it is"),
    )  # fmt: skip


def _refund_unknown() -> Way:
    return Way(
        key="refund_unknown", permission=Permission.REFUND, icon="arrow-back-up", suggested=True,
        title=_("Give it back"), detail=_("The gateway sends it to whoever paid it"),
    )  # fmt: skip


def _answer() -> Way:
    return Way(
        key="answer", permission=Permission.SEE_PAYMENTS, icon="gavel", suggested=True,
        title=_("Answer the bank in the gateway’s pages"),
        detail=_("With evidence, or accept it there"),
    )  # fmt: skip


def _method() -> Way:
    return Way(
        key="method", permission=Permission.SEE_PAYMENTS, icon="credit-card", suggested=True,
        title=_("Open the kept way to pay"),
        detail=_("What was agreed to, what its bank said, and what you can do there"),
    )  # fmt: skip


def _handle(*, suggested: bool = False) -> Way:
    return Way(
        key="handle", permission=Permission.HANDLE, icon="check", suggested=suggested,
        title=_("Mark it as handled"), detail=_("It is all right as it is: say why, in a note"),
    )  # fmt: skip


def _hand() -> Way:
    return Way(
        key="hand", permission=Permission.HANDLE, icon="user-check",
        title=_("Hand it to a colleague"), detail=_("Or take it yourself"),
    )  # fmt: skip


def chosen_way(ways: Sequence[Way], key: str) -> str:
    """Return which card is open: the asked one if it is there, else the first."""
    if any(each.key == key for each in ways):
        return key
    return ways[0].key if ways else ""
