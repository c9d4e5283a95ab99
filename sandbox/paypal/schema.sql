-- Objects are kept as the API shows them; moments are seconds since 1970 (UTC).
CREATE TABLE IF NOT EXISTS thing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, -- order, capture, refund, setup_token, payment_token, dispute, webhook
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    owner TEXT NOT NULL DEFAULT '', -- the order of a capture, the capture of a refund ...
    shown TEXT NOT NULL, -- the object as the API shows it
    hidden TEXT NOT NULL DEFAULT '{}', -- what only this server knows
    created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS thing_owner ON thing (owner, kind);
CREATE TABLE IF NOT EXISTS entry ( -- the account's own books, of which the report is made
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id TEXT NOT NULL REFERENCES account (id),
    transaction_id TEXT NOT NULL,
    code TEXT NOT NULL, -- PayPal's event code: T0006 ...
    status TEXT NOT NULL CHECK (status IN ('S', 'P', 'D', 'V')),
    gross_minor INTEGER NOT NULL,
    fee_minor INTEGER NOT NULL, -- above zero is PayPal's
    currency TEXT NOT NULL,
    related TEXT NOT NULL DEFAULT '', -- the transaction that this one belongs to
    invoice TEXT NOT NULL DEFAULT '',
    custom TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    seen_at REAL NOT NULL -- from then on the report shows it
);
CREATE INDEX IF NOT EXISTS entry_transaction ON entry (transaction_id);
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    body TEXT NOT NULL,
    created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL REFERENCES event (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'dropped')),
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_answer TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS token (
    token TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    until REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS request_key ( -- PayPal-Request-Id
    account_id TEXT NOT NULL,
    act TEXT NOT NULL,
    key TEXT NOT NULL,
    made TEXT, -- the object's id; null while the first request is at work
    print TEXT NOT NULL, -- of what was asked
    until REAL NOT NULL,
    PRIMARY KEY (account_id, act, key)
);
CREATE TABLE IF NOT EXISTS fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    match TEXT NOT NULL,
    data TEXT NOT NULL,
    key TEXT NOT NULL DEFAULT '', -- of the one request that it sticks to
    times INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS request (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    account_id TEXT,
    key TEXT,
    body TEXT NOT NULL,
    fault TEXT NOT NULL DEFAULT '',
    status INTEGER, -- null when no answer was given
    answer TEXT NOT NULL DEFAULT ''
);
