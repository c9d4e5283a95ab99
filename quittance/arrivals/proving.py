"""Proves that somebody reads the mailbox that he says is his, by a code that is mailed there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F

from quittance.arrivals.limits import take_code, take_code_try
from quittance.arrivals.models import Mailbox
from quittance.arrivals.rules import rules_of
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.sign_in import normal
from quittance.notifications.messages import enqueue_message
from quittance.tenancy.rows import reading, writing

CODE_GOOD_FOR: Final = timedelta(minutes=10)
OPEN_FOR: Final = timedelta(minutes=30)  # a mailbox that was proven, in its browser
_WRONG_TRIES: Final = 5
_NONE: Final = str(UUID(int=0))  # no mailbox has it
_WORD: Final = "arrival"  # the session's word for the mailbox


class NoMailbox(RuleBroken):
    """Enter an email address like name@company.com."""


class WrongCode(RuleBroken):
    """That code does not fit. Check the latest email, or ask for a new code."""


class Shut(RuleBroken):
    """The seller lets nobody in this way. Ask to be invited."""


def mail_code(email: str, session: SessionBase, *, ip: str, language: str) -> None:
    """Mail a code, whoever has the address. Raises ``NoMailbox``, ``Shut``, ``TooManyAsked``."""
    email = normal(email)
    try:
        validate_email(email)
    except ValidationError:
        raise NoMailbox from None
    with reading():
        is_open = rules_of().is_open
    if not is_open:
        raise Shut
    take_code(email, ip)
    code, browser = f"{secrets.randbelow(10**6):06d}", secrets.token_urlsafe(24)
    mailbox_id = new_id()
    with writing():
        Mailbox.objects.create(
            id=mailbox_id, email=email, code_hash=_hash(f"{mailbox_id}:{code}"),
            browser_hash=_hash(browser), expires_at=clock.now() + CODE_GOOD_FOR,
        )  # fmt: skip
        enqueue_message(
            key=f"join_code:{mailbox_id}", kind="join_code", to=email,
            facts={"code": code, "language": language},
        )  # fmt: skip
    session.cycle_key()
    session[_WORD] = {"id": str(mailbox_id), "browser": browser, "email": email}


def asked_for(session: SessionBase) -> str:
    """Return the address to which this browser had a code mailed; "": to none."""
    return str((session.get(_WORD) or {}).get("email", ""))


def prove_mailbox(code: str, session: SessionBase) -> None:
    """Take the code that was mailed, once. Raises ``WrongCode``, ``TooManyAsked``."""
    take_code_try(asked_for(session))
    digits = "".join(each for each in code[:40] if each.isdecimal())
    with writing():
        rows = Mailbox.objects.select_for_update(of=("self",)).filter(proven_at=None)
        found = rows.filter(pk=_id(session), wrong_tries__lt=_WRONG_TRIES).first()
        right = found is not None and _is_here(found, session)
        right = right and hmac.compare_digest(
            found.code_hash if found else "", _hash(f"{_id(session)}:{digits}")
        )
        if found and right:
            now = clock.now()
            Mailbox.objects.filter(pk=found.pk).update(proven_at=now, expires_at=now + OPEN_FOR)
        elif found:
            Mailbox.objects.filter(pk=found.pk).update(wrong_tries=F("wrong_tries") + 1)
    if not right:
        raise WrongCode
    session.cycle_key()


def proven(session: SessionBase) -> str:
    """Return the address that this browser has proven within half an hour; "": none.

    In a transaction of the caller.
    """
    found = Mailbox.objects.filter(pk=_id(session), proven_at__isnull=False).first()
    return found.email if found and _is_here(found, session) else ""


def leave(session: SessionBase) -> None:
    """Have this browser forget the mailbox."""
    session.pop(_WORD, None)


def _id(session: SessionBase) -> UUID:
    return UUID((session.get(_WORD) or {}).get("id") or _NONE)


def _is_here(mailbox: Mailbox, session: SessionBase) -> bool:
    browser = str((session.get(_WORD) or {}).get("browser", ""))
    same = hmac.compare_digest(mailbox.browser_hash, _hash(browser))
    return same and mailbox.expires_at > clock.now()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
