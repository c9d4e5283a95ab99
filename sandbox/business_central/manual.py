"""What ``--help`` says below the options: the address, how to sign in, the control port."""

from __future__ import annotations

from sandbox.business_central import tokens
from sandbox.business_central.seed.company import COMPANY_ID, NAME

ABOUT = """\
Stands in for Microsoft Dynamics 365 Business Central: its API v2.0 over HTTP, with a company to
try things on. It prints one line when it is ready, keeps its state in DATA, and ends with Ctrl-C.

  python -m sandbox.business_central --port 8101 --control-port 8102 --data /tmp/bc
"""

MORE = f"""
address
  http://HOST:PORT/v2.0/{tokens.TENANT}/{tokens.ENVIRONMENT}/api/v2.0/
  company "{NAME}" has the id {COMPANY_ID}

sign-in
  POST http://HOST:PORT/{tokens.TENANT}/oauth2/v2.0/token
  scope  {tokens.SCOPE}
  client 11111111-1111-1111-1111-111111111111  may do everything
         22222222-2222-2222-2222-222222222222  has no permission: 403
         33333333-3333-3333-3333-333333333333  is unknown to Business Central: 401
         44444444-4444-4444-4444-444444444444  may only read
         55555555-5555-5555-5555-555555555555  may not read unposted documents
  secret {tokens.SECRET} (for all of them)

control port (never part of the API; JSON in and out; it works on the first company)
  GET  /health
  GET  /ledger?document=... or ?customer=...      customer ledger entries with their applications
  GET  /requests, DELETE /requests                counts by method and path
  GET  /jobs                                      what Post with Job Queue has to do
  GET  /deliveries                                notifications that wait to be sent (again)

 what goes wrong
  POST /faults     {{"match": "POST .*Microsoft.NAV.post", "kind": "error_after", "times": 1}}
       kinds: status, html, drop_before, drop_after, error_after, delay, delay_after,
              malformed_json, late_commit, clerk
       also:  "status": 503, "retry_after": 2, "seconds": 3, "skip": 0
              for clerk: "act": "unapply", "given": {{...}}, "when": "before" or "after"
  GET  /faults, DELETE /faults
  POST /limits     {{"rate": 6000, "concurrent": 5, "operation_timeout": 480}}; GET shows all
  POST /webhooks   {{"delay": 30, "retry": 60, "most": 1000}}; GET shows all
  POST /replica    {{"seconds": 60}}: how late reads with Data-Access-Intent: ReadOnly may be

 the clock and the company
  POST /clock             {{"days": 30, "seconds": 0}}: before the machine's clock; GET
  POST /company/switches  {{"payment_discount_grace_days": 5}}; GET shows all
  POST /company/snapshot  {{"name": "before"}}; /company/restore likewise
  POST /ledger-service    {{"name": "Cust_LedgerEntries"}}: publish page 25; "" for not

 a clerk at sales
  POST /clerk/invoice          {{"customer": "C-10482", "amount": "250.00"}}
  POST /clerk/cancel-invoice   {{"invoice": "INV-204391"}}
  POST /clerk/credit-memo      {{"customer": "C-10482", "amount": "80.00"}}
  POST /clerk/order            {{"customer": "C-10482", "items": [["NW-1042", 10]]}}
  POST /clerk/ship             {{"order": "SO-102217", "quantity": 4}}; /clerk/invoice-order too
  POST /clerk/draft            {{"customer": "C-10482", "amount": "80.00", "status": "Open"}}
  POST /clerk/release          {{"document": "D-10026", "reopen": false}}; /clerk/post-document
  POST /clerk/attach           {{"document": "INV-204391", "name": "Note.txt", "text": "..."}}

 a clerk at receivables
  POST /clerk/post-payment     {{"invoice": "INV-204391", "amount": "100.00"}}
  POST /clerk/unapply          {{"document": "P-1", "invoice": "INV-204391"}}
  POST /clerk/reverse-payment  {{"document": "P-1", "unapply_only": false}}
  POST /clerk/refund           {{"customer": "C-10482", "amount": "80.00", "document": "R-1",
                                 "applies_to": "P-1"}}
  POST /clerk/apply-credit     {{"credit": "CM-1187", "invoice": "INV-204391", "amount": "80.00"}}
  POST /clerk/edit-draft       {{"document": "P-1", "line": 10000, "amount": "1.00"}}
  POST /clerk/delete-draft     {{"document": "P-1", "line": 10000}}
  POST /clerk/type-line        {{"batch": "EUROBANK", "kind": "account", "number": "4010",
                                 "amount": "-12.50"}}
  POST /clerk/post-batch       {{"batch": "EUROBANK"}}; /clerk/approve-batch likewise

 an administrator
  POST /clerk/batch            {{"code": "EUROBANK", "bank_account": "EURO", "no_series": ""}}
  POST /clerk/batch-setup      {{"batch": "EUROBANK", "posting_no_series": "PCR"}}
  POST /clerk/block-customer   {{"customer": "C-10482", "blocked": "All"}}
  POST /clerk/customer-setup   {{"customer": "C-10482", "apply_to_oldest": true}}
  POST /clerk/posting-range    {{"from": "2026-01-01", "to": "2026-12-31"}}
  POST /clerk/exchange-rate    {{"currency": "EUR", "rate": "1.10", "date": "2026-12-01"}}

more: docs/how-to/use-the-sandboxes.md, docs/reference/business-central-sandbox.md
"""
