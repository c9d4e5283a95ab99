"""The wallet with Stripe at its side: a card or an account is kept, and forgotten there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quittance.connections.keep import keep_gateway_account
from quittance.connections.open import gateway_for
from quittance.gateways.saved import SavesMethods
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from quittance.wallet.advancing import advance_saving
from quittance.wallet.charging import chargeable
from quittance.wallet.ending import remove
from quittance.wallet.models import KeptMethod
from tests.gateways.stripe.stripe_stage import KEY, PUBLIC_KEY, SECRET, StripeStage
from tests.ground import Ground
from tests.payments.people import new_user
from tests.wallet.wallets import Wallet


def at_stripe(ground: Ground, stage: StripeStage) -> Ground:
    """The ground with a gateway account at the Stripe sandbox."""
    settings = {
        "api_key": KEY, "publishable_key": PUBLIC_KEY, "webhook_secret": SECRET,
        "address": stage.running.url,
        "script_address": f"{stage.running.script_url}/endive/stripe.js",
    }  # fmt: skip
    with writing():
        account = keep_gateway_account(kind="stripe", name="Stripe", settings=settings)
    return replace(ground, gateway_account_id=account.pk)


@pytest.mark.parametrize(
    ("method", "number", "holder", "scheme"),
    [("card", "4242424242424242", "", ""), ("bank_debit", "000123456789", "company", "ach_ccd")],
)
def test_a_method_is_kept_at_stripe_and_forgotten_there(
    ground: Ground, stage: StripeStage, method: str, number: str, holder: str, scheme: str
) -> None:
    road = at_stripe(ground, stage)
    user = new_user()
    with narrowed_to([ground.account().pk]):
        wallet = Wallet(road, user)
        saving = wallet.start(method)
        said = {"number": number, "authenticate": "approve"}
        said |= {"holder": holder} if holder else {}
        stage.control(f"/pay/{saving.gateway_saving}", **said)

        saving = advance_saving(saving.pk)

        with reading():
            kept = KeptMethod.objects.get()
            found = chargeable(kept.pk, currency="USD", user_id=kept.saved_by_id)
        assert (saving.status, kept.status, kept.scheme) == ("saved", "active", scheme)
        assert kept.last4 == number[-4:]
        assert found.gateway_payer.startswith("cus_")
        assert [each.kind for each in wallet.mails("method_saved")] == ["method_saved"]
        remove(kept.pk)
        gateway = gateway_for(road.gateway_account_id)
        assert isinstance(gateway, SavesMethods)
        assert not gateway.read_method(kept.gateway_method).is_usable
