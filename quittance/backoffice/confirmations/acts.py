"""Does what another person confirmed: exactly what was asked for, in the step of their word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final

from quittance.backoffice.connections.settings import took_money
from quittance.backoffice.domains.doing import do_about_domain
from quittance.backoffice.transfers import changes as bank
from quittance.confirmations.models import Confirmation, Kind
from quittance.confirmations.requests import check_may_confirm, confirm, content_of, done
from quittance.confirmations.rules import switch_off
from quittance.confirmations.telling import tell_asker
from quittance.connections.change import WithWord, draft_erp, draft_gateway, keep_draft, unpacked
from quittance.connections.models import ErpConnection, GatewayAccount
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.posting.queue import has_postings
from quittance.receivables.gone import read_anew
from quittance.tenancy.rows import reading, writing


class StepFailed(RuleBroken):
    """The settings do not work any more. Nothing was changed: have them asked for anew."""


def do(row: Confirmation, *, by: User, fingerprint: str) -> None:
    """Do what ``row`` asks for, with the word of ``by``. The word counts only if it is done.

    Of what is ``LATER`` it lets who asked do it.

    Raises what ``check_may_confirm`` raises, and what the act itself does.
    """
    with reading():
        check_may_confirm(row, by=by, fingerprint=fingerprint)
    if row.kind in LATER:
        with writing():
            tell_asker(confirm(row.pk, by=by, fingerprint=fingerprint))
        return
    _ACTS[row.kind](row, content_of(row), partial(_word, row, by, fingerprint))


@contextmanager
def _word(row: Confirmation, by: User, fingerprint: str) -> Iterator[None]:
    given = confirm(row.pk, by=by, fingerprint=fingerprint)
    yield
    done(given)


def _credentials(row: Confirmation, content: Mapping[str, str], word: WithWord) -> None:
    with reading():
        gateway = GatewayAccount.objects.filter(pk__in=[row.subject_id]).first()
        erp = ErpConnection.objects.filter(pk__in=[row.subject_id]).first()
    if gateway is not None:
        settings, used = unpacked(gateway, content), took_money(gateway.pk)
        draft = draft_gateway(gateway.pk, settings, is_used=used)
    elif erp is not None:
        settings, used = unpacked(erp, content), has_postings(erp.legal_entity_id)
        draft = draft_erp(erp.legal_entity_id, settings, is_used=used)
    else:
        raise StepFailed
    if not draft.works:
        raise StepFailed
    keep_draft(draft, read_anew=read_anew, with_word=word)


def _bank_accounts(row: Confirmation, content: Mapping[str, str], word: WithWord) -> None:
    if row.subject_id is None:
        raise StepFailed
    with reading():
        draft = bank.unpacked(row.subject_id, content)
    bank.keep_draft(draft, with_word=word)


def _domains(row: Confirmation, content: Mapping[str, str], word: WithWord) -> None:
    if row.subject_id is None:
        raise StepFailed
    do_about_domain(row.subject_id, content, word)


def _rules(_row: Confirmation, content: Mapping[str, str], word: WithWord) -> None:
    with writing(), word():
        switch_off(content["off"].split(","))


LATER: Final = frozenset({Kind.VISITS})  # who asked does it themselves, once it is confirmed
_ACTS: Final[Mapping[str, Callable[[Confirmation, Mapping[str, str], WithWord], None]]] = {
    Kind.BANK_ACCOUNTS: _bank_accounts,
    Kind.CREDENTIALS: _credentials,
    Kind.DOMAINS: _domains,
    Kind.RULES: _rules,
}
