"""Nobody sends more than a page takes: the size is looked at before the first byte is read."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver

from quittance.branding.logos import MOST_BYTES as LOGO
from quittance.disputes.evidence import MOST_BYTES_AT_ONCE
from quittance.portal.remittance.grid import MOST_BYTES as LIST
from quittance.transfers.camt import MOST_BYTES as BANK
from tests.portal.doors import Door

MB = 1024 * 1024
FORM = "multipart/form-data; boundary=x"
SOME = "00000000-0000-0000-0000-000000000001"
TAKE_FILES = {
    f"/invoices/{SOME}/dispute": MOST_BYTES_AT_ONCE,
    f"/disputes/{SOME}/answer": MOST_BYTES_AT_ONCE,
    f"/office/disputes/{SOME}/answer": MOST_BYTES_AT_ONCE,
    "/office/branding/logo": 2 * LOGO,
    "/office/bank/read": BANK,
    "/remittance/read": LIST,
}


class Unread:
    """A body that tells whether anybody began to read it."""

    begun = False

    def read(self, *_sizes: int) -> bytes:
        self.begun = True
        return b""

    readline = read


def sent(door: Door, path: str, **more: object) -> tuple[int, bool, str]:
    """What a stranger gets who says that so much comes, and whether anything of it was read."""
    body = Unread()
    answer = door.client().generic("POST", path, content_type=FORM, **{"wsgi.input": body, **more})
    return answer.status_code, body.begun, answer.content.decode()


@pytest.mark.parametrize("path", ["/sign-in", "/hooks/gateway/x", "/hooks/erp/x", *TAKE_FILES])
def test_more_than_a_page_takes_is_refused_unread(door: Door, path: str) -> None:
    most = MB + TAKE_FILES.get(path, 0)

    status, begun, words = sent(door, path, CONTENT_LENGTH=str(most + 1))

    assert (status, begun) == (413, False)
    machine = path.startswith("/hooks/")  # is told in a line and not by a page
    assert ("larger than any message" if machine else "too much to send at once") in words
    if "hooks" not in path:  # their own limit is smaller
        assert sent(door, path, CONTENT_LENGTH=str(most))[0] != 413


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "many"},
    ],
    ids=["chunked", "negative", "no number"],
)
@pytest.mark.parametrize("path", ["/sign-in", "/hooks/gateway/x"])
def test_a_body_of_unknown_size_is_refused_unread(
    door: Door, path: str, headers: dict[str, str]
) -> None:
    assert sent(door, path, **headers)[:2] == (413, False)


def test_the_refusal_is_in_the_language_of_the_reader(door: Door) -> None:
    words = sent(door, "/sign-in", CONTENT_LENGTH=str(MB + 1), HTTP_ACCEPT_LANGUAGE="de")[2]

    assert '<html lang="de"' in words


def test_a_form_with_a_file_of_the_size_that_is_allowed_gets_in(door: Door) -> None:
    file = SimpleUploadedFile("list.csv", b"INV-1,1.00\n" + b" " * (LIST - 11))

    answer = door.buyer().post("/remittance/read", {"file": file})

    assert answer.status_code != 413


def test_every_view_that_reads_files_is_known_here() -> None:
    named = {
        view.__qualname__
        for route in get_resolver().url_patterns
        for each in route.url_patterns
        if hasattr(view := each.callback, "most_file_bytes")
    }

    assert named == {"new", "answer", "logo", "read_file", "remittance_read"}
