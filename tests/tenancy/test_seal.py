"""Sealed settings open for their own row, with the right key, and nowhere else."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import override_settings

from quittance.core.errors import Misconfigured
from quittance.tenancy.seal import open_sealed, seal

ORGANIZATION, ROW = uuid4(), uuid4()
SECRET = {"api_key": "sk_very_secret", "address": "https://gateway.example"}


def sealed() -> bytes:
    return seal(SECRET, organization_id=ORGANIZATION, place="gateway", row_id=ROW)


def opened(raw: bytes, **other: UUID | str) -> dict[str, str]:
    at = {"organization_id": ORGANIZATION, "place": "gateway", "row_id": ROW} | other
    return open_sealed(raw, **at)  # type: ignore[arg-type]


def test_what_was_sealed_opens_again() -> None:
    assert opened(sealed()) == SECRET
    assert opened(memoryview(sealed())) == SECRET  # type: ignore[arg-type]  # as psycopg gives it


def test_nothing_of_the_secret_can_be_read() -> None:
    assert b"secret" not in sealed()


def test_the_same_secret_never_looks_the_same() -> None:
    assert sealed() != sealed()


@pytest.mark.parametrize(
    "other", [{"organization_id": uuid4()}, {"place": "erp"}, {"row_id": uuid4()}]
)
def test_moved_elsewhere_it_does_not_open(other: dict[str, UUID | str]) -> None:
    with pytest.raises(Misconfigured, match="QUITTANCE_SEAL_KEY"):
        opened(sealed(), **other)


def test_with_another_key_it_does_not_open() -> None:
    raw = sealed()

    with (
        override_settings(SEAL_KEY="another key, and long enough" * 2),
        pytest.raises(Misconfigured),
    ):
        opened(raw)


@pytest.mark.parametrize("place", [1, 13, -1])
def test_with_one_bit_changed_it_does_not_open(place: int) -> None:
    raw = bytearray(sealed())
    raw[place] ^= 1

    with pytest.raises(Misconfigured):
        opened(bytes(raw))


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\x01" + b"x" * 12, b"nonsense" * 9])
def test_what_was_never_sealed_does_not_open(raw: bytes) -> None:
    with pytest.raises(Misconfigured):
        opened(raw)


def test_an_unknown_version_does_not_open() -> None:
    with pytest.raises(Misconfigured):
        opened(b"\x02" + sealed()[1:])


def test_a_refusal_tells_no_secret() -> None:
    with pytest.raises(Misconfigured) as refused:
        opened(sealed(), place="erp")

    assert "sk_very_secret" not in f"{refused.value}{refused.value.facts}"
