"""Whatever reads bytes from outside is known here, and no bytes end in anything but its own error.

Source: security.md, I10. A module that begins to read JSON, XML, CSV, TOML or certificates fails
the first test until somebody says here how it is tried.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.connections import mapping_file
from quittance.core.errors import Misconfigured, OutcomeUnknown, RuleBroken
from quittance.gateways.sandbox import translate
from quittance.httpclient.answers import decoded
from quittance.painting.paint import dots_of
from quittance.portal.remittance import grid
from quittance.sso import metadata
from quittance.sso.strangers_xml import BY_REDIRECT, DS, MD, read_xml
from quittance.transfers import camt

ROOT: Final = Path(__file__).parents[1]
_PARSES: Final = re.compile(
    r"json\.loads|msgspec\.json\.decode|iterparse\(|fromstring\(|csv\.reader|tomllib\.loads"
    r"|load_(?:pem|der)_x509|jwt\.decode"
)
HERE: Final = "tests/test_readers.py"
_ADAPTERS: Final = "tests/gateways/outside.py"  # the contract has forged and broken messages
# Where each is tried with bytes that it cannot read; "ours": what it reads was written by us.
READERS: Final = {
    "connections/mapping_file.py": HERE,
    "httpclient/answers.py": HERE,
    "portal/remittance/grid.py": HERE,
    "portal/remittance/workbook.py": "tests/portal/test_remittance.py",
    "transfers/camt.py": HERE,
    "webhooks/reports.py": "tests/webhooks/test_browser_reports.py",
    "branding/logos.py": "tests/branding/test_logos.py",
    "identity/factors/passkeys.py": "tests/identity/test_passkeys.py",
    "scim/body.py": "tests/scim/test_door.py",
    "sso/oidc.py": "tests/sso/test_oidc.py",
    "sso/strangers_xml.py": HERE,
    "sso/metadata.py": HERE,
    "payment_page/judge.py": "tests/payment_page/test_looking.py",
    "project/bank.py": "tests/project/test_bank.py",
    "portal/invoices/filters.py": "tests/portal/test_invoices.py",
    "erp/business_central/answers.py": "tests/erp/test_business_central_pages.py",
    "erp/business_central/odata.py": "tests/erp/test_business_central_pages.py",
    "erp/business_central/token.py": "tests/erp/test_business_central_pages.py",
    "erp/business_central/webhooks.py": "tests/erp/test_business_central_webhooks.py",
    "gateways/sandbox/gateway.py": "tests/webhooks/test_gateway_door.py",
    "gateways/sandbox/calls.py": "tests/gateways/sandbox/test_sandbox_adapter.py",
    "gateways/paypal/webhooks.py": _ADAPTERS,
    "gateways/paypal/calls.py": _ADAPTERS,
    "gateways/gocardless/gateway.py": _ADAPTERS,
    "gateways/gocardless/calls.py": _ADAPTERS,
    "gateways/stripe/webhooks.py": _ADAPTERS,
    "gateways/stripe/transport.py": _ADAPTERS,
    **dict.fromkeys(
        (
            "tenancy/seal.py", "reconciliation/checking.py", "wallet/texts.py",
            "einvoices/codes.py", "einvoices/write.py", "payments/return_codes.py",
            "erp/business_central/cursors.py", "gateways/paypal/books.py",
            "payment_page/inventory.py", "gateways/contract_fields.py",  # files of a release
        ),
        "ours",
    ),
}  # fmt: skip
FEW: Final = settings(derandomize=True, max_examples=120, deadline=None)
BYTES: Final = st.binary(max_size=300)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "data", "payment", "value"]), inner)
    ),
    max_leaves=12,
).map(lambda said: json.dumps(said).encode())
# Pieces of real files in any order: further in than noise comes.
CAMT: Final = st.lists(
    st.sampled_from(
        [
            '<?xml version="1.0"?>', "<Document>", "</Document>", "<BkToCstmrStmt>", "<Stmt>",
            "</Stmt>", "<Ntry>", "</Ntry>", '<Amt Ccy="EUR">', "1.00", "-1e9", "</Amt>",
            "<BookgDt><Dt>2026-13-41</Dt></BookgDt>", "<CdtDbtInd>CRDT</CdtDbtInd>", "&#0;",
            "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "\ufffe",
        ]
    ),
    max_size=14,
).map(lambda parts: "".join(parts).encode())  # fmt: skip
METADATA: Final = st.lists(
    st.sampled_from(
        [
            f'<EntityDescriptor xmlns="{MD}" entityID="https://a.example">', "</EntityDescriptor>",
            "<IDPSSODescriptor>", "</IDPSSODescriptor>", "<KeyDescriptor>", "</KeyDescriptor>",
            f'<X509Certificate xmlns="{DS}">MIIB</X509Certificate>', "<!-- a -->", "<?a b?>", "&c;",
            f'<SingleSignOnService Binding="{BY_REDIRECT}" Location="javascript:1"/>', "<a>",
        ]
    ),
    max_size=8,
).map(lambda parts: "".join(parts).encode())  # fmt: skip
TOML: Final = st.lists(
    st.sampled_from(
        ["[[rule]]\n", "[rule]\n", "currency = 'USD'\n", "method = 1\n", "= \n", "a.b = {}\n",
         "gateway = ['x']\n", "account = '2910'\n", "\0", '"""']
    ),
    max_size=8,
).map("".join)  # fmt: skip


def test_whatever_reads_bytes_from_outside_is_known_here() -> None:
    found = {
        str(path.relative_to(ROOT / "quittance"))
        for path in (ROOT / "quittance").rglob("*.py")
        if _PARSES.search(path.read_text("utf-8"))
        and not {"migrations", "skeleton"} & {*path.parts}
    }

    assert found == set(READERS)
    for where in set(READERS.values()) - {"ours"}:
        assert (ROOT / where).is_file(), where


def ends_well(read: Callable[[Any], object], said: Any) -> None:
    """Read it, or be refused in words; anything else is a fault of the reader."""
    with suppress(RuleBroken):
        read(said)


@FEW
@given(BYTES | CAMT)
def test_no_bytes_break_the_reader_of_bank_files(said: bytes) -> None:
    ends_well(lambda body: camt.read_camt(io.BytesIO(body)), said)


@FEW
@given(BYTES | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_break_the_reader_of_lists(said: bytes) -> None:
    ends_well(grid.read_file, said)


@FEW
@given(st.text(max_size=200) | TOML)
def test_no_text_breaks_the_reader_of_mappings(said: str) -> None:
    ends_well(mapping_file.read, said)


@FEW
@given(BYTES | CAMT | METADATA)
def test_no_bytes_break_the_readers_of_saml(said: bytes) -> None:
    ends_well(read_xml, said)
    with suppress(Misconfigured):  # it names an address that is not to be asked
        ends_well(metadata.told_by, said)


@FEW
@given(BYTES | BYTES.map(lambda body: b"\xff\xd8\xff" + body) | BYTES.map(
    lambda body: b"\x89PNG\r\n\x1a\n" + body))  # fmt: skip
def test_no_bytes_break_the_reader_of_images_sizes(said: bytes) -> None:
    assert all(each >= 0 for each in dots_of(said))


@FEW
@given(BYTES | JSON)
def test_what_a_gateway_answers_is_as_agreed_or_its_outcome_is_unknown(said: bytes) -> None:
    answer = httpx.Response(200, content=said, request=httpx.Request("POST", "https://a.example"))

    with suppress(OutcomeUnknown):
        assert isinstance(decoded(answer, translate.Event, OutcomeUnknown), translate.Event)


def test_deep_nesting_is_refused_by_each() -> None:
    deep = b"[" * 100_000
    answer = httpx.Response(200, content=deep, request=httpx.Request("GET", "https://a.example"))

    with pytest.raises(OutcomeUnknown):
        decoded(answer, translate.Event, OutcomeUnknown)
    with pytest.raises(RuleBroken):
        camt.read_camt(io.BytesIO(b"<a>" * 100_000))
