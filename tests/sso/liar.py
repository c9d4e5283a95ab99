"""An identity provider that says whatever a test wants, over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "portal-at-contoso", "the secret of the client"


@dataclass
class Liar:
    """What it answers. ``claims`` go over the honest ones; ``None`` takes one away."""

    port: int
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    nonce: str = ""
    signed_with: Any = None  # another key than the published one
    token: str = ""  # said instead of any that it would make
    status: int = 200
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def honest(self) -> dict[str, Any]:
        """The claims of somebody of example.test, for us, for the question that was asked."""
        now = int(time.time())
        return {
            "iss": self.issuer, "aud": CLIENT, "sub": "subject-1", "iat": now, "exp": now + 300,
            "nonce": self.nonce, "email": "wanda@contoso.test", "email_verified": True,
            "name": "Wanda Contoso", "groups": ["payers"],
        }  # fmt: skip

    def id_token(self) -> str:
        if self.token:
            return self.token
        claims = {k: v for k, v in {**self.honest(), **self.claims}.items() if v is not None}
        header: dict[str, Any] = {"alg": "RS256", "kid": "one", **self.header}
        key = self.signed_with or self.key
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])

    def answer(self, path: str, form: dict[str, list[str]]) -> Any:
        self.asked.append((path, form))
        match path:
            case "/.well-known/openid-configuration":
                return {
                    "issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks",
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "userinfo_endpoint": f"{self.issuer}/userinfo", **self.metadata,
                }  # fmt: skip
            case "/jwks":
                return {"keys": [self.key.as_dict(private=False)]}
            case "/token":
                return {"id_token": self.id_token(), "access_token": "a", "token_type": "Bearer"}
            case "/userinfo":
                return self.userinfo
        return {}


@contextmanager
def lying() -> Iterator[Liar]:
    """Run one until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._say(parse_qs(body.decode()))

        def _say(self, form: dict[str, list[str]]) -> None:
            content = json.dumps(liar.answer(self.path.partition("?")[0], form)).encode()
            self.send_response(liar.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    liar = Liar(port=server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
