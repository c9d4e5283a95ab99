"""Makes, in the demo company, a connection that a directory can ask, and says what is there.

Run as a program with the settings of the running portal: ``python -m tests.fuzz.directory``.
"""

from __future__ import annotations

import json
import os
from typing import Any, Final

import django

from demo.company import ORGANIZATION_ID
from demo.gateways import GATEWAYS

DOMAIN: Final = "contoso.test"
PEOPLE: Final = ("wanda", "olga", "mika", "noor")


def main() -> None:
    """Make it and print, as JSON, what schemathesis is told."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quittance.project.settings")
    django.setup()
    from quittance.tenancy.scope import working_for

    with working_for(ORGANIZATION_ID, actor="fuzz"):
        print(json.dumps(_made()))  # noqa: T201


def _made() -> dict[str, Any]:
    from quittance.connections.models import ErpConnection, GatewayAccount
    from quittance.connections.open import hint_secret
    from quittance.core import clock
    from quittance.sso import directory, groups
    from quittance.sso.models import ProviderDomain
    from quittance.sso.providers import Wanted, claim_domain, keep_provider
    from quittance.sso.tokens import make_token
    from quittance.tenancy.rows import reading, writing

    made = keep_provider(None, Wanted(
        name=DOMAIN, for_staff=False, issuer=f"https://{DOMAIN}", client_id="portal",
        secret="a secret of the client", customers=["C-10482"],
        roles={"": "view", "payers": "pay"},
    ))  # fmt: skip
    row = claim_domain(made.pk, DOMAIN)
    with writing():
        ProviderDomain.objects.filter(pk=row.pk).update(proven_at=clock.now())
    people = [
        directory.join(made, directory.Said(
            user_name=f"{name}@{DOMAIN}", email=f"{name}@{DOMAIN}", name=name.title(),
            external_id=name, active=True, attributes={"userName": f"{name}@{DOMAIN}"},
        ))
        for name in PEOPLE
    ]  # fmt: skip
    told = groups.GroupSaid(
        name="payers", external_id="", members=frozenset(each.pk for each in people)
    )
    group = groups.make_group(made, told)
    with reading():
        connection = ErpConnection.objects.get()
        gateway = GatewayAccount.objects.get(name=GATEWAYS["sandbox"].name)
    return {
        "provider": str(made.pk), "token": make_token(made.pk), "domain": DOMAIN,
        "rows": [str(each.pk) for each in (*people, group)],
        "gateway": gateway.webhook_path, "erp": connection.hint_path,
        "hint": hint_secret(connection.legal_entity_id),
    }  # fmt: skip


if __name__ == "__main__":
    main()
