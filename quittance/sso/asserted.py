"""Whom an assertion speaks of: name and attributes as Entra, Okta, Google and others call them.

Sources: SAML 2.0 Core, section 8.3 (formats of a name); for names of attributes the providers'
pages on their SAML tokens, and the profile X.500/LDAP of SAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from quittance.sso.strangers_xml import SAML, text_of
from quittance.sso.vouched import NotVouched, Vouched

_FORMAT: Final = "urn:oasis:names:tc:SAML:{}:nameid-format:"
_MAIL_FORMAT: Final = f"{_FORMAT.format('1.1')}emailAddress"
# A transient name is another one each time: nobody would be known again by it.
_KEPT_FORMATS: Final = frozenset(
    {
        "", f"{_FORMAT.format('2.0')}persistent", _MAIL_FORMAT,
        f"{_FORMAT.format('1.1')}unspecified", f"{_FORMAT.format('2.0')}unspecified",
    }
)  # fmt: skip
_CLAIMS: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_MICROSOFT: Final = "http://schemas.microsoft.com/"
_MAIL: Final = ("email", "mail", "emailAddress", f"{_CLAIMS}emailaddress",
                "urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:1.2.840.113549.1.9.1")  # fmt: skip
_NAME: Final = (f"{_MICROSOFT}identity/claims/displayname", "displayName", "name",
                "urn:oid:2.16.840.1.113730.3.1.241")  # fmt: skip
_GIVEN: Final = ("firstName", "givenName", f"{_CLAIMS}givenname", "urn:oid:2.5.4.42")
_SURNAME: Final = ("lastName", "surname", "sn", f"{_CLAIMS}surname", "urn:oid:2.5.4.4")
# Entra says so of who is in more than 150 groups: where to ask for them.
_ELSEWHERE: Final = f"{_MICROSOFT}claims/groups.link"
_SUBJECT: Final = re.compile(r"(?=\S)[^\x00-\x1f\x7f-\x9f]{1,255}(?<=\S)")
_MAILBOX: Final = re.compile(r"[^\s,;:<>()@\"\x00-\x1f]+@[^\s,;:<>()@\"\x00-\x1f]+")


def vouched_by(
    name: Any, statements: Iterable[Any], *, issuer: str, us: str, groups_claim: str
) -> Vouched:
    """Return for whom a signed assertion vouches. ``name``: its NameID.

    SAML has no word for a mailbox that was seen, so it never was. Raises ``NotVouched``.
    """
    subject, format_ = text_of(name), name.get("Format", "")
    if format_ not in _KEPT_FORMATS:
        raise NotVouched(problem=f"its name of him is not the same each time: {format_[-40:]}")
    if name.get("NameQualifier", issuer) != issuer or name.get("SPNameQualifier", us) != us:
        raise NotVouched(problem="its name of him is another party's")
    if not _SUBJECT.fullmatch(subject):
        raise NotVouched(problem="its subject cannot be kept")
    said = _attributes(statements)
    if _ELSEWHERE in said and groups_claim not in said:
        raise NotVouched(problem="it lists the groups elsewhere: too many for its assertion")
    return Vouched(
        subject=subject, email=_mail(said, subject if format_ == _MAIL_FORMAT else ""),
        mail_seen=False, name=_called(said), groups=frozenset(said.get(groups_claim, ())),
    )  # fmt: skip


def _attributes(statements: Iterable[Any]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for statement in statements:
        for each in statement.findall(f"{{{SAML}}}Attribute"):
            values = [text_of(one) for one in each.findall(f"{{{SAML}}}AttributeValue")]
            found.setdefault(each.get("Name", ""), []).extend(values)
    return found


def _mail(said: Mapping[str, Sequence[str]], otherwise: str) -> str:
    told = {value.strip() for name in _MAIL for value in said.get(name, ())} - {""}
    if len(told) > 1:
        raise NotVouched(problem="it tells several addresses of mail")
    email = next(iter(told), otherwise)
    if len(email) > 254 or not _MAILBOX.fullmatch(email):
        raise NotVouched(problem="it tells no address of mail")
    return email


def _called(said: Mapping[str, Sequence[str]]) -> str:
    whole = _first(said, _NAME)
    name = whole or f"{_first(said, _GIVEN)} {_first(said, _SURNAME)}".strip()
    return "".join(each for each in name if each.isprintable())


def _first(said: Mapping[str, Sequence[str]], names: Iterable[str]) -> str:
    return next((said[name][0].strip() for name in names if said.get(name)), "")
