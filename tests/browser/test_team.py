"""The team of a customer account, and who was removed from it: for everybody, in every look."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.identity.models import User
from quittance.receivables.models import Contact
from quittance.receivables.team import remove
from quittance.tenancy.rows import reading
from tests.browser.conftest import Site
from tests.browser.looks import LOOKS, complaints, look_at, visit
from tests.ground import HARBORLINE
from tests.portal.roles import set_role


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_who_was_removed_is_let_in_again_by_everybody_who_administers(
    look: dict[str, Any], site: Site
) -> None:
    found: list[str] = []
    context = site.context(**look)
    page = context.new_page()
    colleague = site.door.person(HARBORLINE, email="otto@example.test", name="Otto Lindqvist")
    with reading():
        head = User.objects.get(email="dana@example.test")
        contact = Contact.objects.get(user=colleague)
    set_role(head.pk, "administer")
    remove(contact.customer_account_id, contact.pk, by=head.pk)

    with complaints(page, found):
        site.sign_in(page)
        visit(page, found, f"{site.address}/team")
        for language in ("ar", "en"):
            page.goto(f"{site.address}/profile")
            page.select_option("#language", language)
            page.locator("form[action='/profile/you'] button[type=submit]").click()
            page.wait_for_url("**/profile?done=you")
            page.goto(f"{site.address}/team")
            look_at(page, found)
        page.locator("form[action^='/team/removed/'] button").click()
        page.wait_for_url("**/team?done=let_in")
        look_at(page, found)
    said = page.locator("[role=status]").inner_text()
    context.close()

    assert found == []
    assert "sees this account again" in said
