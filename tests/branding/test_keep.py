"""A brand is kept with who changed it, and every change can be taken back."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from quittance.audit.models import AuditEvent
from quittance.branding.keep import (
    CannotLookSo,
    Chosen,
    NoSuchVersion,
    chosen_of,
    go_back,
    keep_brand,
    keep_logo,
    remove_logo,
    versions,
)
from quittance.branding.logos import Logo
from quittance.branding.look import logo_of, look_of
from quittance.branding.models import Brand
from quittance.tenancy.rows import reading

FIRST = Chosen(name="Northwind Traders", accent="#0b5563", contact_email="ar@northwind.example")
SECOND = replace(FIRST, accent="#ffb81c", links=(("Terms", "https://northwind.example/terms"),))


def kept() -> Chosen:
    with reading():
        return chosen_of(Brand.objects.get())


def test_what_is_kept_is_shown_at_once(organization: UUID) -> None:
    keep_brand(FIRST)
    before = look_of(organization, name="x")

    assert sorted(keep_brand(SECOND)) == ["accent", "links"]
    after = look_of(organization, name="x")
    assert (before.accent, after.accent) == ("#0b5563", "#ffb81c")
    assert after.links == SECOND.links
    assert before.fingerprint != after.fingerprint


def test_every_change_is_in_the_audit_trail_with_before_and_after(organization: UUID) -> None:
    keep_brand(FIRST)
    keep_brand(SECOND)

    with reading():
        event = AuditEvent.objects.filter(what="brand changed").latest("happened_at")
    assert event.actor == "test"
    assert event.facts["changed"]["accent"] == ["#0b5563", "#ffb81c"]


def test_what_changes_nothing_makes_no_version(organization: UUID) -> None:
    keep_brand(FIRST)
    with reading():
        before = len(versions())

    assert keep_brand(FIRST) == []
    with reading():
        assert len(versions()) == before


def test_a_change_is_taken_back_and_that_can_be_taken_back_too(organization: UUID) -> None:
    keep_brand(FIRST)
    keep_logo(Logo(b"png", 100), None)
    keep_brand(SECOND)
    remove_logo()
    with reading():
        latest = versions()[0].number

    go_back(latest - 1)  # as it was before SECOND
    assert kept() == FIRST
    assert logo_of(organization, dark=False) == (b"png", "image/png")

    go_back(latest + 1)  # as it was before that
    assert kept() == SECOND
    assert logo_of(organization, dark=False) is None


def test_a_version_that_is_not_there_changes_nothing(organization: UUID) -> None:
    keep_brand(FIRST)

    with pytest.raises(NoSuchVersion):
        go_back(99)
    assert kept() == FIRST


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("accent", "red"),
        ("accent", "#0b5563; } body { display: none"),
        ("radius", 17),
        ("font", "comic"),
        ("header", "gold"),
        ("tone", "rude"),
        ("sender_name", "A\r\nBcc: all@example.com"),
        ("reply_to", "nobody"),
        ("footer", "x" * 301),
        ("links", (("Terms", "http://northwind.example"),)),
        ("links", (("Terms", "javascript:alert(1)"),)),
        ("links", (("Terms", "https://ann:pw@northwind.example"),)),
        ("links", (("", "https://northwind.example"),)),
        ("links", (("Terms", "https://northwind.example"),) * 5),
        ("languages", ("de", "xx")),
        ("language", "xx"),
    ],
)
def test_what_is_not_safe_or_no_setting_is_refused(
    organization: UUID, field: str, value: object
) -> None:
    keep_brand(FIRST)

    with pytest.raises(CannotLookSo):
        keep_brand(replace(FIRST, **{field: value}))  # type: ignore[arg-type]
    assert kept() == FIRST
