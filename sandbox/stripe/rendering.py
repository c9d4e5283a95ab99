"""Renders the sandbox's pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.serving.pages import templates
from sandbox.stripe.errors import StripeError
from sandbox.stripe.numbers import NUMBERS, ROUTING_NUMBER
from sandbox.stripe.pipeline import read_body

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
ZERO_DECIMALS: Final = {
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
}  # fmt: skip
THREE_DECIMALS: Final = {"bhd", "jod", "kwd", "omr", "tnd"}
_TEMPLATES: Final = templates(HERE / "templates")


def render(template: str, status: int = 200, *, framed: bool = False, **facts: Any) -> Response:
    """Return a page; only one that is ``framed`` may stand inside another."""
    around = "*" if framed else "'none'"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        f" base-uri 'none'; frame-ancestors {around}"
    )
    page = _TEMPLATES.get_template(template).render(
        **{"known": NUMBERS, "routing": ROUTING_NUMBER, **facts}
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(page, status, headers=headers)


def message(title: str, text: str, status: int = 200, *, link: str = "") -> Response:
    """Return a page with one message and one way on."""
    return render("message.html", status, title=title, text=text, link=link, script=False)


def written(amount: int | None, currency: str | None) -> str:
    """Write an amount for people: ``10.50 USD``."""
    if amount is None or currency is None:
        return ""
    digits = 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    whole, rest = divmod(amount, 10**digits)
    text = f"{whole}.{rest:0{digits}d}" if digits else str(whole)
    return f"{text} {currency.upper()}"


async def read_form(request: Request) -> Mapping[str, str]:
    """Return what a page's own form said. Raises ``StripeError``."""
    raw = await read_body(request)
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=30))
    except ValueError as error:
        raise StripeError(400, "invalid_request_error", "The form is damaged.") from error
