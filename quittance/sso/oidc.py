"""OpenID Connect: the code flow with PKCE, which asks a provider who somebody is.

Sources: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7; OpenID Connect Discovery 1.0, section
4.3; RFC 7636; RFC 9207; RFC 9700. Nothing of a token is believed before its signature, its
issuer, for whom it is, until when, and that it answers this very question.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from quittance.connections.reach import check_address
from quittance.core.errors import Misconfigured, OutcomeUnknown, Unavailable
from quittance.httpclient.answers import decoded
from quittance.httpclient.client import send
from quittance.sso.lately import Lately
from quittance.sso.vouched import NotVouched, Vouched

_ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
_SCOPE: Final = "openid email profile"
_LEEWAY_SECONDS: Final = 60
_MOST_BYTES: Final = 512 * 1024
_SUBJECT: Final = re.compile(r"[ -~]{1,255}")  # Core 1.0, section 2: ASCII
_MAILBOX: Final = re.compile(r"[^\s,;:<>()@\"\x00-\x1f]+@[^\s,;:<>()@\"\x00-\x1f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """We, as one provider knows us."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    groups_claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What we asked, kept in the browser's session until the answer comes."""

    state: str
    nonce: str
    verifier: str


class Metadata(msgspec.Struct, frozen=True):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: list[str] = []
    authorization_response_iss_parameter_supported: bool = False


_METADATA: Final[Lately[Metadata]] = Lately()
_KEYS: Final[Lately[KeySet]] = Lately()
_NEW_KEYS_SECONDS: Final = 5.0  # a token may be signed by a key that is newer than ours


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


def forget() -> None:
    """Ask every provider anew where its doors are, and for its keys."""
    _METADATA.forget()
    _KEYS.forget()


def discover(http: httpx.Client, issuer: str) -> Metadata:
    """Return where a provider's doors are, as it said within the last ten minutes.

    Raises ``Misconfigured`` for one that calls itself otherwise, or whose doors may not be asked,
    and ``OutsideError``.
    """
    return _METADATA.of(issuer, partial(_discovered, http, issuer))


def _discovered(http: httpx.Client, issuer: str) -> Metadata:
    check_address(issuer, name="Issuer")
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    found = decoded(_get(http, address), Metadata, Unavailable)
    if found.issuer != issuer:
        raise Misconfigured(f"It calls itself “{found.issuer}”, not “{issuer}”.")
    doors = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    for door in (*doors, found.userinfo_endpoint or issuer):
        check_address(door.partition("?")[0], name="An address that it names")
    return found


def ask(metadata: Metadata, us: Client, *, back: str, hint: str) -> tuple[str, Question]:
    """Return where to send the browser, and what must be kept until it comes ``back``."""
    question = Question(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
    )
    digest = hashlib.sha256(question.verifier.encode()).digest()
    facts = {
        "response_type": "code", "client_id": us.client_id, "redirect_uri": back,
        "scope": _SCOPE, "state": question.state, "nonce": question.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256", "login_hint": hint,
    }  # fmt: skip
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(facts)}", question


def answer(
    http: httpx.Client, us: Client, question: Question, sent: Mapping[str, str], *, back: str
) -> Vouched:
    """Return for whom the provider vouches, by what the browser brought back.

    Raises ``NotVouched``, and ``OutsideError`` while the provider does not answer.
    """
    if not hmac.compare_digest(sent.get("state", "").encode(), question.state.encode()):
        raise NotVouched(problem="another state")
    if sent.get("error") or not sent.get("code"):
        raise NotVouched(problem=f"it said {sent.get('error', 'nothing')[:100]}")
    metadata = discover(http, us.issuer)
    told = sent.get("iss")
    if told != us.issuer and (told or metadata.authorization_response_iss_parameter_supported):
        raise NotVouched(problem="another issuer answers")  # RFC 9207: a mix-up
    tokens = _exchange(http, metadata, us, question, code=sent["code"], back=back)
    claims = _claims(_opened(http, metadata, tokens.id_token), us, question)
    if not claims.get("email") and metadata.userinfo_endpoint and tokens.access_token:
        claims = {**_userinfo(http, metadata, tokens.access_token, claims["sub"]), **claims}
    return _vouched(claims, us)


def _exchange(
    http: httpx.Client, metadata: Metadata, us: Client, question: Question, *, code: str, back: str
) -> _Tokens:
    facts = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back,
        "code_verifier": question.verifier,
    }  # fmt: skip
    known = metadata.token_endpoint_auth_methods_supported
    headers = {"Accept": "application/json"}
    if known and "client_secret_basic" not in known:
        facts |= {"client_id": us.client_id, "client_secret": us.secret}
    else:  # RFC 6749, section 2.3.1: both parts are written as in a form
        pair = f"{quote(us.client_id, safe='')}:{quote(us.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    request = http.build_request("POST", metadata.token_endpoint, data=facts, headers=headers)
    return decoded(send(http, request, most_bytes=_MOST_BYTES), _Tokens, OutcomeUnknown)


def _keys(http: httpx.Client, metadata: Metadata) -> KeySet:
    found: Any = decoded(_get(http, metadata.jwks_uri), dict[str, Any], Unavailable)
    public = [
        each
        for each in found.get("keys") or ()
        if isinstance(each, dict) and each.get("kty") in {"RSA", "EC"}
        and each.get("use", "sig") == "sig"
    ]  # fmt: skip
    try:
        return KeySet.import_key_set({"keys": public})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Misconfigured("Its keys cannot be read.", problem=str(error)) from error


def _opened(http: httpx.Client, metadata: Metadata, token: str) -> dict[str, Any]:
    """Return what a token says that a key of theirs has signed."""
    ask = partial(_keys, http, metadata)
    try:
        return _decoded(token, _KEYS.of(metadata.jwks_uri, ask))
    except NotVouched:
        return _decoded(token, _KEYS.of(metadata.jwks_uri, ask, within=_NEW_KEYS_SECONDS))


def _decoded(token: str, keys: KeySet) -> dict[str, Any]:
    try:
        return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotVouched(problem=f"its token: {error}") from error


def _claims(claims: dict[str, Any], us: Client, question: Question) -> dict[str, Any]:
    """Return what a token says when it is theirs, for us, good now, and answers this question."""
    try:
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": us.issuer},
            aud={"essential": True, "value": us.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": question.nonce},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotVouched(problem=f"its token: {error}") from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", us.client_id) != us.client_id or (several and "azp" not in claims):
        raise NotVouched(problem="its token is for another party")
    return claims


def _userinfo(http: httpx.Client, metadata: Metadata, token: str, subject: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    found = decoded(
        _get(http, metadata.userinfo_endpoint, headers=headers), dict[str, Any], Unavailable
    )
    if found.get("sub") != subject:
        raise NotVouched(problem="it speaks of somebody else")  # Core 1.0, section 5.3.2
    return found


def _vouched(claims: dict[str, Any], us: Client) -> Vouched:
    subject, email, groups = claims["sub"], claims.get("email"), claims.get(us.groups_claim)
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise NotVouched(problem="its subject cannot be kept")
    if not isinstance(email, str) or not _MAILBOX.fullmatch(email):
        raise NotVouched(problem="it tells no address of mail")
    elsewhere = claims.get("_claim_names")
    if groups is None and isinstance(elsewhere, dict) and us.groups_claim in elsewhere:
        # Core 1.0, section 5.6.2: so says Entra of who is in more groups than fit into a token.
        raise NotVouched(problem="it lists the groups elsewhere: too many for its token")
    name = claims.get("name")
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return Vouched(
        subject=subject, email=email, mail_seen=claims.get("email_verified") is True,
        name="".join(each for each in str(name or "") if each.isprintable()),
        groups=frozenset(each for each in listed if isinstance(each, str)),
    )  # fmt: skip


def _get(
    http: httpx.Client, address: str, *, headers: dict[str, str] | None = None
) -> httpx.Response:
    return send(http, http.build_request("GET", address, headers=headers), most_bytes=_MOST_BYTES)
