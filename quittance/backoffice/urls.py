"""The back office's addresses; every view carries ``for_staff``, and a test looks."""

from __future__ import annotations

from django.urls import path

from quittance.backoffice.audit import views as audit
from quittance.backoffice.books import views as books
from quittance.backoffice.branding import views as branding
from quittance.backoffice.confirmations import rules as second_rules
from quittance.backoffice.confirmations import views as seconds
from quittance.backoffice.connections import offers, rules, settings
from quittance.backoffice.connections import views as connections
from quittance.backoffice.disputes import acts as dispute_acts
from quittance.backoffice.disputes import settings as dispute_settings
from quittance.backoffice.disputes import views as disputes
from quittance.backoffice.domains import views as domains
from quittance.backoffice.einvoices import views as einvoices
from quittance.backoffice.exceptions import acts, give_back, handled, puzzling
from quittance.backoffice.exceptions import views as exceptions
from quittance.backoffice.fees import views as fees
from quittance.backoffice.links import views as links
from quittance.backoffice.methods import views as methods
from quittance.backoffice.newcomers import rules as registration
from quittance.backoffice.newcomers import views as newcomers
from quittance.backoffice.payments import views as payments
from quittance.backoffice.postings import corrections, stops
from quittance.backoffice.postings import views as postings
from quittance.backoffice.privacy import views as privacy
from quittance.backoffice.refunds import views as refunds
from quittance.backoffice.sso import tokens as sso_tokens
from quittance.backoffice.sso import views as sso
from quittance.backoffice.team import people, policy, staff
from quittance.backoffice.team import views as team
from quittance.backoffice.transfers import accounts as bank_accounts
from quittance.backoffice.transfers import acts as bank_acts
from quittance.backoffice.transfers import views as bank
from quittance.backoffice.visits import views as visits

app_name = "backoffice"
urlpatterns = [
    path("", payments.home, name="home"),
    path("payments", payments.payments, name="payments"),
    path("payments/<slug:number>", payments.payment, name="payment"),
    path("payments/<slug:number>/refund", refunds.refund, name="refund"),
    path("payments/<slug:number>/refund/check", refunds.check_refund, name="check_refund"),
    path("payments/<slug:number>/refund/make", refunds.make_refund, name="make_refund"),
    path("exceptions", exceptions.exceptions, name="exceptions"),
    path("exceptions/handled", handled.handled, name="handled"),
    path("exceptions/<slug:table>/<uuid:row_id>", exceptions.exception, name="exception"),
    path("exceptions/<slug:table>/<uuid:row_id>/handle", acts.handle, name="handle"),
    path("exceptions/<slug:table>/<uuid:row_id>/hand", acts.hand, name="hand"),
    path("findings/<uuid:row_id>/put-back", handled.put_back, name="put_back"),
    path("attempts/<uuid:row_id>/send-back", give_back.send_back, name="send_back"),
    path("attempts/<uuid:row_id>/ask-again", puzzling.ask_again, name="ask_again"),
    path("attempts/<uuid:row_id>/set-aside", puzzling.set_aside, name="set_aside_answer"),
    path("unknown/<uuid:row_id>/give-back", give_back.give_back, name="give_back"),
    path("unknown/<uuid:row_id>/book", give_back.book, name="book_unknown"),
    path("legal-entities/<uuid:legal_entity_id>/release", stops.release, name="release"),
    path("disputes", disputes.disputes, name="disputes"),
    path("disputes/rules", dispute_settings.rules, name="dispute_rules"),
    path("disputes/rules/keep", dispute_settings.keep, name="keep_dispute_rules"),
    path("disputes/<uuid:dispute_id>", disputes.dispute, name="dispute"),
    path("disputes/<uuid:dispute_id>/answer", dispute_acts.answer, name="answer_dispute"),
    path("disputes/<uuid:dispute_id>/accept", dispute_acts.accept, name="accept_dispute"),
    path("disputes/<uuid:dispute_id>/reject", dispute_acts.reject, name="reject_dispute"),
    path("disputes/<uuid:dispute_id>/close", dispute_acts.close, name="close_dispute"),
    path("disputes/<uuid:dispute_id>/hand", dispute_acts.hand, name="hand_dispute"),
    path("disputes/<uuid:dispute_id>/files/<uuid:file_id>", disputes.evidence, name="evidence"),
    path("single-sign-on", sso.sso, name="sso"),
    path("single-sign-on/new", sso.new_provider, name="new_provider"),
    path("single-sign-on/keep", sso.keep_new_provider, name="keep_new_provider"),
    path("single-sign-on/<uuid:provider_id>", sso.provider, name="provider"),
    path("single-sign-on/<uuid:provider_id>/keep", sso.keep_provider, name="keep_provider"),
    path("single-sign-on/<uuid:provider_id>/domains", sso.claim, name="claim_mail_domain"),
    path(
        "single-sign-on/<uuid:provider_id>/domains/<uuid:domain_id>/prove",
        sso.prove,
        name="prove_domain",
    ),
    path(
        "single-sign-on/<uuid:provider_id>/domains/<uuid:domain_id>/give-up",
        sso.give_up,
        name="give_domain_up",
    ),
    path("single-sign-on/<uuid:provider_id>/tokens", sso_tokens.make_token, name="make_token"),
    path(
        "single-sign-on/<uuid:provider_id>/tokens/<uuid:token_id>/take-back",
        sso_tokens.take_token_back,
        name="take_token_back",
    ),
    path("links", links.links, name="links"),
    path("links/new", links.new_link, name="new_link"),
    path("links/keep", links.keep_link, name="keep_link"),
    path("links/<uuid:link_id>/revoke", links.revoke_link, name="revoke_link"),
    path("team", people.people, name="people"),
    path("team/invite", people.new_invitation, name="new_invitation"),
    path("team/invite/send", people.send_invitation, name="send_invitation"),
    path("team/invitations/<uuid:invitation_id>/again", people.invite_again, name="invite_again"),
    path(
        "team/invitations/<uuid:invitation_id>/withdraw",
        people.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("team/requests", newcomers.newcomers, name="newcomers"),
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
    path(
        "team/requests/<uuid:join_request_id>/hand", newcomers.hand_newcomer, name="hand_newcomer"
    ),
    path("team/self-registration", registration.self_registration, name="self_registration"),
    path(
        "team/self-registration/keep",
        registration.keep_self_registration,
        name="keep_self_registration",
    ),
    path("team/sign-in-rules", policy.sign_in_policy, name="sign_in_policy"),
    path("team/sign-in-rules/keep", policy.keep_sign_in_policy, name="keep_sign_in_policy"),
    path("team/people/<uuid:user_id>", staff.colleague, name="colleague"),
    path("team/people/<uuid:user_id>/role", staff.change_colleague, name="change_colleague"),
    path("team/people/<uuid:user_id>/off", staff.switch_colleague_off, name="switch_colleague_off"),
    path("team/people/<uuid:user_id>/on", staff.switch_colleague_on, name="switch_colleague_on"),
    path("privacy", privacy.find_person, name="find_person"),
    path("privacy/people/<uuid:user_id>", privacy.kept_of_person, name="kept_of_person"),
    path("privacy/people/<uuid:user_id>/ask", privacy.ask_about_person, name="ask_about_person"),
    path("privacy/people/<uuid:user_id>/erase", privacy.erase_person, name="erase_person"),
    path("privacy/files/<uuid:person_file_id>", privacy.take_person_file, name="take_person_file"),
    path("visits", visits.visits, name="visits"),
    path("visits/begin", visits.begin, name="begin_visit"),
    path("roles", team.roles, name="roles"),
    path("books", books.books, name="books"),
    path("audit", audit.audit, name="audit"),
    path("audit/export", audit.export_audit, name="export_audit"),
    path("postings/<uuid:posting_id>/retry", postings.retry, name="retry"),
    path("postings/<uuid:posting_id>/settle", postings.settle, name="settle"),
    path("postings/<uuid:posting_id>/on-account", postings.on_account, name="on_account"),
    path("postings/<uuid:posting_id>/allocate", postings.allocate, name="allocate"),
    path("postings/<uuid:posting_id>/booked", postings.booked, name="booked"),
    path("postings/<uuid:posting_id>/undo", corrections.undo, name="undo"),
    path("corrections/<uuid:correction_id>/confirm", corrections.confirm, name="confirm"),
    path("corrections/<uuid:correction_id>/withdraw", corrections.withdraw, name="withdraw"),
    path("bank", bank.bank, name="bank"),
    path("bank/read", bank_acts.read_file, name="read_file"),
    path("bank/type", bank_acts.type_in, name="type_in"),
    path("bank/entries/<uuid:entry_id>", bank.entry, name="bank_entry"),
    path("bank/entries/<uuid:entry_id>/book", bank_acts.book, name="book_entry"),
    path("bank/entries/<uuid:entry_id>/on-account", bank_acts.on_account, name="entry_on_account"),
    path("bank/entries/<uuid:entry_id>/set-aside", bank_acts.set_aside, name="set_aside"),
    path("bank/entries/<uuid:entry_id>/look-again", bank_acts.look_again, name="look_again"),
    path("bank/accounts/new", bank_accounts.new_account, name="new_bank_account"),
    path("bank/accounts/keep", bank_accounts.keep_new_account, name="keep_new_bank_account"),
    path("bank/accounts/<uuid:account_id>", bank_accounts.account, name="bank_account"),
    path(
        "bank/accounts/<uuid:account_id>/change",
        bank_accounts.change_account,
        name="change_bank_account",
    ),
    path("branding", branding.brand, name="brand"),
    path("branding/preview.css", branding.preview_css, name="preview_css"),
    path("branding/publish", branding.publish, name="publish_brand"),
    path("branding/texts", branding.publish_texts, name="publish_brand_texts"),
    path("branding/logo", branding.logo, name="brand_logo"),
    path("branding/logo/remove", branding.remove_logo, name="remove_brand_logo"),
    path("branding/back/<int:number>", branding.go_back, name="brand_back"),
    path("domains", domains.listed, name="domains"),
    path("domains/claim", domains.claim, name="claim_domain"),
    path("domains/canonical", domains.canonical, name="canonical_host"),
    path("domains/<uuid:claim_id>/check", domains.check, name="check_domain"),
    path("domains/<uuid:claim_id>/release", domains.release, name="release_domain"),
    path("confirmations", seconds.confirmations, name="confirmations"),
    path("confirmations/rules", second_rules.second_person_rules, name="second_person_rules"),
    path(
        "confirmations/rules/keep",
        second_rules.keep_second_person_rules,
        name="keep_second_person_rules",
    ),
    path("confirmations/<uuid:confirmation_id>", seconds.confirmation, name="confirmation"),
    path(
        "confirmations/<uuid:confirmation_id>/confirm",
        seconds.confirm_request,
        name="confirm_request",
    ),
    path(
        "confirmations/<uuid:confirmation_id>/refuse", seconds.refuse_request, name="refuse_request"
    ),
    path(
        "confirmations/<uuid:confirmation_id>/withdraw",
        seconds.withdraw_request,
        name="withdraw_request",
    ),
    path("connections", connections.connections, name="connections"),
    path("connections/erp/<uuid:legal_entity_id>/test", connections.test_erp, name="test_erp"),
    path("connections/erp/<uuid:legal_entity_id>/pause", connections.pause, name="pause"),
    path("connections/erp/<uuid:legal_entity_id>/resume", connections.resume, name="resume"),
    path(
        "connections/erp/<uuid:legal_entity_id>/settings",
        settings.erp_settings,
        name="erp_settings",
    ),
    path(
        "connections/erp/<uuid:legal_entity_id>/settings/keep", settings.keep_erp, name="keep_erp"
    ),
    path("connections/erp/<uuid:legal_entity_id>/rules", rules.rules, name="rules"),
    path("connections/erp/<uuid:legal_entity_id>/rules/new", rules.new_rule, name="new_rule"),
    path("connections/erp/<uuid:legal_entity_id>/rules/keep", rules.keep_rule, name="keep_rule"),
    path("connections/erp/<uuid:legal_entity_id>/rules/<uuid:rule_id>", rules.rule, name="rule"),
    path(
        "connections/erp/<uuid:legal_entity_id>/rules/<uuid:rule_id>/change",
        rules.change_rule,
        name="change_rule",
    ),
    path(
        "connections/erp/<uuid:legal_entity_id>/rules/<uuid:rule_id>/remove",
        rules.remove_rule,
        name="remove_rule",
    ),
    path(
        "connections/gateway/<uuid:account_id>/test", connections.test_gateway, name="test_gateway"
    ),
    path(
        "connections/gateway/<uuid:account_id>/settings",
        settings.gateway_settings,
        name="gateway_settings",
    ),
    path(
        "connections/gateway/<uuid:account_id>/settings/keep",
        settings.keep_gateway,
        name="keep_gateway",
    ),
    path("connections/e-invoices", einvoices.e_invoices, name="e_invoices"),
    path(
        "connections/erp/<uuid:legal_entity_id>/e-invoices",
        einvoices.look,
        name="look_at_e_invoices",
    ),
    path("connections/offers", offers.offers, name="offers"),
    path("connections/offers/new", offers.new_offer, name="new_offer"),
    path("connections/offers/keep", offers.keep_offer, name="keep_offer"),
    path("connections/offers/<uuid:rule_id>", offers.offer, name="offer"),
    path("connections/offers/<uuid:rule_id>/change", offers.change_offer, name="change_offer"),
    path("connections/offers/<uuid:rule_id>/remove", offers.remove_offer, name="remove_offer"),
    path("connections/gateway/<uuid:account_id>/embed", offers.embed, name="embed"),
    path("fees", fees.fees, name="fees"),
    path("fees/new", fees.new_fee, name="new_fee"),
    path("fees/keep", fees.keep_fee, name="keep_fee"),
    path("fees/<uuid:rule_id>/end", fees.end_fee, name="end_fee"),
    path("methods", methods.methods, name="methods"),
    path("methods/<uuid:method_id>", methods.method, name="method"),
    path("methods/<uuid:method_id>/allow", methods.allow_method, name="allow_method"),
    path("methods/gateway/<uuid:account_id>/company-id", methods.company_id, name="company_id"),
]
