"""Requests that no page of ours sends: bent addresses, ids, questions, verbs and origins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from tests.intruder.addresses import MISSING, Route
from tests.intruder.crawl import Crawl, Sent, at_any_speed, is_inside, may_open
from tests.intruder.knock import SECRET, Visitor

Found = Iterator[tuple[str, str]]  # where, and what
# Their proof is a signature, or the token of a mail (RFC 8058) or of a directory, not a form's
# secret; of what a browser reports nothing is believed.
WITHOUT_SECRET: Final = {
    "webhooks:gateway", "webhooks:erp", "webhooks:browser", "portal:mails_off",
    "scim:users", "scim:user", "scim:groups", "scim:group", "scim:config", "scim:types",
    "scim:type", "scim:schemas", "scim:schema", "scim:search", "scim:bulk", "scim:nothing",
    "portal:saml_answer",  # it signs nobody in, until the session that asked has it read
}  # fmt: skip
# A form whose secret or origin is not right, each in another way: headers, and whether the cookie
# with the secret goes along.
_FORGED: Final[tuple[tuple[str, dict[str, str], bool], ...]] = (
    ("no secret", {}, False),
    ("another secret", {"x-csrftoken": "w" * 32}, True),
    ("a secret without its cookie", {"x-csrftoken": SECRET}, False),
    ("another origin", {"origin": "https://evil.example"}, True),
    ("an origin that ends like ours", {"origin": "https://evil-{host}"}, True),
    ("an origin of a page in a frame", {"origin": "null"}, True),
    ("no origin and a referrer from elsewhere",
     {"origin": "", "referer": "https://evil.example/{host}/"}, True),
)  # fmt: skip
_IDS: Final = (
    "'", "%00", "..%2f..%2fetc%2fpasswd", "0", "-1", "9" * 40, MISSING.upper() + "0", "{MISSING}",
    "%F0%9F%92%B3", "1%20OR%201=1",
)  # fmt: skip
_WORDS: Final = (
    "\0", "'\"><b>", "a" * 3000, "-1", "9" * 30, "%s%n{0}", "\u202e\ud7ff", "1e309", "NaN",
    "0001-01-01", "9999-12-31",
)  # fmt: skip
_QUESTIONS: Final = ("q", "page", "sort", "tab", "status", "from", "until", "currency", "account",
                     "kind", "what", "who", "since", "show", "then", "version")  # fmt: skip
_BENT: Final = ("{}/", "/{}", "{};a=b", "{}%00", "{}.json", "/static/..{}", "{}/..", "/./{}")
_OVERRIDES: Final = ("x-http-method-override", "x-http-method", "x-method-override")


def forged(crawl: Crawl) -> Found:
    """A form without its secret, or from elsewhere, is refused at every address to everybody."""
    for name in ("administrator", "buyer", "link", "anonymous"):
        person = _one(crawl, name)
        for route in crawl.routes:
            if route.name in WITHOUT_SECRET:
                continue
            address = _own(person, route)
            for what, headers, cookie in _FORGED:
                if "referer" in headers and not settings.HTTPS_ONLY:
                    continue  # Django looks at it where there is TLS only
                said = {key: each.format(host=person.seller.host) for key, each in headers.items()}
                answer = crawl.ask(
                    person, route.name, Sent("POST", address, "a=b"),
                    with_secret=cookie, headers=said,
                )  # fmt: skip
                if answer.status != 403:
                    yield route.name, f"a form with {what} got {answer.status} for {name}"


def elsewhere(crawl: Crawl) -> Found:
    """What the script or the frame of another site asks for gets nothing of ours."""
    asked = (
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
    )
    for name in ("manager", "buyer"):
        person = _one(crawl, name)
        for route in crawl.routes:
            if route.name in WITHOUT_SECRET:
                continue
            for headers in asked:
                sent = Sent("GET", _own(person, route))
                answer = crawl.ask(person, route.name, sent, headers=headers)
                if answer.status != 403:
                    yield (
                        route.name,
                        f"{headers} got {answer.status}",
                    )


def ids(crawl: Crawl) -> Found:
    """No id of another form breaks anything, or leads anywhere."""
    for name in ("administrator", "buyer", "anonymous"):
        person = _one(crawl, name)
        for route in crawl.routes:
            for argument in route.arguments:
                for bad in _IDS:
                    address = _own(person, route, {argument: bad})
                    answer = crawl.ask(person, route.name, Sent("GET", address))
                    if answer.status == 200 and argument in {"token", "path"}:
                        continue  # the page with one button, for any token
                    if is_inside(answer) and route.has_rows and argument.endswith("_id"):
                        yield route.name, f"{address!r} got {answer.status}"


def questions(crawl: Crawl) -> Found:
    """No word of a query breaks a page; what it answers is judged like any other answer."""
    with at_any_speed():
        for name in ("manager", "buyer"):
            person = _one(crawl, name)
            for n, route in enumerate(crawl.routes):
                for m in range(5):
                    word = _WORDS[(n + m) % len(_WORDS)]
                    said = "&".join(f"{each}={_quoted(word)}" for each in _QUESTIONS[m::2])
                    address = f"{_own(person, route)}?{said}"
                    if crawl.ask(person, route.name, Sent("GET", address)).status >= 500:
                        yield route.name, f"a query with {word[:20]!r} broke it"


def bent(crawl: Crawl) -> Found:
    """An address that is written in another way opens nothing to who may not open it."""
    for name in ("anonymous", "buyer", "auditor", "link"):
        person = _one(crawl, name)
        for route in crawl.routes:
            if may_open(person, route) or not route.name.startswith(("portal:", "backoffice:")):
                continue
            for form in _BENT:
                sent = Sent("GET", form.format(_own(person, route)))
                answer = crawl.ask(person, route.name, sent)
                if answer.status == 200:
                    yield route.name, f"{sent.address!r} got {answer.status} for {name}"


def verbs(crawl: Crawl) -> Found:
    """No header or field turns a look into an act; verbs that no page takes do nothing."""
    for name in ("administrator", "buyer"):
        person = _one(crawl, name)
        with crawl.untouched(person), at_any_speed():
            for route in crawl.routes:
                address = _own(person, route)
                for header in _OVERRIDES:
                    sent = Sent("GET", f"{address}?_method=DELETE")
                    crawl.ask(person, route.name, sent, headers={header: "DELETE"})
                for verb in ("PATCH", "TRACE", "PROPFIND", "get"):
                    answer = crawl.ask(person, route.name, Sent(verb, address))
                    if answer.status < 300:
                        yield route.name, f"{verb} got {answer.status} for {name}"


def _own(person: Visitor, route: Route, instead: dict[str, str] | None = None) -> str:
    account = person.account or person.seller.accounts[0]
    return route.address(person.seller, account, instead=instead)


def _quoted(word: str) -> str:
    return "".join(f"%{byte:02x}" for byte in word.encode("utf-8", "surrogatepass"))


def _one(crawl: Crawl, name: str) -> Visitor:
    return next(each for each in crawl.people if each.name == name)
