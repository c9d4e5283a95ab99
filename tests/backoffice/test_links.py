"""The AR team makes pay links, sees where they are, and ends them."""

from __future__ import annotations

import re

from quittance.audit.models import AuditEvent
from quittance.notifications.messages import send_message
from quittance.notifications.models import Message
from quittance.paylinks.models import PayLink
from quittance.tenancy.rows import reading
from tests.backoffice.office import action, fields, words
from tests.ground import HARBORLINE
from tests.portal.doors import Door

LIST = "/office/links"


def test_a_clerk_makes_a_link_that_is_mailed_and_shown_once(door: Door) -> None:
    office, invoice = door.clerk(), door.ground.bill("250.00")
    form = office.get(f"{LIST}/new?customer={HARBORLINE}")
    sent = fields(form, "links/keep") | {
        "invoice": str(invoice.pk), "send_to": "ap@harborline.example", "days": "7",
    }  # fmt: skip

    made = office.post(f"{LIST}/keep", sent)
    twice = office.post(f"{LIST}/keep", sent)

    found = re.search(r"/pay/([\w-]{43})", made.content.decode())
    assert found
    assert invoice.number in words(form)
    assert twice.status_code == 422
    assert door.client().post(f"/pay/{found[1]}").status_code == 303
    with reading():
        mail = Message.objects.get(kind="pay_link")
        made_by = AuditEvent.objects.get(what="pay_link.made")
    assert mail.to == "ap@harborline.example"
    assert found[1] in mail.facts["address"]
    assert found[1] not in str(made_by.facts)
    send_message(mail.pk)
    with reading():
        assert Message.objects.get(pk=mail.pk).facts == {}
    listed = words(office.get(LIST))
    assert invoice.number in listed
    assert found[1] not in listed
    assert "Opened" in listed


def test_a_revoked_link_stays_in_the_list_and_in_the_audit(door: Door) -> None:
    office, invoice = door.clerk(), door.ground.bill("250.00")
    sent = fields(office.get(f"{LIST}/new?customer={HARBORLINE}"), "links/keep")
    office.post(f"{LIST}/keep", sent | {"invoice": str(invoice.pk), "send_to": ""})
    revoke = action(office.get(LIST), "revoke")

    done = office.post(revoke)
    twice = office.post(revoke)

    assert (done.status_code, twice.status_code) == (303, 404)
    assert "Revoked" in words(office.get(LIST))
    with reading():
        assert PayLink.objects.get().revoked_at is not None
        assert AuditEvent.objects.filter(what="pay_link.revoked").count() == 1


def test_what_is_wrong_comes_back_and_an_auditor_makes_none(door: Door) -> None:
    office, invoice = door.clerk(), door.ground.bill("250.00")
    sent = fields(office.get(f"{LIST}/new?customer={HARBORLINE}"), "links/keep")

    wrong = office.post(f"{LIST}/keep", sent | {"days": "99", "invoice": str(invoice.pk)})
    none = office.post(f"{LIST}/keep", sent)
    auditor = door.signed_in(email="audit@example.test", role="auditor")

    assert (wrong.status_code, none.status_code) == (422, 422)
    assert "1 to 30 days" in words(wrong)
    assert "Choose one to fifty open invoices" in words(none)
    assert auditor.get(f"{LIST}/new").status_code == 404
    assert "Make a link" not in words(auditor.get(LIST))
    with reading():
        assert not PayLink.objects.exists()
