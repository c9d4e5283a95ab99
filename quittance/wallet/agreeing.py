"""Takes a payer's yes to have something kept: the text he read, who he is, from where he said it.

One way for the wallet's own pages and for what is kept while paying, so that the proof is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from quittance.gateways.base import Payer
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened
from quittance.wallet.consents import Witness, give_consent
from quittance.wallet.keeping import payer_for
from quittance.wallet.limits import Who, check_cards, one_by_one
from quittance.wallet.models import ConsentRecord
from quittance.wallet.texts import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a payer agreed to, and for whom."""

    customer_account_id: UUID
    customer_name: str
    email: str
    gateway_account_id: UUID
    wording: Wording
    witness: Witness

    @property
    def who(self) -> Who:
        """Who is counted against those that try many cards."""
        return Who(self.customer_account_id, self.witness.user_id, self.witness.ip_address)


def agree(said: Agreed) -> tuple[ConsentRecord, Payer]:
    """Write a yes down, and return it with the payer as the gateway is to know him.

    In a transaction of the caller that sees all of the organization.
    """
    record = give_consent(
        said.wording, said.witness, customer_account_id=said.customer_account_id
    )  # fmt: skip
    payer = payer_for(
        said.customer_account_id, said.gateway_account_id, name=said.customer_name,
        email=said.email,
    )  # fmt: skip
    return record, payer


def agree_with_payment(said: Agreed) -> tuple[ConsentRecord, Payer]:
    """Write a yes down before the payment begins that keeps what it is paid with.

    Outside of any transaction. Raises ``TooManySavings``. Who uses no payment for it ends it.
    """
    with widened(), writing():
        one_by_one(said.who)
        check_cards(said.witness.user_id)
        return agree(said)
