"""``quittance sync``: catches up with the ERPs now, compares all, or says how the mirror stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import connections

from quittance.connections.models import ErpConnection
from quittance.core import clock
from quittance.core.errors import OutsideError
from quittance.project.sync_words import lines_of, progress_line, result_line
from quittance.receivables.compare import compare
from quittance.receivables.pages import ReadElsewhere
from quittance.receivables.pull import pull_changes
from quittance.receivables.state import progress_of, state_of
from quittance.tenancy.hosts import organization_ids
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for

_ACTOR: Final = "operator"
_LOOK_SECONDS: Final = 2.0
_TRIES: Final = 90  # while another process reads the same: three minutes
Line = tuple[int, str]


def sync(
    *,
    organizations: Collection[UUID] = (),
    entities: Collection[str] = (),
    full: bool = False,
    believe_deletions: bool = False,
) -> Iterator[Line]:
    """Catch up with every ERP, with ``full`` compare all of it; yield lines, and 1 for a failure.

    ``entities`` are ids or names of legal entities. What was broken off goes on.
    """
    for entity in _chosen(organizations, entities):
        yield 0, f"\n{entity.name}"
        yield from _followed(entity.pk, partial(pull_changes, entity.pk))
        if full:
            act = partial(compare, entity.pk, believe_deletions=believe_deletions)
            yield from _followed(entity.pk, act)
        with reading():
            state = state_of(entity.pk)
        yield from result_line(state, compared=full)


def status(
    *, organizations: Collection[UUID] = (), entities: Collection[str] = ()
) -> Iterator[Line]:
    """Yield how the mirror of each legal entity stands, with 1 for what is not as it should be."""
    for entity in _chosen(organizations, entities):
        yield 0, f"\n{entity.name} ({entity.pk})"
        with reading():
            state = state_of(entity.pk)
        yield from lines_of(state, now=clock.now())


def _chosen(organizations: Collection[UUID], entities: Collection[str]) -> Iterator[LegalEntity]:
    """Enter the scope of each connected legal entity in turn."""
    for organization_id in organization_ids():
        if organizations and organization_id not in organizations:
            continue
        with working_for(organization_id, actor=_ACTOR):
            with reading():
                connected = ErpConnection.objects.filter(is_active=True).values("legal_entity_id")
                found = list(LegalEntity.objects.filter(pk__in=connected).order_by("name"))
            for entity in found:
                if not entities or {str(entity.pk), entity.name} & set(entities):
                    yield entity


def _followed(legal_entity_id: UUID, act: Callable[[], object]) -> Iterator[Line]:
    """Run it beside us and yield how far it is, as the database has it."""
    began = clock.now()
    for again in (True, True, False):
        before = _records(legal_entity_id)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(copy_context().run, _patiently, act)
            while not _is_done(running):
                with reading():
                    progress = progress_of(legal_entity_id)
                if progress and not progress.broken_off:
                    yield 0, progress_line(progress, seconds=_since(began))
        try:
            running.result()
        except OutsideError as error:
            if not again or _records(legal_entity_id) <= before:
                yield 1, f"  not read: {error}"
                return
            yield 0, f"  broke off ({error}), goes on"
        else:
            return


def _records(legal_entity_id: UUID) -> int:
    """Return how far the long reading is that is under way; a try that gets further is no loss."""
    with reading():
        progress = progress_of(legal_entity_id)
    return progress.records if progress else 0


def _patiently(act: Callable[[], object]) -> None:
    """Where a worker reads the same at the moment, wait for it: then there is little left to do."""
    try:
        for tries in range(_TRIES):
            try:
                act()
            except ReadElsewhere:
                if tries == _TRIES - 1:
                    raise
                time.sleep(_LOOK_SECONDS)
            else:
                return
    finally:
        connections.close_all()  # this thread's own


def _is_done(running: Future[None]) -> bool:
    try:
        running.exception(timeout=_LOOK_SECONDS)
    except TimeoutError:
        return False
    return True


def _since(began: datetime) -> float:
    return (clock.now() - began).total_seconds()
