"""What browsers say that they refused to do on a page of ours: one line of the log for each.

Nothing is kept in the database but a count: anybody may send such a report, so it is a hint for who
looks after the portal and no evidence. Source: W3C, Content Security Policy Level 3, 5.4.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from quittance.core.errors import RuleBroken

log = logging.getLogger(__name__)
MOST_BYTES: Final = 16 * 1024
MOST_AN_HOUR: Final = 60  # of one network
_AT_ONCE: Final = 10  # of one report's many
_LONGEST: Final = 200  # characters of a part
_TYPE: Final = "csp-violation"


class NotAReport(RuleBroken):
    """This is no report of a browser as we know them."""


class Refusal(NamedTuple):
    """One thing that a browser did not do."""

    page: str  # path, without what stands behind it
    directive: str  # of the policy
    blocked: str  # origin and path, or a word such as "inline"


def read_reports(body: bytes) -> list[Refusal]:
    """Read a report in either form: ``report-uri``'s or the Reporting API's.

    Raises ``NotAReport``, whatever the bytes are.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAReport from error
    return list(_refusals(said))[:_AT_ONCE]


def write_down(refusals: list[Refusal]) -> None:
    """Write a line of the log for each; quoted, so that none can write a line of its own."""
    for each in refusals:
        log.warning("browser refused %r of %r on %r", each.directive, each.blocked, each.page)


def _refusals(said: Any) -> Iterator[Refusal]:
    if isinstance(said, Mapping) and isinstance(said.get("csp-report"), Mapping):
        old = said["csp-report"]
        directive = old.get("effective-directive") or old.get("violated-directive")
        yield _refusal(old.get("document-uri"), directive, old.get("blocked-uri"))
        return
    if not isinstance(said, list):
        raise NotAReport
    for each in said:
        body = each.get("body") if isinstance(each, Mapping) else None
        if not isinstance(body, Mapping) or not isinstance(each.get("type"), str):
            raise NotAReport
        if each["type"] == _TYPE:
            found = (body.get("documentURL"), body.get("effectiveDirective"))
            yield _refusal(*found, body.get("blockedURL"))


def _refusal(page: Any, directive: Any, blocked: Any) -> Refusal:
    texts = [each if isinstance(each, str) else "" for each in (page, directive, blocked)]
    try:
        here, there = urlsplit(texts[0]), urlsplit(texts[2])
    except ValueError as error:
        raise NotAReport from error
    origin = f"{there.scheme}://{there.netloc}" if there.netloc else there.scheme
    return Refusal(
        page=here.path[:_LONGEST],
        directive=texts[1][:_LONGEST],
        blocked=f"{origin}{there.path}"[:_LONGEST],
    )
