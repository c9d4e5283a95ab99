"""Tells the person who asked for a file that it is ready, when they are not there to see it."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from quittance.core import clock
from quittance.exports.models import Bundle, BundleDocument
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
