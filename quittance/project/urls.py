"""Every address of the house."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("quittance.portal.urls")),
    path("office/", include("quittance.backoffice.urls")),
    path("hooks/", include("quittance.webhooks.urls")),
    path("scim/", include("quittance.scim.urls")),
]

handler400 = "quittance.ui.errors.bad_request"
handler403 = "quittance.ui.errors.forbidden"
handler404 = "quittance.ui.errors.not_found"
handler500 = "quittance.ui.errors.server_error"
