"""Tricks that a walk from address to address does not try: each yields what it found."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.test import override_settings
from standardwebhooks import Webhook

from quittance.connections.reach import open_gateway
from quittance.core.errors import Misconfigured, OutsideError
from quittance.httpclient import client as httpclient
from quittance.httpclient.public import is_public
from quittance.identity.models import User
from quittance.payments.models import GatewayMessage
from quittance.project.log_lines import Line
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.intruder.addresses import routes
from tests.intruder.bends import bent, elsewhere, forged, ids, questions, verbs
from tests.intruder.crawl import Crawl, Sent
from tests.intruder.knock import FORM, Answer, Visitor
from tests.intruder.rows import NOBODY, PASSWORD

Found = Iterator[tuple[str, str]]  # where, and what
_AWAY: Final = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
    "https:evil.example", "/%09/evil.example", "javascript:alert(1)", " https://evil.example",
    "https://evil.example@portal", "///evil.example", "\thttps://evil.example",
)  # fmt: skip
_INNER: Final = (
    "http://127.0.0.1:9", "https://127.0.0.1", "https://2130706433", "https://0x7f.1",
    "https://[::1]", "https://[::ffff:127.0.0.1]", "https://169.254.169.254/latest",
    "ftp://a.example",
    "https://localhost", "https://10.0.0.1", "https://user@10.0.0.1", "file:///etc/passwd",
    "https://a.example\r\nHost: b", "gopher://a.example", "https://db.internal", "https://host",
)  # fmt: skip
_KINDS: Final = ("application/json", "text/plain", "application/xml", "multipart/form-data",
                 "multipart/form-data; boundary=x", "image/png",
                 "text/html; charset=utf-7")  # fmt: skip
_FORMULAS: Final = ("=1+1", "+1", "-1", "@A1", "\t=1", "＝1")


def kinds(crawl: Crawl) -> Found:
    """No body of another kind breaks anything."""
    bodies = {"application/json": '{"a":' * 200, "application/xml": "<!DOCTYPE a><a/>"}
    for person in (_one(crawl, "administrator"), _one(crawl, "buyer")):
        for route in routes():
            address = route.address(person.seller, person.account or person.seller.accounts[0])
            for kind in _KINDS[: 7 if not crawl.only else 1]:
                sent = Sent("POST", address, bodies.get(kind, "\0\xff=%ed%a0%80&="), kind)
                if crawl.ask(person, route.name, sent).status >= 500:
                    yield route.name, f"a body of {kind} broke it"


def redirects(crawl: Crawl) -> Found:
    """Whatever a link says comes next, it is a page of ours."""
    person = _one(crawl, "buyer")
    nobody = Visitor("anonymous", person.seller)
    with working_for(person.seller.id, actor="test"), reading():
        mail = User.objects.get(pk=person.user).email
    for away in _AWAY:
        sent = {
            "/theme": {"theme": "dark", "then": away},
            "/language": {"language": "en", "then": away},
            "/account": {"account": str(person.account), "then": away},
            "/sign-in": {"email": mail, "password": PASSWORD, "then": away},
        }
        for address, fields in sent.items():
            who = nobody if address == "/sign-in" else person
            answer = crawl.ask(who, address, Sent("POST", address, urlencode(fields)))
            to = answer.headers.get("Location", "")
            if answer.status in {302, 303} and (not to.startswith("/") or urlsplit(to).netloc
                                                or to[1:2] in {"/", "\\"}):  # fmt: skip
                yield f"POST {address}", f"{away!r} leads to {to!r}"
            if address == "/sign-in" and answer.status != 303:
                yield f"POST {address}", f"nobody gets in: {answer.status}"


def hosts(crawl: Crawl) -> Found:
    """A host that is nobody's gets nothing, and none that is claimed stands in an answer."""
    person = _one(crawl, "anonymous")
    ours = person.seller.host
    if person.ask("GET", "/sign-in").status != 200:
        yield "GET /sign-in", "our own host gets nothing: this trick shows nothing"
    for host in ("evil.example", f"{ours}.evil.example", f"evil.example#{ours}", "", "..", "[::1]",
                 f"{ours}@evil.example", f"{ours}, evil.example"):  # fmt: skip
        answer = person.ask("GET", "/sign-in", host=host or "-")
        crawl.world.requests += 1
        if answer.status not in {400, 404}:
            yield "GET /sign-in", f"host {host!r} got {answer.status}"
    for name in ("x-forwarded-host", "x-host", "forwarded", "x-original-url", "x-rewrite-url"):
        answer = person.ask("GET", "/sign-in", headers={name: "evil.example"})
        crawl.world.requests += 1
        if b"evil.example" in answer.content or "evil.example" in repr(answer.headers):
            yield "GET /sign-in", f"{name} is believed"


def sizes(crawl: Crawl) -> Found:
    """Too much is refused."""
    person = _one(crawl, "anonymous")
    seller = person.seller
    files = "multipart/form-data; boundary=x"  # Django's own limit counts no files
    for address, size, kind in (
        ("/sign-in", 2 << 20, FORM), ("/remittance/read", 64 << 20, FORM),
        ("/sign-in", 2 << 20, files), ("/remittance/read", 64 << 20, files),
        (f"/hooks/gateway/{seller.hook}", 300 << 10, FORM),
        (f"/hooks/erp/{seller.hint}", 300 << 10, FORM),
    ):  # fmt: skip
        answer = person.ask("POST", address, b"a=" + b"x" * min(size, 3 << 20), kind=kind,
                            headers={"content-length": str(size)})  # fmt: skip
        crawl.world.requests += 1
        if answer.status != 413:
            yield f"POST {address}", f"{size} bytes: {answer.status}"


def brakes(crawl: Crawl) -> Found:
    """Who guesses is slowed down, and told for how long."""
    person = _one(crawl, "anonymous")
    here = {"x-forwarded-for": "198.51.100.7"}
    people = [each.email for each in person.seller.rows["User"][None]]

    def last(address: str, times: int, fields: Callable[[int], Mapping[str, str]]) -> Answer:
        for n in range(times):
            answer = person.ask("POST", address, urlencode(fields(n)), headers=here)
            crawl.world.requests += 1
        return answer

    tried = {
        "guesses of one password": last(
            "/sign-in", 12, lambda n: {"email": people[0], "password": f"p{n}"}
        ),
        "one network's guesses": last(
            "/sign-in", 45, lambda n: {"email": people[n % len(people)], "password": "p"}
        ),
    }  # fmt: skip
    here = {"x-forwarded-for": "198.51.101.7"}
    tried["codes asked for"] = last("/sign-in/send-code", 12, lambda _: {"email": "c@x.example"})
    here = {"x-forwarded-for": "198.51.102.7"}
    for n in range(25):
        tried["wrong pay links"] = person.ask("POST", f"/pay/{n}{'z' * 40}", headers=here)
        crawl.world.requests += 1
    for what, answer in tried.items():
        if answer.status != 429:
            yield "brake", f"{what}: {answer.status}"
        elif not answer.headers.get("Retry-After", "").isdigit():
            yield "brake", f"{what}: 429 without Retry-After"


def strangers(crawl: Crawl) -> Found:
    """Nobody learns whether an address has access here."""
    person = _one(crawl, "buyer")
    nobody = Visitor("anonymous", person.seller)
    with working_for(person.seller.id, actor="test"), reading():
        known = User.objects.get(pk=person.user).email
    unknown = "nobody-at-all@x.example"
    for address, more in (("/sign-in", {"password": "wrong"}), ("/sign-in/send-code", {})):
        said = {
            mail: nobody.ask("POST", address, urlencode({"email": mail, **more})).compared([mail])
            for mail in (known, unknown)
        }
        crawl.world.requests += 2
        if said[known] != said[unknown]:
            yield f"POST {address}", "a known address gets another answer"


def webhooks(crawl: Crawl) -> Found:
    """A message is kept only if its sender signed it."""
    person = _one(crawl, "anonymous")
    address, secret = f"/hooks/gateway/{person.seller.hook}", "whsec_dGVzdHM="
    body = json.dumps({"id": "evt", "type": "payment.succeeded", "data": {"payment": "pay_1"}})
    now = datetime.now(UTC)
    good = {"webhook-id": "msg", "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign("msg", now, body)}  # fmt: skip
    bad: list[Mapping[str, str]] = [{}, {**good, "webhook-signature": "v1,AAAA"},
           {**good, "webhook-id": "other"}, {**good, "webhook-timestamp": "1"},
           {**good, "webhook-timestamp": "9" * 30}, {**good, "webhook-signature": "v1," + "=" * 99},
           {**good, "webhook-signature": good["webhook-signature"][:-4]}]  # fmt: skip
    before = _messages(person)
    for headers in bad:
        answer = person.ask("POST", address, body, kind="application/json", headers=headers)
        crawl.world.requests += 1
        if answer.status != 400 or _messages(person) != before:
            yield "webhooks:gateway", f"a message with {headers} got {answer.status}"
    if person.ask("POST", address, body, kind="application/json", headers=good).status != 200:
        yield "webhooks:gateway", "a good message is refused: this trick shows nothing"


def formulas(crawl: Crawl) -> Found:
    """No cell of a file is run by a spreadsheet."""
    person = _one(crawl, "buyer")
    row = person.seller.row("Invoice", person.account)
    for formula in _FORMULAS:
        with working_for(person.seller.id, actor="test"), writing():
            type(row).objects.filter(pk=row.pk).update(purchase_order=f"{formula}|x")
        text = person.ask("GET", "/invoices.csv?tab=all").content.decode()
        crawl.world.requests += 1
        cells = re.findall(r"(?:^|,|\n)\"?([^,\n\"]*\|x)", text)
        if not cells:
            yield "portal:invoices_csv", "the row is not in the file: this trick shows nothing"
        for cell in cells:
            if not cell.startswith("'"):
                yield "portal:invoices_csv", f"{cell!r} would be run"


def log_lines(crawl: Crawl) -> Found:
    """No secret of an address or a form stands in the log."""
    person = _one(crawl, "buyer")
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Line("%(message)s"))
    root, before = logging.getLogger(), logging.root.manager.disable
    level, handlers = root.level, root.handlers[:]
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG)
    logging.disable(logging.NOTSET)
    secret = "secretof" + "s" * 35
    try:
        for method, address in (("POST", f"/pay/{secret}"), ("PUT", f"/pay/{secret}"),
                                ("GET", f"/mails/off/{secret}"), ("PUT", f"/mails/off/{secret}"),
                                ("DELETE", f"/profile/mail/{secret}"),
                                ("GET", f"/profile/mail/{secret}/x")):  # fmt: skip
            person.ask(method, address)
        person.ask("POST", "/sign-in", urlencode({"email": "a@x.example", "password": secret}))
        person.ask("POST", "/sign-in", urlencode({"password": secret}), with_secret=False)
        person.ask("POST", f"/hooks/gateway/{person.seller.hook}", secret, kind="text/plain")
    finally:
        logging.disable(before)
        root.handlers[:] = handlers
        root.setLevel(level)
    crawl.world.requests += 9
    if not out.getvalue():
        yield "log", "nothing was logged: this trick shows nothing"
    for line in out.getvalue().splitlines():
        if secret in line or person.key in line:
            yield "log", line[:200]


def inner_addresses(crawl: Crawl) -> Found:
    """Nobody has us ask a server of the inner network."""
    settings = {"api_key": "sk_x", "webhook_secret": "whsec_dGVzdHM="}
    crawl.world.requests += 0
    with override_settings(PRIVATE_ADDRESSES=False):
        for address in _INNER:
            client = httpclient.new_client(timeout_seconds=1, public_only=True)
            try:
                open_gateway("sandbox", {**settings, "address": address}, client)
            except Misconfigured:
                continue
            yield "settings", f"{address!r} is taken for an address"
    for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"):
        if is_public(address):
            yield "client", f"{address} is taken for public"
    with httpclient.new_client(timeout_seconds=1, public_only=True) as client:
        try:
            httpclient.send(client, client.build_request("GET", NOBODY))
        except Misconfigured:
            pass
        except OutsideError as error:
            yield "client", f"it was asked: {error}"


def sessions(crawl: Crawl) -> Found:
    """A session that was ended opens nothing, and no other organization's does."""
    person = _one(crawl, "manager")
    thief = Visitor("stranger", person.seller, key=person.key)
    if thief.ask("GET", "/office/payments").status != 200:
        yield "session", "a good one opens nothing: this trick shows nothing"
    other = Visitor("stranger", crawl.world.others(person.seller)[0], key=person.key)
    for who, what in ((other, "at another organization"),):
        if who.ask("GET", "/office/payments").status == 200:
            yield "session", f"it is good {what}"
    person.ask("POST", "/sign-out", "")
    if thief.ask("GET", "/office/payments").status == 200:
        yield "session", "it is good after signing out"
    person.sign_in()
    thief.key = person.key
    with working_for(person.seller.id, actor="test"), writing():
        User.objects.filter(pk=person.user).update(is_active=False)
    if thief.ask("GET", "/office/payments").status == 200:
        yield "session", "it is good for who was switched off"
    with working_for(person.seller.id, actor="test"), writing():
        User.objects.filter(pk=person.user).update(is_active=True)
    crawl.world.requests += 5


def _messages(person: Visitor) -> int:
    with working_for(person.seller.id, actor="test"), reading():
        return int(GatewayMessage.objects.count())


def _one(crawl: Crawl, name: str) -> Visitor:
    return next(each for each in crawl.people if each.name == name)


PROBES: Final[Mapping[str, Callable[[Crawl], Found]]] = {
    each.__name__: each
    for each in (
        forged, elsewhere, ids, questions, bent, verbs, kinds, redirects, hosts, sizes, brakes,
        strangers, webhooks, formulas, log_lines,
        inner_addresses, sessions,
    )
}  # fmt: skip
