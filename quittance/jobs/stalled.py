"""Puts back what a worker was doing when it died."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="* * * * * */20")
@app.task(queue="housekeeping", name="jobs.put_back", pass_context=False)
async def put_back(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Queue the jobs of dead workers again. So every job may run twice, and is written for it."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=30):
        await manager.retry_job(job)
