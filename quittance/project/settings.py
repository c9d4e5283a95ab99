"""Every setting; the only module that asks the environment."""

from __future__ import annotations

import os
from typing import Any

from quittance.project.environment import (
    env_database,
    env_flag,
    env_secret,
    env_servers,
    env_text,
    env_whole,
)

DEBUG = False
SECRET_KEY = env_secret("QUITTANCE_SECRET_KEY", at_least=50)
SEAL_KEY = env_secret("QUITTANCE_SEAL_KEY", at_least=32)  # opens what tenancy/seal.py sealed
SEAL_KEY_BEFORE = env_secret("QUITTANCE_SEAL_KEY_BEFORE", at_least=32, required=False)
ALLOWED_HOSTS = ["*"]  # tenancy/hosts.py answers only for hosts in its table
HTTPS_ONLY = env_flag("QUITTANCE_HTTPS", default=True)
PUBLIC_PORT = env_text("QUITTANCE_PUBLIC_PORT", "")  # when it is not the scheme's own
PRIVATE_ADDRESSES = env_flag("QUITTANCE_PRIVATE_ADDRESSES")  # connections/reach.py asks
DNS_SERVERS = env_servers("QUITTANCE_DNS_SERVERS")  # none: those that this machine knows
TRUSTED_PROXIES = env_whole("QUITTANCE_TRUSTED_PROXIES", 0)
METRICS_TOKEN = env_secret("QUITTANCE_METRICS_TOKEN", at_least=32, required=False)
DRAINING_FILE = env_text("QUITTANCE_DRAINING_FILE", "")  # while it is there, /ready says no

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "django_htmx",
    "quittance.tenancy",
    "quittance.audit",
    "quittance.identity",
    "quittance.branding",
    "quittance.ui",
    "quittance.ledger",
    "quittance.connections",
    "quittance.notifications",
    "quittance.evidence",
    "quittance.receivables",
    "quittance.posting",
    "quittance.wallet",
    "quittance.disputes",
    "quittance.einvoices",
    "quittance.exports",
    "quittance.privacy",
    "quittance.payments",
    "quittance.reconciliation",
    "quittance.transfers",
    "quittance.paylinks",
    "quittance.sso",
    "quittance.invitations",
    "quittance.arrivals",
    "quittance.visits",
    "quittance.approvals",
    "quittance.confirmations",
    "quittance.portal",
    "quittance.backoffice",
]

MIDDLEWARE = [
    "quittance.project.headers.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "quittance.tenancy.caller.origin_for_the_audit",
    "quittance.vitals.door.watching",
    "quittance.project.log_lines.request_line",
    "quittance.tenancy.hosts.organization_of_host",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "quittance.ui.bodies.BodyLimit",
    "quittance.project.other_sites.OtherSites",
    "django.middleware.csrf.CsrfViewMiddleware",
    "quittance.ui.card_numbers.NoCardNumbers",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "quittance.project.urls"
WSGI_APPLICATION = "quittance.project.wsgi.application"

DATABASES: dict[str, dict[str, Any]] = {
    "default": env_database("DATABASE_URL", pool=env_flag("QUITTANCE_POOL"))
}
if "DATABASE_OWNER_URL" in os.environ:  # only `quittance migrate` gets it
    DATABASES["owner"] = env_database("DATABASE_OWNER_URL", pool=False)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "DIRS": [],
        "OPTIONS": {"environment": "quittance.ui.jinja.environment"},
    }
]

SESSION_ENGINE = "quittance.identity.sessions"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS_ONLY else "session"
SESSION_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS_ONLY else "csrf"
CSRF_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_HTTPONLY = True
VISIT_COOKIE_NAME = "__Host-visit" if HTTPS_ONLY else "visit"  # of who looks as a customer
CSRF_FAILURE_VIEW = "quittance.ui.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# What Django misses are middlewares of its own: quittance/project/headers.py says all that they do.
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
APPEND_SLASH = False

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

SCANNER = env_text("QUITTANCE_SCANNER", "")  # of what people send; see scanning/scan.py

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = env_text("QUITTANCE_STATIC_ROOT", "var/static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

EMAIL_BACKEND = (
    "django.core.mail.backends.filebased.EmailBackend"
    if "QUITTANCE_MAIL_FOLDER" in os.environ
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_FILE_PATH = env_text("QUITTANCE_MAIL_FOLDER", "")
EMAIL_HOST = env_text("QUITTANCE_MAIL_HOST", "localhost")
EMAIL_PORT = env_whole("QUITTANCE_MAIL_PORT", 25)
EMAIL_TIMEOUT = 20
MAIL_FROM = env_text("QUITTANCE_MAIL_FROM", "")  # "": the organization's contact address
DKIM_SELECTOR = env_text("QUITTANCE_DKIM_SELECTOR", "")  # of the mail server's signatures

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = [
    "quittance.jobs.stalled",
    "quittance.jobs.domains",
    "quittance.payment_page.jobs",
]

LOG_FORMAT = env_text("QUITTANCE_LOG_FORMAT", "line")  # or "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "quittance.project.log_lines.Line",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"class": "quittance.project.log_lines.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env_text("QUITTANCE_LOG_LEVEL", "INFO")},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "quittance.request": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
    },
}
