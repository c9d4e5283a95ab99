"""Makes the buyers of a run; a program of its own, because it works with the portal's tables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "correct horse battery"
# Who owes what: several buyers of one customer, so that they meet at the same invoices, and
# currencies with two, none and three digits.
CUSTOMERS: Final = {
    "C-10482": ("USD", 3),
    "C-20077": ("EUR", 2),
    "C-10519": ("USD", 1),
    "C-40008": ("JPY", 1),
    "C-50003": ("KWD", 1),
}
DIGITS: Final = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
PROBER: Final = "prober@chaos.example"


@dataclass(frozen=True, slots=True)
class Who:
    """A buyer and for whom they act."""

    email: str
    customer: str
    currency: str
    network: str  # each sits somewhere else: one network may begin sixty payments an hour


def buyers() -> list[Who]:
    """Everybody who pays."""
    return [
        Who(f"buyer{place}@{customer.lower()}.example", customer, currency, f"198.51.{row}.{place}")
        for row, (customer, (currency, count)) in enumerate(CUSTOMERS.items())
        for place in range(1, count + 1)
    ]


def main() -> None:
    """Write them into the tables."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quittance.project.settings")
    django.setup()
    from django.contrib.auth.hashers import make_password

    from demo.company import ORGANIZATION_ID
    from quittance.identity.models import User
    from quittance.receivables.models import Contact, CustomerAccount
    from quittance.tenancy.rows import writing
    from quittance.tenancy.scope import working_for

    password = make_password(PASSWORD)
    everybody = [*buyers(), Who(PROBER, next(iter(CUSTOMERS)), "", "")]
    with working_for(ORGANIZATION_ID, actor="chaos"), writing():
        for who in everybody:
            user = User.objects.create(email=who.email, name="Robin Vale", password=password)
            account = CustomerAccount.objects.get(number=who.customer)
            Contact.objects.create(user=user, customer_account=account)


if __name__ == "__main__":
    main()
