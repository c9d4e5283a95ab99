"""The smallest parts of a page: icon, amount, day, status, logo. Nobody writes them by hand."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.templatetags.static import static
from django.utils.translation import gettext
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from quittance.branding.look import Look
from quittance.core.money import Money
from quittance.ui import amounts, days
from quittance.ui.addresses import address
from quittance.ui.language import spoken
from quittance.ui.statuses import STATUSES

_DEFAULT_LOCALE = "en_US"


@lru_cache(maxsize=1024)
def icon(name: str, cls: str = "") -> Markup:
    """Return an icon of the sprite; it is decoration, the word stands beside it."""
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(
        f"icon {cls}".strip(), static("ui/icons.svg"), name
    )


@lru_cache(maxsize=1024)
def badge(text: str, symbol: str, tone: str, *, pill: bool = True) -> Markup:
    """Return a status in words of its own."""
    return Markup('<span class="status tone-{}{}">{}{}</span>').format(
        tone, " pill" if pill else "", icon(symbol), text
    )


def status(key: str, *, force: bool = False) -> Markup:
    """Return the word, icon and tone for ``key``; ``force`` fills it, as page heads do."""
    return _status(key, force, spoken())


@pass_context
def money(context: Context, amount: Money, *, hero: bool = False) -> Markup:
    """Return an amount; mixed currencies show their codes (``codes`` in the context)."""
    codes = bool(context.get("codes"))
    return _money(amount.minor, amount.currency, locale_of(context), codes, hero)


@pass_context
def money_text(context: Context, amount: Money) -> str:
    """Return an amount as plain text, for buttons and attributes."""
    return amounts.format_money(amount, locale_of(context), code=bool(context.get("codes")))


@pass_context
def with_amounts(context: Context, sentence: str) -> str:
    """Return one of our sentences with its amounts written as ``money`` writes them."""
    return amounts.with_amounts(sentence, locale_of(context), code=bool(context.get("codes")))


@pass_context
def day(context: Context, value: date, *, long: bool = False) -> Markup:
    """Return "Mar 15, 2026" with the day for machines."""
    return _day(value, locale_of(context), long)


@pass_context
def due_hint(context: Context, value: date) -> str:
    """Return "in 3 days" or "12 days late", counted from ``today`` in the context."""
    return days.due_hint(value, context["today"])


@pass_context
def clock(context: Context, value: datetime, *, seconds: bool = False) -> Markup:
    """Return "2:05 PM" in the page's time zone, with the moment for machines."""
    text = days.format_clock(value, locale_of(context), zone_of(context), seconds=seconds)
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)


@pass_context
def moment(context: Context, value: datetime, *, seconds: bool = False) -> Markup:
    """Return "Mar 15, 2026, 2:05 PM" in the page's time zone."""
    locale, zone = locale_of(context), zone_of(context)
    day_text = days.format_day(days.day_of(value, zone), locale)
    clock_text = days.format_clock(value, locale, zone, seconds=seconds)
    text = gettext("%(day)s, %(clock)s") % {"day": day_text, "clock": clock_text}
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)


@pass_context
def when(context: Context, value: date | datetime) -> Markup:
    """Return the time for a moment of today, the day and the time for another, a day for a day."""
    if not isinstance(value, datetime):
        return day(context, value)
    if days.day_of(value, zone_of(context)) == context["today"]:
        return clock(context, value)
    return moment(context, value)


@lru_cache(maxsize=1024)
def logo(look: Look) -> Markup:
    """Return the seller's logo, for light and for dark; without one, its name as a word mark."""
    if not look.logo_hash:
        first, _, rest = look.name.partition(" ")
        return Markup(
            '<span class="wordmark"><span class="mark" aria-hidden="true">{}</span>'
            "<span><strong>{}</strong> {}</span></span>"
        ).format(first[:1].upper(), first, rest)
    return logo_of(look, "light", "on-light") + logo_of(look, "dark", "on-dark")


def logo_of(look: Look, scheme: str, cls: str = "") -> Markup:
    """Return the logo for "light" or for "dark"; the look has one."""
    return Markup('<img class="{}" src="{}" alt="{}" width="{}" height="28">').format(
        cls,
        address("portal:logo", version=look.logo_hash, scheme=scheme),
        look.name,
        look.logo_width,
    )


def locale_of(context: Context) -> str:
    """Return the page's locale."""
    return str(context.get("locale") or _DEFAULT_LOCALE)


def zone_of(context: Context) -> str:
    """Return the page's time zone."""
    return str(context.get("zone") or "UTC")


@lru_cache(maxsize=1024)
def _status(key: str, force: bool, _language: str) -> Markup:
    found = STATUSES[key]
    return badge(gettext(found.word), found.icon, found.tone, pill=found.pill or force)


@lru_cache(maxsize=4096)  # rows repeat amounts and days, and Markup.format is slow
def _money(minor: int, currency: str, locale: str, code: bool, hero: bool) -> Markup:
    whole, cents = amounts.money_parts(Money(minor, currency), locale, code=code)
    if hero:
        cents = Markup('<span class="cents">{}</span>').format(cents)
    return Markup('<span class="money">{}{}</span>').format(whole, cents)


@lru_cache(maxsize=4096)
def _day(value: date, locale: str, long: bool) -> Markup:
    text = days.format_long_day(value, locale) if long else days.format_day(value, locale)
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)
