"""What Business Central can hold, and how much of it we take at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# Lengths of its fields. Source: API v2.0, customerPayments and customerPaymentJournals.
DOCUMENT_NUMBER: Final = 20
EXTERNAL_DOCUMENT_NUMBER: Final = 35
DESCRIPTION: Final = 100
JOURNAL_CODE: Final = 10
CLIENT_STATE: Final = 250  # the documentation's sample says 2048, the metadata of 2018 says 250

PAGE_SIZE: Final = 5_000  # at most 20,000 online
PARTS: Final = 16  # of the first reading: each costs a request with "$skip"
IDS_PER_FILTER: Final = 40  # about 2,200 characters of address
NUMBERS_PER_FILTER: Final = 25
NUMBERS_ONE_BY_ONE: Final = 100  # above it, all that is open with a discount is asked for instead
PAGES_PER_READ: Final = 1_000  # of one invoice's lines or one document's entries: never that many

ANSWER_BYTES: Final = 64 * 1024 * 1024
PDF_BYTES: Final = 20 * 1024 * 1024
FILE_BYTES: Final = 20 * 1024 * 1024

PDF_SECONDS: Final = 90.0  # without a sign of life: a print is rendered for each call

# Online an operation is cancelled after 8 minutes: a change stamped earlier than this is committed.
LATEST_COMMIT: Final = timedelta(minutes=10)
