"""A domain is proven by its owner's record, looked at every day, and lost without it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.sso.models import ProviderDomain
from quittance.sso.providers import (
    NotProven,
    Taken,
    claim_domain,
    give_domain_up,
    look_again,
    prove_domain,
)
from quittance.tenancy.domains import NotADomain
from quittance.tenancy.rows import reading, writing
from tests.portal.doors import Door
from tests.sso.liar import Liar
from tests.sso.roads import provider
from tests.tenancy.dns_server import name_server


def again(row: ProviderDomain) -> ProviderDomain:
    with reading():
        return ProviderDomain.objects.get(pk=row.pk)


def test_the_record_of_its_owner_proves_a_domain_and_nothing_else_does(
    door: Door, liar: Liar
) -> None:
    row = claim_domain(provider(liar, domain="").pk, " Contoso.Test. ".replace("Test", "com"))
    with name_server() as names:
        with pytest.raises(NotProven):
            prove_domain(row.pk)
        names.texts = {row.record_name: ["another word"], "contoso.com": [row.word]}
        with pytest.raises(NotProven):
            prove_domain(row.pk)
        names.texts = {row.record_name: ["another word", row.word]}
        prove_domain(row.pk)

    assert row.domain == "contoso.com"
    assert again(row).proven_at is not None


def test_a_name_system_that_does_not_answer_proves_nothing_and_loses_nothing(
    door: Door, liar: Liar
) -> None:
    row = claim_domain(provider(liar, domain="").pk, "contoso.com")
    with name_server() as names:
        names.broken = True
        with pytest.raises(Unavailable):
            prove_domain(row.pk)
        old = clock.now() - timedelta(days=2)
        with writing():
            ProviderDomain.objects.update(proven_at=old)
        look_again()

    assert (again(row).proven_at, again(row).missed) == (old, 0)


def test_a_domain_whose_record_is_gone_two_days_is_lost(door: Door, liar: Liar) -> None:
    row = claim_domain(provider(liar, domain="").pk, "contoso.com")
    with writing():
        ProviderDomain.objects.update(proven_at=clock.now() - timedelta(days=2))
    with name_server():
        look_again()
        once = again(row)
        look_again()

    assert once.proven_at is not None
    assert again(row).proven_at is None


def test_a_domain_belongs_to_one_provider(door: Door, liar: Liar) -> None:
    first = provider(liar, domain="contoso.com")
    second = provider(liar, client_id="another", domain="")
    with pytest.raises(Taken):
        claim_domain(second.pk, "contoso.com")
    with reading():
        row = first.domains.get()
    give_domain_up(row.pk)
    assert claim_domain(second.pk, "contoso.com").word != row.word


@pytest.mark.parametrize("typed", ["", "contoso", "10.0.0.1", "a b.com", "-x.com", "localhost"])
def test_what_is_no_domain_is_not_claimed(door: Door, liar: Liar, typed: str) -> None:
    made = provider(liar, domain="")
    with pytest.raises(NotADomain):
        claim_domain(made.pk, typed)
