"""Django with nothing switched on but the database and Jinja2."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

_address = urlsplit(os.environ["BENCH_DATABASE_URL"])

SECRET_KEY = os.environ["QUITTANCE_SECRET_KEY"]  # to read the same session
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.sessions"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.reference.urls"
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(_address.path[1:]),
        "USER": _address.username,
        "PASSWORD": _address.password,
        "HOST": _address.hostname,
        "PORT": str(_address.port),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **dict(parse_qsl(_address.query)),
            "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
        },
    }
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "DIRS": [str(Path(__file__).parent / "templates")],
        "OPTIONS": {"autoescape": True},
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
