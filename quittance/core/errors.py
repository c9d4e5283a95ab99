"""Errors whose class says what the caller may do next."""

from __future__ import annotations

import inspect


class QuittanceError(Exception):
    """Something went wrong and we know what."""

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or inspect.getdoc(type(self)))
        self.facts = facts  # for the log: ids, codes and amounts, never card or bank numbers


class RuleBroken(QuittanceError):
    """A business rule says no. Nothing changed, and the person may be told."""


class OutsideError(QuittanceError):
    """A gateway or an ERP did not do what we asked."""


class Refused(OutsideError):
    """It answered no. Asking again brings the same answer: do not retry."""


class Misconfigured(OutsideError):
    """It does not accept our credentials or settings: stop and call the AR team."""


class Unavailable(OutsideError):
    """It did nothing, for sure. Retrying is safe."""

    def __init__(
        self, message: str = "", *, retry_after_seconds: float | None = None, **facts: object
    ) -> None:
        super().__init__(message, **facts)
        self.retry_after_seconds = retry_after_seconds


class OutcomeUnknown(OutsideError):
    """It may have acted. Ask what it did before asking it to act again."""
