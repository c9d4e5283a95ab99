"""The back office's addresses; every view carries ``for_staff``, and a test looks."""

from __future__ import annotations

from django.urls import path

from quittance.backoffice.exceptions import acts
from quittance.backoffice.exceptions import views as exceptions
from quittance.backoffice.payments import views as payments
from quittance.backoffice.postings import views as postings
from quittance.backoffice.refunds import views as refunds

app_name = "backoffice"
urlpatterns = [
    path("", payments.home, name="home"),
    path("payments", payments.payments, name="payments"),
    path("payments/<slug:number>", payments.payment, name="payment"),
    path("payments/<slug:number>/refund", refunds.refund, name="refund"),
    path("payments/<slug:number>/refund/check", refunds.check_refund, name="check_refund"),
    path("payments/<slug:number>/refund/make", refunds.make_refund, name="make_refund"),
    path("exceptions", exceptions.exceptions, name="exceptions"),
    path("exceptions/<slug:table>/<uuid:row_id>", exceptions.exception, name="exception"),
    path("exceptions/<slug:table>/<uuid:row_id>/handle", acts.handle, name="handle"),
    path("exceptions/<slug:table>/<uuid:row_id>/hand", acts.hand, name="hand"),
    path("postings/<uuid:posting_id>/retry", postings.retry, name="retry"),
    path("postings/<uuid:posting_id>/settle", postings.settle, name="settle"),
]
