"""Which moments a killed worker is killed at: before all that lasts, and before nothing else."""

from __future__ import annotations

import httpx
from django.db import transaction

from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.posting.dying import dies


def rename(name: str) -> None:
    with writing():
        Organization.objects.update(name=name)


def name() -> str:
    with reading():
        return Organization.objects.get().name


def test_a_change_is_one_boundary_and_lies_before_its_commit(ground: Ground) -> None:
    assert dies(lambda: rename("Fabrikam"), at=1)
    assert name() == "Northwind Traders"

    assert not dies(lambda: rename("Fabrikam"), at=2)
    assert name() == "Fabrikam"


def test_what_was_committed_before_the_boundary_stays(ground: Ground) -> None:
    def rename_twice() -> None:
        rename("Fabrikam")
        rename("Contoso")

    assert dies(rename_twice, at=2)

    assert name() == "Fabrikam"


def test_a_lock_counts_as_a_change(ground: Ground) -> None:
    def lock() -> None:
        with writing():
            Organization.objects.select_for_update().get()

    assert dies(lock, at=1)


def test_what_lasts_nowhere_is_no_boundary(ground: Ground) -> None:
    def look_and_give_up() -> None:
        name()
        with writing():
            Organization.objects.get()
        with writing():
            try:
                with transaction.atomic():  # a part that is taken back with its transaction
                    Organization.objects.update(name="Fabrikam")
            finally:
                transaction.set_rollback(True)

    assert not dies(look_and_give_up, at=1)
    assert name() == "Northwind Traders"


def test_a_request_is_one_boundary_and_lies_before_it_leaves(ground: Ground) -> None:
    url = f"{ground.world.gateway.control_url}/faults"
    fault = {"match": "POST /nothing", "kind": "status", "times": 1, "status": 503}

    def plan() -> None:
        httpx.post(url, json=fault)

    assert dies(plan, at=1)
    assert httpx.get(url).json()["data"] == []

    assert not dies(plan, at=2)
    assert len(httpx.get(url).json()["data"]) == 1
