-- Moments are seconds since 1970 (UTC), amounts are whole minor units.
CREATE TABLE IF NOT EXISTS payment (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    reference TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('card', 'bank_debit')),
    description TEXT NOT NULL,
    return_url TEXT NOT NULL,
    cancel_url TEXT NOT NULL,
    locale TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'processing', 'succeeded', 'failed', 'cancelled')),
    step TEXT NOT NULL DEFAULT '' CHECK (step IN ('', 'authenticate')), -- where the payer stands
    brand TEXT NOT NULL DEFAULT '',
    last4 TEXT NOT NULL DEFAULT '' CHECK (length(last4) <= 4), -- never more of a number than this
    attempts INTEGER NOT NULL DEFAULT 0,
    failure_code TEXT NOT NULL DEFAULT '', -- of the last attempt
    fee_minor INTEGER,
    refunded_minor INTEGER NOT NULL DEFAULT 0,
    returned_minor INTEGER NOT NULL DEFAULT 0,
    disputed_minor INTEGER NOT NULL DEFAULT 0, -- of disputes that were not won
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    succeeded_at REAL,
    -- Together they may exceed the amount: a bank takes back what was refunded already.
    CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    CHECK (returned_minor BETWEEN 0 AND amount_minor),
    CHECK (disputed_minor BETWEEN 0 AND amount_minor)
);
CREATE INDEX IF NOT EXISTS payment_reference ON payment (account_id, reference);
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    payment_id TEXT NOT NULL REFERENCES payment (id),
    reference TEXT, -- null for one that was made in the gateway's own pages
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed')),
    failure_code TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS refund_reference ON refund (account_id, reference);
CREATE TABLE IF NOT EXISTS dispute (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    payment_id TEXT NOT NULL REFERENCES payment (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    fee_minor INTEGER NOT NULL CHECK (fee_minor >= 0),
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'under_review', 'won', 'lost')),
    answer_until REAL NOT NULL,
    created_at REAL NOT NULL,
    closed_at REAL
);
CREATE TABLE IF NOT EXISTS balance_entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'charge', 'refund', 'refund_failed', 'return', 'dispute', 'dispute_won', 'fee', 'payout'
    )),
    payment_id TEXT REFERENCES payment (id),
    subject TEXT NOT NULL DEFAULT '', -- the refund, dispute or payout
    code TEXT NOT NULL DEFAULT '',
    gross_minor INTEGER NOT NULL,
    fee_minor INTEGER NOT NULL,
    net_minor INTEGER NOT NULL CHECK (net_minor = gross_minor - fee_minor),
    currency TEXT NOT NULL,
    payout_id TEXT REFERENCES payout (id), -- a payout's own entry names itself
    created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS balance_entry_payment ON balance_entry (payment_id);
CREATE INDEX IF NOT EXISTS balance_entry_payout ON balance_entry (payout_id);
CREATE TABLE IF NOT EXISTS payout (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    amount_minor INTEGER NOT NULL,
    fee_minor INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('in_transit', 'paid', 'failed')),
    failure_code TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS webhook_endpoint (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT NOT NULL DEFAULT '',
    old_secret_until REAL NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    UNIQUE (account_id, url)
);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL REFERENCES event (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'dropped')),
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_at);
CREATE TABLE IF NOT EXISTS idempotency_key (
    account_id TEXT NOT NULL REFERENCES account (id),
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER, -- null while the first request is at work
    body TEXT,
    created_at REAL NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE TABLE IF NOT EXISTS page_form (
    token TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    visitor TEXT NOT NULL, -- hash of the browser's cookie
    issued_at REAL NOT NULL,
    used_at REAL
);
CREATE TABLE IF NOT EXISTS fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    match TEXT NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL DEFAULT '{}',
    times INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS fault_by_amount ( -- a special amount acts once for each key
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE TABLE IF NOT EXISTS request (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    account_id TEXT,
    key TEXT,
    body TEXT NOT NULL,
    fault TEXT NOT NULL DEFAULT '',
    status INTEGER -- null when no answer was given
);
-- What is kept for later payments: payers, their methods, the permission to debit, and attempts to save.
CREATE TABLE IF NOT EXISTS payer (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    reference TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (account_id, reference)
);
CREATE TABLE IF NOT EXISTS saved_method (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    payer_id TEXT NOT NULL REFERENCES payer (id),
    method TEXT NOT NULL CHECK (method IN ('card', 'bank_debit')),
    state TEXT NOT NULL CHECK (state IN ('active', 'removed', 'closed')),
    brand TEXT NOT NULL,
    last4 TEXT NOT NULL CHECK (length(last4) <= 4),
    bank_name TEXT NOT NULL,
    expires TEXT NOT NULL, -- of a card: 2031-04
    holder TEXT NOT NULL,
    fingerprint TEXT NOT NULL, -- the same for the same number in one account
    initial_reference TEXT NOT NULL,
    number_key TEXT NOT NULL, -- which of the test numbers it is, by its end
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS mandate (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    method_id TEXT NOT NULL REFERENCES saved_method (id),
    reference TEXT NOT NULL,
    scheme TEXT NOT NULL,
    text_version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'ended')),
    code TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS saving (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    reference TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('card', 'bank_debit')),
    currency TEXT NOT NULL,
    payer_id TEXT NOT NULL REFERENCES payer (id),
    consent TEXT NOT NULL, -- JSON, as it was given
    return_url TEXT NOT NULL,
    cancel_url TEXT NOT NULL,
    locale TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'verifying', 'saved', 'failed', 'cancelled')),
    step TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    tries_left INTEGER NOT NULL DEFAULT 3,
    failure_code TEXT NOT NULL DEFAULT '',
    number_key TEXT NOT NULL DEFAULT '',
    expires TEXT NOT NULL DEFAULT '',
    method_id TEXT REFERENCES saved_method (id),
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS wish ( -- a payment with which its method is to be saved
    payment_id TEXT PRIMARY KEY REFERENCES payment (id),
    payer_id TEXT NOT NULL REFERENCES payer (id),
    consent TEXT NOT NULL,
    number_key TEXT NOT NULL DEFAULT '',
    expires TEXT NOT NULL DEFAULT '',
    method_id TEXT REFERENCES saved_method (id)
);
CREATE TABLE IF NOT EXISTS charge ( -- a payment that is taken from a saved method
    payment_id TEXT PRIMARY KEY REFERENCES payment (id),
    method_id TEXT NOT NULL REFERENCES saved_method (id),
    started_by TEXT NOT NULL CHECK (started_by IN ('payer', 'seller')),
    agreement TEXT NOT NULL,
    initial_reference TEXT NOT NULL,
    taken_at REAL -- null: nothing moves before the merchant's word
);
CREATE TABLE IF NOT EXISTS embedded ( -- what is paid or saved in fields on the merchant's page
    token TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('payment', 'saving')),
    subject TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS held ( -- a payment that waits for the merchant's word
    payment_id TEXT PRIMARY KEY REFERENCES payment (id),
    number_key TEXT NOT NULL DEFAULT '',
    agreed_at REAL, -- when the payer did
    released_at REAL -- when the merchant said it
);
