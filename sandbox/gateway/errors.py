"""The API's own errors."""

from __future__ import annotations


class ApiError(Exception):
    """An answer that is not a success: ``{"error": {"code", "message", "param"}}``."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param

    def body(self) -> dict[str, object]:
        """Return what is sent."""
        return {"error": {"code": self.code, "message": str(self), "param": self.param}}


def invalid(message: str, param: str | None = None, *, code: str = "invalid_request") -> ApiError:
    """Return the error for a request that can never be right."""
    return ApiError(400, code, message, param)


def missing(what: str, id_: str) -> ApiError:
    """Return the error for an object that this account does not have."""
    return ApiError(404, "not_found", f"This account has no {what} {id_!r}.", "id")
