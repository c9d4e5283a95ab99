"""The web server's way in."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from quittance.ui.catalogs import load_all

application = get_wsgi_application()
load_all()
