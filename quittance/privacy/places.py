"""Where a person is named: one table of tables. Source: security.md, Z9 (GDPR, Art. 15 and 17).

What is told of a person, and what an erasure does, are both read from here; a test goes through
every model and fails for one that names people and stands neither in ``PLACES`` nor in ``NOBODY``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fate(StrEnum):
    """What an erasure does with the rows of a place."""

    GOES = "deleted"
    EMPTIED = "made anonymous"
    STAYS = "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Rows of one table that name a person.

    A row is the person's when one of ``ids`` holds their id, one of ``actors`` holds "user:<id>",
    or one of ``mails`` holds their address; ``through`` is for a row that only another one names,
    as SQL with ``%(id)s``. ``only`` narrows the rows down. ``hidden`` are columns that are never
    told: secrets, and what is about others. ``empties`` are what an erasure makes "", and
    ``renamed`` what it makes the
    pseudonym. ``parts`` go with a row. ``why``: why rows stay.
    """

    key: str
    what: str
    table: str
    fate: Fate
    ids: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    through: str = ""
    only: str = "true"
    hidden: tuple[str, ...] = ()
    file: str = ""  # a column that is told as a file of its own
    empties: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    frees: tuple[str, ...] = ()  # columns that become null: somebody else may take it over
    cuts: tuple[tuple[str, str], ...] = ()  # JSON columns and the key that an erasure takes out
    parts: tuple[tuple[str, str], ...] = ()  # tables and their columns
    why: str = ""

    @property
    def named_by(self) -> tuple[str, ...]:
        """The columns by which a row is somebody's."""
        return (*self.ids, *self.actors, *self.mails)

    @property
    def whose(self) -> str:
        """The condition on a row, as SQL with ``%(id)s``, ``%(actor)s`` and ``%(mail)s``."""
        named = [
            *(f'"{each}" = %(id)s' for each in self.ids),
            *(f'"{each}" = %(actor)s' for each in self.actors),
            *(f'lower("{each}") = %(mail)s' for each in self.mails),
            *filter(None, [self.through]),
        ]
        return f"({' OR '.join(named)}) AND ({self.only})"


_GOES, _EMPTIED, _STAYS = Fate.GOES, Fate.EMPTIED, Fate.STAYS
_BOOKS: Final = "books: laws want them for years (GDPR, Art. 17(3)(b)); a pseudonym stands in them"
_PROOF: Final = "a bank may ask for the proof as long as money can be claimed back (Art. 17(3)(e))"
_SAID: Final = "it explains what was paid and what not (Art. 17(3)(e)); a pseudonym stands in it"
_CHAIN: Final = (
    "who changed one event would break the chain that proves all others (Art. 17(3)(b), (e));"
    " people stand in it by an id that is nobody's any more"
)
_USERS: Final = ("user_id",)

PLACES: Final = (
    Place(
        key="person", what="the person: name, address, language, role", table="identity_user",
        fate=_EMPTIED, ids=("id",), hidden=("password",), empties=("password", "staff_role"),
        renamed=("name", "email"),
    ),
    Place(
        key="codes", what="mailed codes to sign in", table="identity_signincode", fate=_GOES,
        ids=_USERS, hidden=("code_hash", "browser_hash"),
    ),
    Place(
        key="sessions", what="browsers at which the person is or was signed in",
        table="identity_signin", fate=_GOES, ids=_USERS,
    ),
    Place(
        key="address-changes", what="other addresses that the person wanted",
        table="identity_mailchange", fate=_GOES, ids=_USERS, mails=("email",),
        hidden=("old_hash", "new_hash"),
    ),
    Place(
        key="apps", what="apps for codes", table="identity_authenticatorapp", fate=_GOES,
        ids=_USERS, hidden=("sealed_secret",),
    ),
    Place(
        key="recovery-codes", what="recovery codes", table="identity_recoverycode", fate=_GOES,
        ids=_USERS, hidden=("salt", "code_hash"),
    ),
    Place(
        key="passkeys", what="passkeys", table="identity_passkey", fate=_GOES, ids=_USERS,
        hidden=("credential_id", "public_key"),
    ),
    Place(
        key="companies-sign-ins", what="as whom the company's provider vouches for the person",
        table="sso_externalidentity", fate=_GOES, ids=_USERS,
    ),
    Place(
        key="directories", what="what the company's directory says of the person",
        table="sso_directoryperson", fate=_GOES, ids=_USERS, mails=("email",),
        parts=(("sso_directorymember", "person_id"),),
    ),
    Place(
        key="customers", what="for which customers the person acts, and as what",
        table="receivables_contact", fate=_GOES, ids=_USERS,
    ),
    Place(
        key="former-customers", what="for which customers the person acted once",
        table="receivables_formercontact", fate=_GOES, ids=_USERS,
    ),
    Place(
        key="deputies", what="for whom the person decides about payments, and who for them",
        table="approvals_deputy", fate=_GOES, ids=("approver_id", "deputy_id"),
    ),
    Place(
        key="mails-off", what="mails that the person does not want",
        table="notifications_unwanted", fate=_GOES, ids=_USERS,
    ),
    Place(
        key="mails", what="mails to the person (their words are not kept)",
        table="notifications_message", fate=_EMPTIED, mails=("to",), hidden=("facts",),
        only="sent_at IS NOT NULL OR withheld_at IS NOT NULL", empties=("to",),
    ),
    Place(
        key="mails-waiting", what="mails to the person that are not sent yet",
        table="notifications_message", fate=_GOES, mails=("to",), hidden=("facts",),
        only="sent_at IS NULL AND withheld_at IS NULL",
    ),
    Place(
        key="invited", what="invitations to the person", table="invitations_invitation",
        fate=_GOES, mails=("email",), hidden=("token_hash",),
        parts=(("invitations_invitedrole", "invitation_id"),),
    ),
    Place(
        key="inviting", what="invitations that the person sent (not to whom)",
        table="invitations_invitation", fate=_STAYS, ids=("invited_by_id",),
        hidden=("token_hash", "email", "name"), why="it goes when its own time is over (90 days)",
    ),
    Place(
        key="arriving", what="what the person asked to act for, by knowing invoices",
        table="arrivals_joinrequest", fate=_EMPTIED, mails=("email",), empties=("email", "name"),
        hidden=("owner_id", "decided_by_id"),
    ),
    Place(
        key="mailboxes", what="codes by which the person proved a mailbox to come in",
        table="arrivals_mailbox", fate=_GOES, mails=("email",),
        hidden=("code_hash", "browser_hash"),
    ),
    Place(
        key="deciding", what="whose request to come in the person decided or looked after",
        table="arrivals_joinrequest", fate=_STAYS, ids=("owner_id", "decided_by_id"),
        hidden=("email", "name", "reason"),
        why="who let somebody in belongs to the account's history; a pseudonym stands in it",
    ),
    Place(
        key="files", what="files of documents that the person asked for",
        table="exports_bundle", fate=_GOES, ids=_USERS,
    ),
    Place(
        key="files-documents", what="what is in these files", table="exports_bundledocument",
        fate=_GOES, ids=_USERS, hidden=("content",),
    ),
    Place(
        key="statements", what="statements that the person asked for",
        table="exports_statementfile", fate=_GOES, ids=_USERS, hidden=("content",),
    ),
    Place(
        key="persons-files", what="files like this one that the person asked for, or about them",
        table="privacy_personfile", fate=_GOES, ids=("about_id", "asked_by_id"),
        hidden=("content",),
    ),
    Place(
        key="looks-after", what="exceptions that the person looks after",
        table="reconciliation_assignment", fate=_GOES, ids=("owner_id",),
    ),
    Place(
        key="baskets", what="baskets that the person began", table="payments_basket",
        fate=_EMPTIED, ids=_USERS, mails=("payer_mail",), empties=("payer_name", "payer_mail"),
    ),
    Place(
        key="payments", what="payments that the person made, also as a guest",
        table="payments_payment", fate=_STAYS, ids=_USERS, mails=("payer_mail",),
        hidden=("idempotency_key",),
        why=f"{_BOOKS}; name and address of a guest who paid go after ten years",
    ),
    Place(
        key="attempts", what="tries to have these payments made at the gateway",
        table="payments_gatewayattempt", fate=_EMPTIED, hidden=("redirect_url",),
        through="payment_id IN (SELECT id FROM payments_payment WHERE user_id = %(id)s)",
        cuts=(("asked_with", "payer"),),
    ),
    Place(
        key="refunds", what="refunds that the person made", table="payments_reversal",
        fate=_STAYS, ids=_USERS, hidden=("idempotency_key",), why=_BOOKS,
    ),
    Place(
        key="transfers", what="transfers that the person announced",
        table="transfers_announcement", fate=_STAYS, ids=_USERS, why=_BOOKS,
    ),
    Place(
        key="pledges", what="what the person said they transfer", table="approvals_pledge",
        fate=_STAYS, ids=_USERS, why=_BOOKS,
    ),
    Place(
        key="bank-decisions", what="money on the bank that the person decided about",
        table="transfers_bankentry", fate=_STAYS, actors=("decided_by",), why=_BOOKS,
        hidden=("payer", "payer_account", "text", "references"),
    ),
    Place(
        key="bank-statements", what="statements of the bank that the person read in",
        table="transfers_bankstatement", fate=_STAYS, actors=("read_by",), why=_BOOKS,
    ),
    Place(
        key="corrections", what="corrections of postings that the person asked for or ended",
        table="posting_correction", fate=_STAYS, actors=("asked_by", "ended_by"), why=_BOOKS,
    ),
    Place(
        key="confirmations", what="acts that the person asked for, or had a word about",
        table="confirmations_confirmation", fate=_STAYS, ids=("asked_by_id", "decided_by_id"),
        hidden=("sealed", "fingerprint"),
        why="who let what count is asked when it is misused; a pseudonym stands in it",
    ),
    Place(
        key="approvals", what="payments that the person wanted approved, or decided about",
        table="approvals_approvalrequest", fate=_STAYS,
        ids=("maker_id", "decided_by_id", "decided_for_id"), hidden=("token_hash",), why=_BOOKS,
    ),
    Place(
        key="approver", what="rules of approval that name the person",
        table="approvals_approvalrule", fate=_STAYS,
        through="approvers @> jsonb_build_array(%(id)s::text)",
        why="nobody whom a rule names is erased: it is changed first",
    ),
    Place(
        key="consents", what="what the person agreed to, word for word",
        table="wallet_consentrecord", fate=_STAYS, ids=_USERS, actors=("ended_by",),
        hidden=("session_hash",),
        why=f"{_PROOF}: until the day that ``keep_until`` says; the browser and the network"
        " address are a part of it",
    ),
    Place(
        key="methods", what="ways to pay that the person saved", table="wallet_keptmethod",
        fate=_STAYS, ids=("saved_by_id",), why="they are the customer's: remove them in the wallet",
    ),
    Place(
        key="savings", what="how these came to be saved", table="wallet_saving", fate=_EMPTIED,
        ids=_USERS, mails=("payer_email",), empties=("payer_name", "payer_email"),
    ),
    Place(
        key="pay-links-made", what="pay links that the person made (not to whom)",
        table="paylinks_paylink", fate=_STAYS, ids=("made_by_id",),
        hidden=("token_hash", "sent_to"), why="who gave a way to pay is asked when it is misused",
    ),
    Place(
        key="pay-links", what="pay links that were mailed to the person",
        table="paylinks_paylink", fate=_EMPTIED, mails=("sent_to",), hidden=("token_hash",),
        empties=("sent_to",),
    ),
    Place(
        key="disputes", what="disputes of invoices that the person opened",
        table="disputes_invoicedispute", fate=_STAYS, ids=("opened_by_id",), why=_SAID,
    ),
    Place(
        key="disputes-owned", what="disputes of invoices that the person looks after",
        table="disputes_invoicedispute", fate=_EMPTIED, ids=("owner_id",), frees=("owner_id",),
    ),
    Place(
        key="dispute-notes", what="what the person said in disputes (the words stay)",
        table="disputes_disputenote", fate=_EMPTIED, ids=("author_id",), renamed=("author_name",),
        why=_SAID,
    ),
    Place(
        key="dispute-files", what="files that the person sent in disputes",
        table="disputes_disputefile", fate=_STAYS, file="content",
        through="note_id IN (SELECT id FROM disputes_disputenote WHERE author_id = %(id)s)",
        why=_SAID,
    ),
    Place(
        key="visits", what="when the person looked at the portal as a customer",
        table="visits_visit", fate=_STAYS, ids=_USERS, hidden=("token_hash",),
        why="the customer's people may see who looked; it goes after 90 days",
    ),
    Place(
        key="brand-versions", what="looks of the portal that the person replaced",
        table="branding_brandversion", fate=_STAYS, actors=("replaced_by",),
        hidden=("logo_light", "logo_dark", "settings"), why="the way back to an earlier look",
    ),
    Place(
        key="steps", what="changes of a status that the person caused",
        table="audit_statuschange", fate=_STAYS, actors=("actor",), why=_BOOKS,
    ),
    Place(
        key="done", what="what the person did, from where (not the facts about others)",
        table="audit_auditevent", fate=_STAYS, actors=("actor", "on_behalf_of"),
        hidden=("facts",), why=_CHAIN,
    ),
    Place(
        key="done-about", what="what was done about the person", table="audit_auditevent",
        fate=_STAYS, ids=("subject_id",), hidden=("address", "browser", "request_id"), why=_CHAIN,
    ),
)  # fmt: skip

# Tables in which no person stands, by the reason.
NOBODY: Final[Mapping[str, tuple[str, ...]]] = {
    "what the organization is and how it works": (
        "tenancy_legalentity", "tenancy_domainclaim", "branding_brand", "connections_erpconnection",
        "connections_gatewayaccount", "connections_postingrule", "connections_offerrule",
        "identity_signinpolicy", "confirmations_secondpersonrule", "disputes_disputerules",
        "arrivals_arrivalrules",
        "einvoices_einvoicebooks", "payments_feerule", "transfers_bankaccount", "wallet_debitterms",
        "sso_identityprovider",
        "sso_providerdomain", "sso_provideraccount", "sso_grouprole", "sso_directorygroup",
    ),
    "what the ERP has of customers and what they owe: it is changed there": (
        "receivables_customeraccount", "receivables_invoice", "receivables_invoiceline",
        "receivables_credit", "receivables_invoicepdf", "einvoices_einvoicecheck",
        "receivables_synccursor", "receivables_syncpart", "receivables_hintsubscription",
        "receivables_comparison",
    ),
    "parts of rows that stand in the table of places": (
        "payments_basketitem", "payments_basketcredit", "payments_paymentaccount",
        "payments_allocation", "payments_credituse", "transfers_announcedline",
        "paylinks_paylinkinvoice", "invitations_invitedrole", "disputes_disputedline",
        "sso_directorymember",
        "wallet_defaultmethod",
    ),
    "books, without a name": (
        "ledger_ledgertransaction", "ledger_ledgerentry", "posting_erpposting",
        "posting_erppostingline", "posting_postinggate", "payments_dispute",
        "reconciliation_gatewaymovement", "reconciliation_bookscursor", "reconciliation_payout",
        "reconciliation_payoutitem", "reconciliation_finding", "reconciliation_look",
    ),
    "hashes and marks that say nothing of whose they are": (
        "audit_chainlink", "evidence_anchor", "identity_signintry", "identity_passkeychallenge",
        "sso_seenassertion", "sso_directorytoken", "sso_keptout", "payments_gatewaymessage",
        "wallet_methodmessage",
    ),
    "unread answers of companies' providers, gone within the hour": ("sso_samlquestion",),
}  # fmt: skip
