"""Stripe's error bodies. Source: docs.stripe.com/api/errors [docs]."""

from __future__ import annotations

from typing import Any


class StripeError(Exception):
    """An answer that is not a success: ``{"error": {"type", "code", "message", "param", ...}}``."""

    def __init__(
        self,
        status: int,
        type_: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        keeps: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps = keeps  # what was done stays done: a decline leaves its charge behind
        told = {"type": type_, "code": code, "message": message, "param": param, **more}
        self.told = {name: value for name, value in told.items() if value is not None}

    def body(self, request_id: str) -> dict[str, Any]:
        """Return what is sent."""
        url = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": {**self.told, "request_log_url": url}}


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    """Return the error for a request that can never be right."""
    return StripeError(400, "invalid_request_error", message, param=param, code=code)


def missing(what: str, id_: str, param: str = "id") -> StripeError:
    """Return the error for an object that this account does not have."""
    return StripeError(
        404,
        "invalid_request_error",
        f"No such {what}: '{id_}'",
        code="resource_missing",
        param=param,
    )


def unexpected(what: str, state: str, message: str) -> StripeError:
    """Return the error for a deed that an object's state does not allow."""
    code = f"{what}_unexpected_state" if what.endswith("intent") else None
    return StripeError(400, "invalid_request_error", f"{message} (status: {state})", code=code)


def card_error(
    code: str, message: str, *, decline_code: str | None = None, **more: Any
) -> StripeError:
    """Return the error for a decline: 402, and its charge and intent stay written."""
    return StripeError(
        402, "card_error", message, code=code, decline_code=decline_code, keeps=True, **more
    )
