"""Says that a job is over until the database has heard it."""

from __future__ import annotations

import asyncio
from typing import Final

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg.errors import RaiseException

_WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds; a longer absence takes the worker down


class PatientManager(JobManager):
    """Tries again when the word that a job is over is lost.

    The worker itself would go on without it, and its heart would beat: so the job would count as
    running, and keep its lock, for as long as this worker lives.
    """

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """See ``JobManager.finish_job``. Raises ``ConnectorException`` when nobody listens."""
        for wait in _WAITS:
            try:
                return await super().finish_job(job, status, delete_job)
            except ConnectorException as error:
                if isinstance(error.__cause__, RaiseException):
                    return None  # it is over already: only the answer was lost
                await asyncio.sleep(wait)
        return await super().finish_job(job, status, delete_job)
