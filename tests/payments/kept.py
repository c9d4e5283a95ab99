"""Methods that the sandbox keeps for a customer, and payments with them."""

from __future__ import annotations

from dataclasses import replace

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.gateways.base import Agreement, Consent, Holder, Payer
from quittance.gateways.charges import StartedBy
from quittance.gateways.saved import SavedMethod, SaveRequest, SavesMethods
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import PaymentOrder
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened
from quittance.wallet.keeping import keep_method
from quittance.wallet.models import ConsentRecord, KeptMethod
from tests.ground import CARD, HARBORLINE, Ground
from tests.payments.people import may_pay_for, new_user

ASKS = "4000002760003184"  # each charge of it asks for the payer
DECLINES = "4000000000000341"
LOST_UNDONE, LOST_DONE = "4000000000990004", "4000000000990012"  # the answer to the first charge


def consent(agreement: Agreement = Agreement.UNSCHEDULED, holder: Holder | None = None) -> Consent:
    """A payer's yes."""
    return Consent(
        text_version="test-1", given_at=clock.now(), ip_address="192.0.2.7", user_agent="Test",
        agreement=agreement, holder=holder,
    )  # fmt: skip


def record_of(ground: Ground, said: Consent, *, customer: str = HARBORLINE) -> ConsentRecord:
    """The wallet's record of a yes."""
    user = new_user()
    with widened():
        account = ground.account(customer)
        may_pay_for(user, account.pk)
        with writing():
            return ConsentRecord.objects.create(
                customer_account_id=account.pk, user=user, text="I agree.",
                method="bank_debit" if said.holder else "card", holder=said.holder or "",
                agreement=said.agreement, amount_rule="what is due", text_version="test-1",
                locale="en", given_at=said.given_at, ip_address=said.ip_address, session_hash="x",
            )  # fmt: skip


def payer_of(ground: Ground, customer: str = HARBORLINE) -> Payer:
    """The customer as the gateway is told of him."""
    account = ground.account(customer)
    return Payer(reference=str(account.pk), name=account.name, email="ap@harborline.example")


def at_gateway(ground: Ground, number: str, said: Consent) -> SavedMethod:
    """A card that was just saved at the sandbox."""
    gateway = gateway_for(ground.gateway_account_id)
    assert isinstance(gateway, SavesMethods)
    saving = gateway.start_saving(
        SaveRequest(
            reference=f"save-{new_id()}", payer=payer_of(ground), consent=said, method="card",
            currency="USD", return_url="http://x.example/", cancel_url="http://x.example/",
            locale="en",
        )
    )  # fmt: skip
    ground.world.client.post(
        f"{ground.world.gateway.control_url}/savings/{saving.gateway_saving}/save",
        json={"number": number, "authenticate": "approve"},
    ).raise_for_status()
    saved = gateway.read_saving(saving.gateway_saving).saved
    assert saved is not None
    return saved


def kept(
    ground: Ground, number: str = CARD, *, agreement: Agreement = Agreement.UNSCHEDULED
) -> KeptMethod:
    """A card that Harborline keeps."""
    said = consent(agreement)
    told = at_gateway(ground, number, said)
    record = record_of(ground, said)
    with widened(), writing():
        return keep_method(
            told, record, gateway_account_id=ground.gateway_account_id, currency="USD"
        )


def order_with(
    ground: Ground, method: KeptMethod, invoice: Invoice, *, by: StartedBy = StartedBy.PAYER
) -> PaymentOrder:
    """What is confirmed: all of an invoice, with a kept method."""
    order: PaymentOrder = ground.order((invoice, str(invoice.open_amount.decimal)))
    return replace(order, kept_method_id=method.pk, started_by=by)


def charge(
    ground: Ground,
    method: KeptMethod,
    invoice: Invoice | None = None,
    *,
    by: StartedBy = StartedBy.PAYER,
    key: str = "",
) -> Payment:
    """Pay an invoice of a hundred dollars with a kept method."""
    order = order_with(ground, method, invoice or ground.bill("100.00"), by=by)
    return start_payment(order, key=key or str(new_id()))
