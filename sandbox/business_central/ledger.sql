-- Tables that no API entity shows: the customer ledger (tables 21 and 379), counters, what is to be notified.
-- Amounts are whole hundred-thousandths (decimals.py); LCY is the local currency.

CREATE TABLE IF NOT EXISTS customer_ledger_entry (
    entryNumber INTEGER PRIMARY KEY,
    customerNumber TEXT NOT NULL,
    postingDate TEXT NOT NULL,
    dueDate TEXT NOT NULL,
    documentType TEXT NOT NULL,
    documentNumber TEXT NOT NULL,
    externalDocumentNumber TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    currencyCode TEXT NOT NULL,
    salesLCY INTEGER NOT NULL DEFAULT 0,
    discountDate TEXT NOT NULL DEFAULT '0001-01-01',
    originalDiscountPossible INTEGER NOT NULL DEFAULT 0,
    remainingDiscountPossible INTEGER NOT NULL DEFAULT 0,
    balancingAccountNumber TEXT NOT NULL DEFAULT '',
    reversed INTEGER NOT NULL DEFAULT 0,
    open INTEGER NOT NULL DEFAULT 1,
    closedAtDate TEXT NOT NULL DEFAULT '0001-01-01',
    closedByEntryNumber INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS detailed_ledger_entry (
    entryNumber INTEGER PRIMARY KEY,
    customerLedgerEntryNumber INTEGER NOT NULL,
    entryType TEXT NOT NULL,
    postingDate TEXT NOT NULL,
    documentType TEXT NOT NULL,
    documentNumber TEXT NOT NULL,
    customerNumber TEXT NOT NULL,
    amount INTEGER NOT NULL,
    amountLCY INTEGER NOT NULL,
    appliedEntryNumber INTEGER NOT NULL DEFAULT 0,
    applicationNumber INTEGER NOT NULL DEFAULT 0,
    discountBefore INTEGER NOT NULL DEFAULT 0,
    unapplied INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);

-- One row for each entity that changed since the last notification (facts, section 4).
CREATE TABLE IF NOT EXISTS pending_change (
    entitySet TEXT NOT NULL,
    entityId TEXT NOT NULL,
    changeType TEXT NOT NULL,
    firstAt TEXT NOT NULL,
    lastAt TEXT NOT NULL,
    PRIMARY KEY (entitySet, entityId)
);

-- A notification that was not delivered yet; ``attempt`` counts the sendings so far.
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY,
    notificationUrl TEXT NOT NULL,
    body TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    nextAt TEXT NOT NULL
);

-- What a media link reads and writes: pictures, attachments.
CREATE TABLE IF NOT EXISTS stream (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    contentType TEXT NOT NULL DEFAULT 'application/octet-stream',
    content BLOB NOT NULL,
    PRIMARY KEY (owner, name)
);

-- What an administrator set up for one customer and one batch; no row means the usual.
CREATE TABLE IF NOT EXISTS customer_rule (
    customerNumber TEXT PRIMARY KEY,
    applyToOldest INTEGER NOT NULL DEFAULT 0,
    blockTolerance INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS batch_rule (
    batchId TEXT PRIMARY KEY,
    postingNoSeries TEXT NOT NULL DEFAULT '',
    manualNumbers INTEGER NOT NULL DEFAULT 0
);

-- A line that was approved, at the version that was seen: a later change needs approval again.
CREATE TABLE IF NOT EXISTS approval (
    lineId TEXT PRIMARY KEY,
    rowVersion INTEGER NOT NULL
);

-- Post with Job Queue: one job for each document number of a batch (codeunit 250).
CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY,
    batchId TEXT NOT NULL,
    documentNumber TEXT NOT NULL,
    dueAt TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'Ready',
    error TEXT NOT NULL DEFAULT ''
);
