"""An organization for each test."""

from __future__ import annotations

from tests.audit.conftest import organization

__all__ = ["organization"]
