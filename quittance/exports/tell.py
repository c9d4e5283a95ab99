"""Tells the person who asked for a file that it is ready, when they are not there to see it."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from quittance.core import clock
from quittance.exports.models import Bundle, BundleDocument, StatementFile
from quittance.notifications.messages import enqueue_message
from quittance.tenancy.address import portal_address
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id


def tell(bundle_id: UUID) -> None:
    """Write a mail with the way to the file, once, if it is ready, kept still, and was not seen.

    The address opens for the person alone, signed in.
    """
    site = portal_address(current_organization_id())
    with writing():
        rows = Bundle.objects.filter(pk=bundle_id, seen_at=None, expires_at__gt=clock.now())
        bundle = rows.select_related("user").first()
        documents = BundleDocument.objects.filter(bundle_id=bundle_id)
        waits = documents.filter(content=None, failure="").exists()
        if bundle is None or waits or not site or not bundle.user.is_active:
            return
        here = documents.filter(content__isnull=False).count()
        enqueue_message(
            key=f"file:{bundle.pk}", kind="file_ready", to=bundle.user.email,
            account_id=bundle.customer_account_id,
            facts={
                "here": here, "whole": bundle.whole,
                "address": site + reverse("portal:file", kwargs={"bundle_id": bundle.pk}),
            },
        )  # fmt: skip


def tell_statement(statement_id: UUID) -> None:
    """The same of a statement: also when it came to nothing, for its reader waits for it."""
    site = portal_address(current_organization_id())
    with writing():
        rows = StatementFile.objects.filter(
            pk=statement_id, expires_at__gt=clock.now(), seen_at=None
        )
        found = rows.select_related("user").defer("content").first()
        if found is None or not site or not found.user.is_active:
            return
        if not found.fingerprint and not found.failure:
            return
        enqueue_message(
            key=f"statement:{found.pk}", kind="statement_ready", to=found.user.email,
            account_id=found.customer_account_id,
            facts={
                "here": bool(found.fingerprint),
                "address": site
                + reverse("portal:statement_file", kwargs={"statement_id": found.pk}),
            },
        )  # fmt: skip
