"""Lets a balancer look away from a web server before it ends."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Any, Final

from django.conf import settings

VARIABLE: Final = "QUITTANCE_DRAINING_FILE"


def draining(server: type[Any], *, seconds: float) -> type[Any]:
    """Return ``server``, which after a first signal goes on for ``seconds`` while /ready says no.

    All its processes know it by a file that is there meanwhile. A second signal ends it at once.
    """
    file = Path(settings.DRAINING_FILE or tempfile.mkdtemp(prefix="quittance-") + "/draining")
    # For the processes that it starts: some begin as a copy of this one, some read it anew.
    os.environ[VARIABLE] = settings.DRAINING_FILE = str(file)

    class Draining(server):  # type: ignore[misc]
        def signal_handler_interrupt(self, *_told: object) -> None:
            end = super().signal_handler_interrupt
            if file.exists():
                end()
                return
            file.touch()
            timer = threading.Timer(seconds, end)
            timer.daemon = True
            timer.start()

        def shutdown(self, exit_code: int = 0) -> None:
            try:
                super().shutdown(exit_code)
            finally:
                file.unlink(missing_ok=True)

    return Draining
