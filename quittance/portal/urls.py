"""The buyer's addresses; every view carries a decorator of access.py, and a test looks."""

from __future__ import annotations

from django.urls import path

from quittance.portal.checkout import announcing
from quittance.portal.checkout import views as checkout
from quittance.portal.frame import views as frame
from quittance.portal.invoices import views as invoices
from quittance.portal.payments import views as payments
from quittance.portal.sign_in import views as sign_in
from quittance.portal.transfers import views as transfers

app_name = "portal"
urlpatterns = [
    path("", frame.home, name="home"),
    path("brand/<str:version>.css", frame.brand, name="brand"),
    path("brand/<str:version>/logo-<str:scheme>", frame.logo, name="logo"),
    path("theme", frame.theme, name="theme"),
    path("account", frame.account, name="account"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in/send-code", sign_in.send_code, name="send_code"),
    path("sign-in/code", sign_in.code, name="code"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("invoices", invoices.invoices, name="invoices"),
    path("invoices/pick", invoices.pick, name="pick"),
    path("invoices/<uuid:invoice_id>", invoices.invoice, name="invoice"),
    path("invoices/<uuid:invoice_id>/pdf", invoices.invoice_pdf, name="invoice_pdf"),
    path("checkout/<uuid:basket_id>/amounts", checkout.amounts, name="amounts"),
    path("checkout/<uuid:basket_id>/method", checkout.method, name="method"),
    path("checkout/<uuid:basket_id>/review", checkout.review, name="review"),
    path("checkout/<uuid:basket_id>/pay", checkout.pay, name="pay"),
    path("checkout/<uuid:basket_id>/transfer", announcing.announcing, name="announce"),
    path("transfers", transfers.transfers, name="transfers"),
    path("transfers/<uuid:announcement_id>", transfers.transfer, name="transfer"),
    path("transfers/<uuid:announcement_id>/take-back", transfers.take_back, name="take_back"),
    path("transfers/<uuid:announcement_id>/bank-file", transfers.bank_file, name="bank_file"),
    path("payments", payments.payments, name="payments"),
    path("payments/<uuid:payment_id>", payments.payment, name="payment"),
    path("payments/<uuid:payment_id>/onward", checkout.onward, name="onward"),
    path("payments/<uuid:payment_id>/cancel", payments.cancel, name="cancel"),
    path("payments/<uuid:payment_id>/receipt.pdf", payments.receipt_pdf, name="receipt_pdf"),
]
