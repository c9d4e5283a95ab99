"""Pages after a bank's return: axe finds nothing, wide, dark, on phones and right to left."""

from __future__ import annotations

from quittance.wallet.places import set_company_id
from tests.browser.conftest import Site
from tests.browser.looks import complaints, look_everywhere
from tests.payments.returns import account_kept, debit, gone_back, returned, settled


def test_what_a_return_did_can_be_read_by_everybody(site: Site) -> None:
    ground, found = site.door.ground, list[str]()
    set_company_id(ground.gateway_account_id, "1234567890")
    payment = settled(ground, debit(ground, account_kept(ground)))
    returned(ground, payment, "R29")
    blocked = account_kept(ground, "000555555559")
    gone_back(ground, blocked, "R16")

    for email, addresses in {
        "dana@example.test": (f"/payments/{payment.pk}", "/wallet", f"/wallet/{blocked.pk}"),
        "priya@example.test": (
            f"/office/payments/{payment.number}", "/office/methods",
            f"/office/methods/{blocked.pk}",
        ),
    }.items():  # fmt: skip
        context = site.context()
        page = context.new_page()
        site.sign_in(page, email)
        with complaints(page, found):
            for address in addresses:
                look_everywhere(page, found, site.address + address)
        context.close()

    assert found == []
