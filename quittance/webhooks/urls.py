"""Where machines call."""

from __future__ import annotations

from django.urls import path

from quittance.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("gateway/<slug:path>", views.gateway, name="gateway"),
    path("erp/<slug:path>", views.erp, name="erp"),
    path("browser", views.browser, name="browser"),
]
