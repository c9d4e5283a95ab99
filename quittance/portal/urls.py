"""The buyer's addresses; every view carries a decorator of access.py, and a test looks."""

from __future__ import annotations

from django.urls import path

from quittance.portal.approvals import rule as approval_rule
from quittance.portal.approvals import views as approvals
from quittance.portal.checkout import announcing, asking, fields, paying, sample
from quittance.portal.checkout import views as checkout
from quittance.portal.credits import einvoice as credit_forms
from quittance.portal.credits import views as open_credit
from quittance.portal.disputes import views as disputes
from quittance.portal.documents import views as documents
from quittance.portal.exports import views as exports
from quittance.portal.frame import session
from quittance.portal.frame import views as frame
from quittance.portal.invitation import views as invitation
from quittance.portal.invoices import attachments, einvoice
from quittance.portal.invoices import views as invoices
from quittance.portal.joining import views as joining
from quittance.portal.links import views as links
from quittance.portal.links.receipt import guest_receipt
from quittance.portal.orders import views as orders
from quittance.portal.overview import views as overview
from quittance.portal.payments import views as payments
from quittance.portal.profile import mails_off, own_data
from quittance.portal.profile import views as profile
from quittance.portal.remittance import views as remittance
from quittance.portal.security import proving
from quittance.portal.security import views as security
from quittance.portal.sign_in import saml, second, sso
from quittance.portal.sign_in import views as sign_in
from quittance.portal.statement import prepared
from quittance.portal.statement import views as statement
from quittance.portal.team import inviting, newcomers
from quittance.portal.team import views as team
from quittance.portal.transfers import views as transfers
from quittance.portal.visiting import views as visiting
from quittance.portal.wallet import adding, verifying
from quittance.portal.wallet import views as wallet

app_name = "portal"
urlpatterns = [
    path("", overview.overview, name="home"),
    path("why", overview.why, name="why"),
    path("accounts", overview.accounts, name="accounts"),
    path("brand/<str:version>.css", frame.brand, name="brand"),
    path("brand/<str:version>/logo-<str:scheme>", frame.logo, name="logo"),
    path("brand/<str:version>/icon.svg", frame.icon, name="icon"),
    path("theme", frame.theme, name="theme"),
    path("language", frame.language, name="language"),
    path("account", frame.account, name="account"),
    path("session", session.session, name="session"),
    path("session/typed", proving.typed, name="typed"),
    path("security", security.security, name="security"),
    path("security/app", security.begin_app, name="begin_app"),
    path("security/app/confirm", security.confirm_app, name="confirm_app"),
    path("security/app/remove", security.remove_app, name="remove_app"),
    path("security/codes", security.new_codes, name="new_codes"),
    path("security/passkeys", security.add_passkey, name="add_passkey"),
    path("security/passkeys/options", security.passkey_options, name="options_to_make"),
    path("security/passkeys/<uuid:passkey_id>/name", security.name_passkey, name="name_passkey"),
    path(
        "security/passkeys/<uuid:passkey_id>/remove", security.remove_passkey, name="remove_passkey"
    ),
    path("security/prove", proving.prove_it, name="prove"),
    path("security/prove/options", proving.prove_options, name="options_to_prove"),
    path("security/prove/send-code", proving.send_proof, name="send_proof"),
    path("profile", profile.profile, name="profile"),
    path("profile/you", profile.change_you, name="change_you"),
    path("profile/mail", profile.change_mail, name="change_mail"),
    path("profile/mail/stop", profile.stop_mail, name="stop_mail"),
    path("profile/mail/<str:word>", profile.confirm_mail, name="confirm_mail"),
    path("profile/data", own_data.own_data, name="own_data"),
    path("profile/data/ask", own_data.ask_own_data, name="ask_own_data"),
    path("profile/data/<uuid:person_file_id>", own_data.take_own_data, name="take_own_data"),
    path("profile/password", profile.new_password, name="new_password"),
    path("profile/browsers", profile.end_browsers, name="end_browsers"),
    path("profile/mails", profile.choose, name="choose_mails"),
    path("mails/off/<str:token>", mails_off.mails_off, name="mails_off"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in/send-code", sign_in.send_code, name="send_code"),
    path("sign-in/code", sign_in.code, name="code"),
    path("sign-in/company", sso.single_sign_on, name="sso"),
    path("sign-in/company/back", sso.sso_back, name="sso_back"),
    path("sign-in/company/saml", saml.saml_answer, name="saml_answer"),
    path("sign-in/company/metadata", saml.saml_metadata, name="saml_metadata"),
    path("sign-in/second", second.second_step, name="second_step"),
    path("sign-in/passkey", second.by_passkey, name="by_passkey"),
    path("sign-in/passkey/options", second.passkey_options, name="options_to_sign_in"),
    path("invited/<str:token>", invitation.invited, name="invited"),
    path("invitation", invitation.invitation, name="invitation"),
    path("join", joining.join, name="join"),
    path("join/code", joining.join_code, name="join_code"),
    path("join/account", joining.join_facts, name="join_facts"),
    path("join/answer", joining.join_answer, name="join_answer"),
    path("visit/end", visiting.end_visit, name="end_visit"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("invoices", invoices.invoices, name="invoices"),
    path("invoices.csv", invoices.invoices_csv, name="invoices_csv"),
    path("invoices.xlsx", invoices.invoices_xlsx, name="invoices_xlsx"),
    path("invoices/pick", invoices.pick, name="pick"),
    path("invoices/<uuid:invoice_id>", invoices.invoice, name="invoice"),
    path("invoices/<uuid:invoice_id>/pdf", invoices.invoice_pdf, name="invoice_pdf"),
    path("invoices/<uuid:invoice_id>/e-invoice", einvoice.e_invoice, name="e_invoice"),
    path("invoices/<uuid:invoice_id>/e-invoice.xml", einvoice.e_invoice_xml, name="e_invoice_xml"),
    path("invoices/<uuid:invoice_id>/e-invoice.pdf", einvoice.e_invoice_pdf, name="e_invoice_pdf"),
    path("invoices/<uuid:invoice_id>/attachments", attachments.attachments, name="attachments"),
    path(
        "invoices/<uuid:invoice_id>/attachments/<path:file_id>",
        attachments.attachment,
        name="attachment",
    ),
    path("invoices/<uuid:invoice_id>/dispute", disputes.new, name="new_dispute"),
    path("disputes/<uuid:dispute_id>", disputes.dispute, name="dispute"),
    path("disputes/<uuid:dispute_id>/answer", disputes.answer, name="answer_dispute"),
    path("disputes/<uuid:dispute_id>/take-back", disputes.take_back, name="take_back_dispute"),
    path("disputes/<uuid:dispute_id>/files/<uuid:file_id>", disputes.evidence, name="evidence"),
    path("documents", documents.documents, name="documents"),
    path("documents/credit-notes/<uuid:credit_id>.pdf", documents.credit_pdf, name="credit_pdf"),
    path("files", exports.files, name="files"),
    path("files/<uuid:bundle_id>", exports.file, name="file"),
    path("files/<uuid:bundle_id>/download", exports.file_download, name="file_download"),
    path("files/<uuid:bundle_id>/again", exports.file_again, name="file_again"),
    path("remittance", remittance.remittance, name="remittance"),
    path("remittance/read", remittance.remittance_read, name="remittance_read"),
    path("remittance/check", remittance.remittance_check, name="remittance_check"),
    path("orders", orders.orders, name="orders"),
    path("orders/<path:number>", orders.order, name="order"),
    path("credits", open_credit.credits_, name="credits"),
    path("credits/<uuid:credit_id>", open_credit.credit, name="credit"),
    path(
        "credits/<uuid:credit_id>/e-invoice", credit_forms.credit_e_invoice, name="credit_e_invoice"
    ),
    path(
        "credits/<uuid:credit_id>/e-invoice.xml",
        credit_forms.credit_e_invoice_xml,
        name="credit_e_invoice_xml",
    ),
    path(
        "credits/<uuid:credit_id>/e-invoice.pdf",
        credit_forms.credit_e_invoice_pdf,
        name="credit_e_invoice_pdf",
    ),
    path("statement", statement.statement, name="statement"),
    path("statement/prepare", prepared.prepare_statement, name="prepare_statement"),
    path("statement/files/<uuid:statement_id>", prepared.statement_file, name="statement_file"),
    path(
        "statement/files/<uuid:statement_id>/download",
        prepared.statement_download,
        name="statement_download",
    ),
    path(
        "statement/files/<uuid:statement_id>/again",
        prepared.statement_again,
        name="statement_again",
    ),
    path("statement.pdf", statement.statement_pdf, name="statement_pdf"),
    path("statement.csv", statement.statement_csv, name="statement_csv"),
    path("statement.xlsx", statement.statement_xlsx, name="statement_xlsx"),
    path("checkout/<uuid:basket_id>/amounts", checkout.amounts, name="amounts"),
    path("checkout/<uuid:basket_id>/method", checkout.method, name="method"),
    path("checkout/<uuid:basket_id>/review", checkout.review, name="review"),
    path("checkout/<uuid:basket_id>/pay", paying.pay, name="pay"),
    path("checkout/<uuid:basket_id>/transfer", announcing.announcing, name="announce"),
    path("checkout/<uuid:basket_id>/ask", asking.ask, name="ask"),
    path("approvals", approvals.approvals, name="approvals"),
    path("approvals/mail/<str:token>", approvals.letter, name="letter"),
    path("approvals/<uuid:approval_id>", approvals.approval, name="approval"),
    path("approvals/<uuid:approval_id>/approve", approvals.approve, name="approve"),
    path("approvals/<uuid:approval_id>/refuse", approvals.refuse, name="refuse"),
    path("approvals/<uuid:approval_id>/withdraw", approvals.withdraw, name="withdraw_approval"),
    path("transfers", transfers.transfers, name="transfers"),
    path("transfers/<uuid:announcement_id>", transfers.transfer, name="transfer"),
    path("transfers/<uuid:announcement_id>/take-back", transfers.take_back, name="take_back"),
    path("transfers/<uuid:announcement_id>/bank-file", transfers.bank_file, name="bank_file"),
    path("pay", links.pay_link, name="pay_link"),
    path("pay/<str:token>", links.open_, name="open_link"),
    path("receipts/<str:token>", guest_receipt, name="guest_receipt"),
    path("payments", payments.payments, name="payments"),
    path("payments/<uuid:payment_id>", payments.payment, name="payment"),
    path("payments/<uuid:payment_id>/onward", paying.onward, name="onward"),
    path("payments/<uuid:payment_id>/fields", fields.fields, name="fields"),
    path("payments/sample/<str:token>", sample.sample_fields, name="sample_fields"),
    path(
        "payments/sample/<str:token>/<slug:version>.js", sample.sample_module, name="sample_module"
    ),
    path(
        "payments/fields/<uuid:account_id>/<slug:version>.js", fields.module, name="fields_module"
    ),
    path("payments/<uuid:payment_id>/cancel", payments.cancel, name="cancel"),
    path("payments/<uuid:payment_id>/receipt.pdf", payments.receipt_pdf, name="receipt_pdf"),
    path("team", team.team, name="team"),
    path("team/<uuid:contact_id>", team.member, name="member"),
    path("team/<uuid:contact_id>/change", team.change_member, name="change_member"),
    path("team/<uuid:contact_id>/remove", team.remove_member, name="remove_member"),
    path("team/removed/<uuid:former_id>", team.let_in_again, name="let_in_again"),
    path("team/invite", inviting.new_invitation, name="new_invitation"),
    path("team/invite/send", inviting.send_invitation, name="send_invitation"),
    path("team/invitations/<uuid:invitation_id>/again", inviting.invite_again, name="invite_again"),
    path(
        "team/invitations/<uuid:invitation_id>/withdraw",
        inviting.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path(
        "team/requests/<uuid:join_request_id>/let-in",
        newcomers.let_newcomer_in,
        name="let_newcomer_in",
    ),
    path(
        "team/requests/<uuid:join_request_id>/refuse",
        newcomers.refuse_newcomer,
        name="refuse_newcomer",
    ),
    path("team/roles", team.roles, name="roles"),
    path("team/approvals", approval_rule.approval_rule, name="approval_rule"),
    path("team/approvals/set", approval_rule.set_rule, name="set_approval_rule"),
    path("team/approvals/drop", approval_rule.drop_rule, name="drop_approval_rule"),
    path("team/approvals/appoint", approval_rule.appoint_deputy, name="appoint_deputy"),
    path("team/approvals/dismiss", approval_rule.dismiss_deputy, name="dismiss_deputy"),
    path("wallet", wallet.wallet, name="wallet"),
    path("wallet/add", adding.add, name="add_method"),
    path("wallet/agree", adding.agree, name="agree"),
    path("wallet/savings/<uuid:saving_id>", adding.saving, name="saving"),
    path("wallet/savings/<uuid:saving_id>/onward", adding.onward, name="saving_onward"),
    path("wallet/savings/<uuid:saving_id>/stop", adding.stop, name="stop_saving"),
    path("wallet/savings/<uuid:saving_id>/verify", verifying.verify, name="verify"),
    path("wallet/<uuid:method_id>", wallet.kept_method, name="kept_method"),
    path("wallet/<uuid:method_id>/agreement", wallet.agreement, name="agreement"),
    path("wallet/<uuid:method_id>/name", wallet.name_method, name="name_method"),
    path("wallet/<uuid:method_id>/default", wallet.default_method, name="default_method"),
    path("wallet/<uuid:method_id>/expiry", wallet.change_month, name="change_month"),
    path("wallet/<uuid:method_id>/remove", wallet.remove_method, name="remove_method"),
]
