"""Looks at a payment as the AR clerk does."""

from __future__ import annotations

from typing import Any

from demo.first_road import Paid, Say, sign_in
from demo.visitor import Unexpected, Visitor


def see_posting(facts: dict[str, Any], paid: Paid, say: Say) -> None:
    """Sign in as the clerk and find the payment's posting. Raises ``Unexpected``."""
    clerk = next(each for each in facts["sign_ins"] if each["who"].startswith("AR clerk"))
    visitor = Visitor()
    try:
        sign_in(visitor, clerk)
        visitor.open(f"/office/payments/{paid.number}")
        wanted = [paid.document, *(line.number for line in paid.lines)]
        missing = [each for each in wanted if each not in visitor.text]
        if missing:
            raise Unexpected(f"{visitor.address} does not show {', '.join(missing)}")
        say(f"{clerk['email']} sees the posting of {paid.number}")
    finally:
        visitor.close()
