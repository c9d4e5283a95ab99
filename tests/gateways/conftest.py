"""The contract's own asserts are told in full, in whatever folder it is imported first."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "quittance.gateways.contract",
    *(
        f"quittance.gateways.contract_{part}"
        for part in (
            "books", "charges", "deeds", "fields", "kept", "parts", "refunds", "saved",
        )
    ),
)  # fmt: skip
