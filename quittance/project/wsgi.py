"""The web server's way in."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application


def _ready() -> WSGIHandler:
    """Start Django, and only then name what has models; no visitor comes before all is ready."""
    made = get_wsgi_application()

    from quittance.project.declared import refuse_undeclared
    from quittance.ui.catalogs import load_all

    refuse_undeclared()
    load_all()
    return made


application = _ready()
