"""What the product keeps of a password costs a thief what it should."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import override_settings

from quittance.identity import sign_in
from quittance.identity.models import User
from quittance.project import settings
from quittance.tenancy.rows import writing
from tests.identity.people import EMAIL, IP, PASSWORD


@pytest.fixture(autouse=True)
def _as_in_production() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=settings.PASSWORD_HASHERS):
        yield


def test_a_password_is_kept_as_argon2id_in_a_hundred_megabytes(organization: UUID) -> None:
    kept = make_password(PASSWORD)

    assert kept.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")
    with writing():
        user = User.objects.create(email=EMAIL, name="Dana Okafor", password=kept)
    assert sign_in.password_sign_in(EMAIL, PASSWORD, ip=IP) == user
    assert sign_in.password_sign_in(EMAIL, PASSWORD + ".", ip=IP) is None


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert make_password(PASSWORD) != make_password(PASSWORD)


def test_a_stranger_costs_the_same_work_as_a_person() -> None:
    """Whatever hash stands for nobody's password, it has the cost of those of today."""
    assert not Argon2PasswordHasher().must_update(sign_in._NOBODY)
