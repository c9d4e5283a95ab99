"""The web server's way in."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from quittance.project.declared import refuse_undeclared
from quittance.ui.catalogs import load_all

application = get_wsgi_application()
refuse_undeclared()
load_all()
