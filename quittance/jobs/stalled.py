"""Puts back what a worker was doing when it died."""

from __future__ import annotations

from typing import Final

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

# Source: reliability.md, R10: what a worker did goes on at most ten seconds after it died.
HEARTBEAT_SECONDS: Final = 2.0
DEAD_AFTER_SECONDS: Final = 8.0  # four heartbeats missed


@app.periodic(cron="* * * * * */2")
@app.task(queue="housekeeping", name="jobs.put_back", pass_context=False)
async def put_back(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Queue the jobs of dead workers again. So every job may run twice, and is written for it.

    Until then such a job counts as running and keeps its lock, so nobody else would do its work.
    """
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS)
    for job in stalled:
        await _put_back(job)


async def _put_back(job: Job) -> None:
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        # The same work waits in line already; the dead one only has to let go of its lock.
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
