"""What a buyer does to keep methods, in plain functions with good defaults."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.ground import CARD, Ground

if TYPE_CHECKING:
    from quittance.identity.models import User
    from quittance.wallet.models import KeptMethod, Saving
    from quittance.wallet.saving import SaveOrder

DEBIT, TWO_AMOUNTS, A_CODE = "000123456789", "000666666661", "000777777773"


@dataclass
class Wallet:
    """What one buyer keeps at the sandbox."""

    ground: Ground
    user: User

    def __post_init__(self) -> None:
        """Have him be a person of the customer."""
        from tests.payments.people import may_pay_for

        may_pay_for(self.user, self.ground.account().pk)

    def order(self, method: str = "card", holder: str = "business", **changes: Any) -> SaveOrder:
        """What a buyer wants kept, and agreed to."""
        from quittance.gateways.consent import Holder
        from quittance.wallet.consents import Witness
        from quittance.wallet.saving import SaveOrder
        from quittance.wallet.texts import Names, wording

        names = Names(
            seller="Northwind Traders", company="Harborline Hotels", place="Payment methods"
        )
        words = wording(
            method, currency="USD", holder=Holder(holder) if method == "bank_debit" else None,
            names=names, day=date(2026, 11, 22),
        )  # fmt: skip
        facts: dict[str, Any] = {
            "customer_account_id": self.ground.account().pk, "customer_name": "Harborline Hotels",
            "email": self.user.email, "gateway_account_id": self.ground.gateway_account_id,
            "method": method, "currency": "USD", "wording": words,
            "witness": Witness(
                user_id=self.user.pk, ip_address="192.0.2.7", user_agent="A browser",
                session_hash="0" * 64,
            ),
            "return_url": f"{self.ground.world.gateway.url}/back/{{saving}}",
            "cancel_url": f"{self.ground.world.gateway.url}/back/{{saving}}",
        }  # fmt: skip
        return SaveOrder(**(facts | changes))

    def start(self, method: str = "card", holder: str = "business") -> Saving:
        """Begin to save; the gateway's page comes next."""
        from quittance.wallet.saving import start_saving

        return start_saving(self.order(method, holder), key=uuid.uuid4())

    def on_page(self, saving: Saving, number: str = CARD) -> None:
        """Do as the payer does on the gateway's page."""
        self.control(
            f"/savings/{saving.gateway_saving}/save", number=number, authenticate="approve"
        )

    def control(self, path: str, **facts: str) -> Any:
        """Have the sandbox do something."""
        world = self.ground.world
        answer = world.client.post(f"{world.gateway.control_url}{path}", json=facts)
        answer.raise_for_status()
        return answer.json()

    def save(
        self, method: str = "card", number: str = "", *, holder: str = "business"
    ) -> KeptMethod:
        """A method all the way: agreed to, saved on the gateway's page, read back."""
        from quittance.wallet.advancing import advance_saving

        saving = self.start(method, holder)
        self.on_page(saving, number or (CARD if method == "card" else DEBIT))
        saving = advance_saving(saving.pk)
        assert saving.kept_method_id, saving.status
        return self.kept(saving.kept_method_id)

    def kept(self, method_id: uuid.UUID) -> KeptMethod:
        """Read a method."""
        from quittance.tenancy.rows import reading
        from quittance.wallet.models import KeptMethod

        with reading():
            return KeptMethod.objects.get(pk=method_id)

    def mails(self, kind: str) -> list[Any]:
        """The messages of a kind that are in the outbox."""
        from quittance.notifications.models import Message
        from quittance.tenancy.rows import reading
        from quittance.tenancy.scope import widened

        with widened(), reading():
            return list(Message.objects.filter(kind=kind).order_by("created_at"))
