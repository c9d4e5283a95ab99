"""Keeps numbers where none may be: the search after all tests must find each of them.

Its name is none of a test, so only ``test_kept_numbers`` runs it, in a session of its own.
"""

from __future__ import annotations

import logging
import os

import psycopg
from django.core import mail
from django.test import override_settings

CARD, SPACED, ACCOUNT, IBAN = (
    "4242424242424242", "4000 0000 0000 9995", "000123456789", "DE62370400440532013001",
)  # fmt: skip


def test_numbers_are_planted() -> None:
    server = os.environ["QUITTANCE_TEST_ADMIN"]
    name = f"quittance_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    with psycopg.connect(f"{server.rpartition('/')[0]}/{name}", autocommit=True) as admin:
        admin.execute("CREATE TABLE planted (said text, told jsonb, raw bytea)")
        admin.execute(
            "INSERT INTO planted VALUES (%s, %s, %s)",
            [f"two lines\n{SPACED}", f'{{"iban": "{IBAN}"}}', ACCOUNT.encode()],
        )
    logging.getLogger("quittance.planted").warning("the card %s", CARD)
    mail.send_mail("a written mail", f"card {CARD}", "a@x.example", ["b@x.example"])
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.send_mail("a caught mail", f"account {ACCOUNT}", "a@x.example", ["b@x.example"])
