"""The words of mails about a person's own profile and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop


def _mail_change(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """To both addresses: each confirms for itself, signed in."""
    said = {**facts, "seller": seller}
    return _("Confirm your new address for %(seller)s") % said, "\n\n".join(
        (
            _("Your address at %(seller)s shall change from %(old)s to %(new)s.") % said,
            _("Confirm it here, signed in: %(address)s") % said,
            _("It changes when both addresses have confirmed, within a day.") % said,
            _("If you did not ask for this, do not confirm it, and change your password.") + "\n",
        )
    )


def _mail_changed(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    said = {**facts, "seller": seller}
    return _("Your address for %(seller)s has changed") % said, "\n\n".join(
        (
            _("From now on %(seller)s writes to %(new)s, and you sign in with it.") % said,
            _("If it was not you, tell %(seller)s at once.") % said + "\n",
        )
    )


def _password_changed(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    said = {**facts, "seller": seller}
    return _("Your password for %(seller)s has changed") % said, "\n\n".join(
        (
            _("The password with which you sign in at %(seller)s was changed.") % said,
            _("Every other browser was signed out."),
            _("If it was not you, tell %(seller)s at once.") % said + "\n",
        )
    )


def _new_browser(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    """Not where from: an address in the net says little, and is the person's own."""
    said = {**facts, "seller": seller}
    unknown = _("You signed in at %(seller)s on %(at)s in a browser that was new to you there.")
    known = _(
        "You signed in at %(seller)s on %(at)s in a browser that was new to you there: %(browser)s."
    )
    return _("A new sign-in at %(seller)s") % said, "\n\n".join(
        (
            (known if facts["browser"] else unknown) % said,
            _(
                "If it was you, do nothing. If not, sign in, end that browser in your profile and"
                " change your password, and tell %(seller)s at once."
            )
            % said
            + "\n",
        )
    )


def _role_changed(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    said = {**facts, "seller": seller, "role": _(str(facts["role"]))}
    return _("Your role for %(account)s has changed") % said, "\n\n".join(
        (
            _("At %(seller)s your role for %(account)s is now: %(role)s.") % said,
            _("Who administers the account has changed it. It counts at once.") + "\n",
        )
    )


def _access_removed(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    said = {**facts, "seller": seller}
    return _("You no longer act for %(account)s") % said, "\n\n".join(
        (
            _("Your access to %(account)s at %(seller)s was removed.") % said,
            _("Who administers the account has done it. Ask them if you think it is wrong.") + "\n",
        )
    )


_FACTOR: Final[Mapping[str, str]] = {
    "app_added": noop("An app for codes was added to your sign-in at %(seller)s."),
    "app_removed": noop("The app for codes was removed from your sign-in at %(seller)s."),
    "passkey_added": noop("The passkey %(name)s was added to your sign-in at %(seller)s."),
    "passkey_removed": noop("The passkey %(name)s was removed from your sign-in at %(seller)s."),
    "codes_made": noop("New recovery codes were made for your sign-in at %(seller)s."),
    "taken_away": noop(
        "An administrator took the second factors away from your sign-in at %(seller)s, and every"
        " browser was signed out. Sign in and add new ones."
    ),
}


def _factor_changed(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    said, what = {**facts, "seller": seller}, facts["what"]
    return _("Your sign-in at %(seller)s has changed") % said, "\n\n".join(
        (
            _(_FACTOR[what]) % said,
            _("If it was not you, tell %(seller)s at once.") % said + "\n",
        )
    )


def _file_ready(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    said = {**facts, "seller": seller}
    return _("Your file from %(seller)s is ready") % said, "\n\n".join(
        (
            _("%(here)s of %(whole)s documents are in the file that you asked for.") % said,
            _("Take it here, signed in, within a day: %(address)s") % said,
            _("%(seller)s never asks for a card number or a code by mail.") % said + "\n",
        )
    )


def _statement_ready(facts: Mapping[str, Any], seller: str) -> tuple[str, str]:
    said = {**facts, "seller": seller}
    here, failed = (
        _("The statement that you asked for is made. Take it here, signed in, within a day:"),
        _("The statement that you asked for could not be made. Read why here, signed in:"),
    )
    return _("Your statement from %(seller)s") % said, "\n\n".join(
        (
            f"{here if facts['here'] else failed} {facts['address']}",
            _("%(seller)s never asks for a card number or a code by mail.") % said + "\n",
        )
    )


PERSONAL: Final[Mapping[str, Callable[[Mapping[str, Any], str], tuple[str, str]]]] = {
    "mail_change": _mail_change,
    "mail_changed": _mail_changed,
    "password_changed": _password_changed,
    "role_changed": _role_changed,
    "access_removed": _access_removed,
    "factor_changed": _factor_changed,
    "file_ready": _file_ready,
    "statement_ready": _statement_ready,
    "new_browser": _new_browser,
}
