"""The command line: what the sandbox can be told."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sandbox.business_central import manual
from sandbox.business_central.shapes import LEDGER_PAGE

<<<<<<< HEAD
_ABOUT = "Stands in for Microsoft Dynamics 365 Business Central: its API v2.0 over HTTP."

_MORE = f"""
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

control port (never part of the API; JSON in and out)
  GET    /health
  POST   /faults    {{"match": "POST .*Microsoft.NAV.post", "kind": "error_after", "times": 1}}
         kinds: status, delay, drop_before, drop_after, error_after, delay_after, malformed_json,
                late_commit, html, clerk; also: "status": 503, "retry_after": 2, "seconds": 3,
                "skip": 0; for clerk: "act": "unapply", "given": {{...}}, "when": "before"
  GET    /faults, DELETE /faults
  POST   /limits    {{"rate": 6000, "concurrent": 5, "operation_timeout": 480}}; GET /limits
  POST   /webhooks  {{"delay": 30, "retry": 60, "most": 1000}}; GET /webhooks
  GET    /requests, DELETE /requests            counts by method and path
  GET    /ledger?document=... or ?customer=...   customer ledger entries with their applications
  POST   /clerk/post-payment     {{"invoice": "INV-204391", "amount": "100.00"}}
  POST   /clerk/cancel-invoice   {{"invoice": "INV-204391"}}
  POST   /clerk/invoice          {{"customer": "C-10482", "amount": "250.00"}}
  POST   /clerk/credit-memo      {{"customer": "C-10482", "amount": "80.00"}}
  POST   /clerk/block-customer   {{"customer": "C-10482", "blocked": "All"}}
  POST   /clerk/posting-range    {{"from": "2026-01-01", "to": "2026-12-31"}}
  POST   /clerk/reverse-payment  {{"document": "P-1", "unapply_only": false}}
  POST   /clerk/unapply          {{"document": "P-1", "invoice": "INV-204391"}}
  POST   /clerk/refund           {{"customer": "C-10482", "amount": "80.00", "document": "R-1",
                                   "applies_to": "P-1"}}
  POST   /clerk/apply-credit     {{"credit": "CM-1187", "invoice": "INV-204391", "amount": "80.00"}}
  POST   /clerk/edit-draft       {{"document": "P-1", "line": 10000, "amount": "1.00"}}
  POST   /clerk/delete-draft     {{"document": "P-1", "line": 10000}}
  GET    /clock, POST /clock     {{"days": 30, "seconds": 0}}: before the machine's clock
  POST   /company/switches       {{"payment_discount_grace_days": 5}}; GET /company/switches
  GET    /jobs                                  what Post with Job Queue has to do
  POST   /company/snapshot       {{"name": "before"}}
  POST   /company/restore        {{"name": "before"}}
  POST   /replica                {{"seconds": 60}}: how late reads with Data-Access-Intent may be
  POST   /ledger-service         {{"name": "Cust_LedgerEntries"}}: publish page 25; "" for not
  POST   /clerk/batch            {{"code": "EUROBANK", "bank_account": "EURO", "no_series": ""}}
  POST   /clerk/batch-setup      {{"batch": "EUROBANK", "posting_no_series": "PCR"}}
  POST   /clerk/type-line        {{"batch": "EUROBANK", "kind": "account", "number": "4010",
                                   "amount": "-12.50"}}
  POST   /clerk/post-batch       {{"batch": "EUROBANK"}}; /clerk/approve-batch likewise
  POST   /clerk/order            {{"customer": "C-10482", "items": [["NW-1042", 10]]}}
  POST   /clerk/ship             {{"order": "SO-102217", "quantity": 4}}; /clerk/invoice-order too
  POST   /clerk/draft            {{"customer": "C-10482", "amount": "80.00", "status": "Open"}}
  POST   /clerk/release          {{"document": "D-10026", "reopen": false}}; /clerk/post-document
  POST   /clerk/attach           {{"document": "INV-204391", "name": "Note.txt", "text": "..."}}
  POST   /clerk/customer-setup   {{"customer": "C-10482", "apply_to_oldest": true}}
  POST   /clerk/exchange-rate    {{"currency": "EUR", "rate": "1.10", "date": "2026-12-01"}}
"""

=======
>>>>>>> 5355570 (wip)

def read(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; ends the program with a message when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.business_central",
        usage="%(prog)s --port PORT --control-port PORT --data DATA [option ...]",
        description=manual.ABOUT,
        epilog=manual.MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _place(parser)
    _company(parser)
    _habits(parser)
    _limits(parser)
    return parser.parse_args(arguments)


def _place(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("where").add_argument
    add("--port", type=int, required=True, help="the API's port; 0 takes a free one")
    add("--control-port", type=int, required=True, metavar="PORT",
        help="the control port; 0 takes a free one")  # fmt: skip
    add("--data", type=Path, required=True, help="the directory that keeps the state")
    add("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    add("--log", action="store_true", help="write a line for each request to standard error")


def _company(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("the company").add_argument
    add("--seed", type=int, default=1, help="which demo company is made when DATA is empty")
    add("--invoices", type=int, default=0, metavar="NUMBER",
        help="add so many invoices of many more customers")  # fmt: skip
    add("--today", type=date.fromisoformat, metavar="DATE",
        help="the work date (default: today, UTC)")  # fmt: skip
    add("--ledger-service", default=LEDGER_PAGE, metavar="NAME",
        help="the web service's name over page 25 ('' for none)")  # fmt: skip


def _habits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("pages, tokens, webhooks").add_argument
    add("--page-size", type=int, default=20_000, metavar="RECORDS",
        help="the most records of a page (default 20,000)")  # fmt: skip
    add("--token-lifetime", type=int, default=3599, metavar="SECONDS",
        help="how long a token lives (default 3,599)")  # fmt: skip
    add("--webhook-delay", type=float, default=30, metavar="SECONDS",
        help="how long changes are gathered before they are notified (default 30)")  # fmt: skip
    add("--webhook-retry", type=float, default=60, metavar="SECONDS",
        help="how long to wait before a notification is sent again (default 60)")  # fmt: skip
    add("--webhook-most", type=int, default=1000, metavar="NUMBER",
        help="above so many of one subscription, they become one collection")  # fmt: skip


def _limits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("limits (off at first)").add_argument
    add("--like-the-service", action="store_true",
        help="all of the service's: 6,000 in 5 minutes, 5 at once, 408 and 504")  # fmt: skip
    add("--rate-limit", type=int, default=0, metavar="REQUESTS",
        help="answer 429 above so many in 5 minutes")  # fmt: skip
    add("--concurrent", type=int, default=0, metavar="REQUESTS",
        help="run so many at once, queue 95 more, then 429")  # fmt: skip
