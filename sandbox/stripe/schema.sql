-- Objects are kept as the API shows them; moments are seconds since 1970 (UTC).
CREATE TABLE IF NOT EXISTS thing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    object TEXT NOT NULL, -- Stripe's word for what it is: payment_intent, charge ...
    account_id TEXT NOT NULL REFERENCES account (id),
    created REAL NOT NULL,
    shown TEXT NOT NULL, -- the object as the API shows it
    hidden TEXT NOT NULL DEFAULT '{}' -- what only this server knows, never a whole number
);
CREATE INDEX IF NOT EXISTS thing_object ON thing (account_id, object, seq);
CREATE INDEX IF NOT EXISTS thing_intent ON thing (json_extract(shown, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS thing_source ON thing (json_extract(shown, '$.source'));
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
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
    request_id TEXT,
    created_at REAL NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE TABLE IF NOT EXISTS fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    match TEXT NOT NULL,
    data TEXT NOT NULL,
    times INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS request (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    at REAL NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    account_id TEXT,
    key TEXT,
    asked TEXT NOT NULL, -- without what a payer typed
    version TEXT NOT NULL DEFAULT '',
    fault TEXT NOT NULL DEFAULT '',
    status INTEGER, -- null when no answer was given
    answer TEXT NOT NULL DEFAULT ''
);
