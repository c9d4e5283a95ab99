"""``python -m tests.receivables.one_pull ORGANIZATION LEGAL_ENTITY PART_ROWS``: to be killed."""

from __future__ import annotations

import sys
from uuid import UUID

import django

if __name__ == "__main__":
    django.setup()
    from quittance.receivables.pull import pull_changes
    from quittance.tenancy.scope import working_for

    organization_id, legal_entity_id, rows = sys.argv[1:]
    with working_for(UUID(organization_id), actor="sync"):
        pull_changes(UUID(legal_entity_id), part_rows=int(rows))
