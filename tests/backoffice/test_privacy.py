"""An administrator has everything told that is kept of a person, and erases people."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.evidence.verify import verify
from quittance.identity.models import User
from quittance.payments.models import Payment
from quittance.privacy.making import make
from quittance.privacy.models import PersonFile
from quittance.project.money import check_money
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import words
from tests.disputes.quarrels import disputed, said
from tests.ground import HARBORLINE
from tests.portal.doors import PASSWORD, Door
from tests.portal.roles import set_role
from tests.portal.test_security import late

DANA = "dana@example.test"


def ada(door: Door) -> Client:
    return door.signed_in(email="ada@example.test", role="administrator", name="Ada Novak")


def person(email: str = DANA) -> User:
    with reading():
        return User.objects.get(email=email)


def page_of(user_id: UUID) -> str:
    return f"/office/privacy/people/{user_id}"


def books(door: Door) -> list[tuple[int, str]]:
    """What `quittance check money` says."""
    mine = [door.ground.organization_id]
    return list(check_money(organizations=mine, older_than=timedelta(0)))


def make_files() -> None:
    with reading():
        ids = list(PersonFile.objects.values_list("pk", flat=True))
    for each in ids:
        make(each)


def test_everything_of_a_customers_person_comes_as_a_file(door: Door) -> None:
    door.person(HARBORLINE)
    office, dana = ada(door), person()

    found = office.get(f"/office/privacy?email={DANA.upper()}")
    office.post(f"{page_of(dana.pk)}/ask")
    waits = words(office.get(page_of(dana.pk)))
    make_files()
    ready = office.get(page_of(dana.pk)).content.decode()
    with reading():
        file_id = PersonFile.objects.get().pk
    answer = office.get(f"/office/privacy/files/{file_id}")

    assert found["Location"] == page_of(dana.pk)
    assert "0 of" in waits
    assert f"/office/privacy/files/{file_id}" in ready
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert json.loads(archive.read("person.json"))[0]["email"] == DANA
        assert len(json.loads(archive.read("customers.json"))) == 1
    with reading():
        done = AuditEvent.objects.filter(subject_id=dana.pk).values_list("what", flat=True)
        assert {"a person's data asked for", "a person's data taken away"} <= set(done)


def test_an_erased_person_is_out_at_once_and_books_and_audit_prove_themselves(door: Door) -> None:
    buyer = door.buyer()
    dana, bill = person(), door.ground.bill("250.00")
    payment = door.ground.pay((bill, "250.00"))
    with writing():
        Payment.objects.filter(pk=payment.pk).update(user=dana)
    door.ground.on_page(payment)
    door.ground.advance(payment)
    disputed(door.ground.bill("90.00"), dana, words=said(dana))
    office = ada(door)
    money = books(door)

    answer = office.post(f"{page_of(dana.pk)}/erase", {"email": DANA})
    shown = words(office.get(str(answer["Location"])))

    assert answer["Location"] == f"{page_of(dana.pk)}?done=erased"
    assert buyer.get("/invoices").status_code == 303
    sign_in = door.client().post("/sign-in", {"email": DANA, "password": PASSWORD})
    assert sign_in.status_code == 422
    assert "This person is erased." in shown
    assert "Erased person" in shown
    assert DANA not in shown
    assert verify(()).wrong == 0
    assert books(door) == money
    assert words(office.get(f"/office/payments/{payment.number}"))


def test_another_address_than_the_persons_erases_nobody(door: Door) -> None:
    door.person(HARBORLINE)
    office, dana = ada(door), person()

    for typed in ("", "luca@example.test"):
        answer = office.post(f"{page_of(dana.pk)}/erase", {"email": typed})
        assert answer.status_code == 409
        assert "Nothing was erased" in words(answer)
    assert person().name == "Dana Okafor"


def test_who_administers_alone_is_told_what_to_do_first(door: Door) -> None:
    office = ada(door)
    with writing():
        bo = User.objects.create(email="bo@example.test", name="Bo", staff_role="administrator")

    erased = office.post(f"{page_of(bo.pk)}/erase", {"email": bo.email})
    own = office.post(
        f"{page_of(person('ada@example.test').pk)}/erase", {"email": "ada@example.test"}
    )
    shown = words(office.get(page_of(person("ada@example.test").pk)))

    assert erased.status_code == 302
    assert own.status_code == 409
    assert "Another administrator erases you" in shown
    assert person("ada@example.test").is_active


def test_a_customer_for_which_others_act_keeps_somebody_who_administers(door: Door) -> None:
    door.person(HARBORLINE)
    luca = door.person(HARBORLINE, email="luca@example.test", name="Luca")
    office, dana = ada(door), person()
    set_role(dana.pk, "administer")

    shown = words(office.get(page_of(dana.pk)))
    answer = office.post(f"{page_of(dana.pk)}/erase", {"email": DANA})

    assert "Nobody else administers" in shown
    assert answer.status_code == 409
    assert office.post(f"{page_of(luca.pk)}/erase", {"email": luca.email}).status_code == 302


def test_an_address_that_nobody_has_finds_nobody(door: Door) -> None:
    office = ada(door)

    answer = office.get("/office/privacy?email=nobody@example.test")

    assert answer.status_code == 422
    assert "Nobody with a sign-in" in words(answer)
    assert office.get("/office/privacy").status_code == 200


@pytest.mark.parametrize("role", ["auditor", "clerk", "manager", "integrator"])
def test_only_an_administrator_reaches_it(door: Door, role: str) -> None:
    door.person(HARBORLINE)
    dana = person()
    client = door.signed_in(email=f"{role}@example.test", role=role)

    assert client.get("/office/privacy").status_code == 404
    assert client.get(page_of(dana.pk)).status_code == 404
    for act in ("ask", "erase"):
        assert client.post(f"{page_of(dana.pk)}/{act}", {"email": DANA}).status_code == 404
    assert person().name == "Dana Okafor"


def test_without_a_fresh_proof_nothing_is_told_or_erased(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.person(HARBORLINE)
    office, dana = ada(door), person()
    office.post(f"{page_of(dana.pk)}/ask")
    make_files()
    with reading():
        file_id = PersonFile.objects.get().pk
    late(monkeypatch, minutes=6)

    for act in ("ask", "erase"):
        answer = office.post(f"{page_of(dana.pk)}/{act}", {"email": DANA})
        assert answer["Location"].startswith("/security/prove"), act
    taken = office.get(f"/office/privacy/files/{file_id}")
    exported = office.post("/office/audit/export", {"form": "csv"})

    assert taken["Location"].startswith("/security/prove")
    assert exported["Location"].startswith("/security/prove")
    assert person().name == "Dana Okafor"
