"""The one template environment, for pages, parts and mails."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.templatetags.static import static
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from quittance.ui import amounts, marks, tone
from quittance.ui.addresses import address
from quittance.ui.escaping import Compiled
from quittance.ui.language import word


def environment(**options: Any) -> Environment:
    """Return Jinja2 with our words: what is not in the context is an error, not an empty place."""
    options["undefined"] = StrictUndefined
    options["loader"] = FileSystemLoader(
        [
            f"{app.path}/templates"
            for app in apps.get_app_configs()
            if app.name.startswith("quittance.")
        ]
    )
    env = Environment(
        autoescape=options.pop("autoescape", True),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        **options,
    )
    env.code_generator_class = Compiled
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals["_"] = _words_of(env.globals["gettext"])
    env.globals |= {
        "static": static,
        "url": address,
        "icon": marks.icon,
        "badge": marks.badge,
        "status": marks.status,
        "logo": marks.logo,
        "logo_of": marks.logo_of,
        "money": marks.money,
        "in_tone": tone.in_tone,
        "currency_name": amounts.currency_name,
        "currency_symbol": amounts.currency_symbol,
    }
    env.filters |= {
        "money": marks.money,
        "status": marks.status,
        "money_text": marks.money_text,
        "with_amounts": marks.with_amounts,
        "day": marks.day,
        "due_hint": marks.due_hint,
        "clock": marks.clock,
        "moment": marks.moment,
        "when": marks.when,
    }
    return env


def _words_of(with_values: Any) -> Callable[..., str]:
    """Return "_": Jinja's own ``with_values``, but words without values are looked up once.

    A page says some fifty of them, and to treat each as a pattern costs more than to find it.
    """

    @pass_context
    def words(context: Context, text: str, **values: object) -> str:
        if values or not context.eval_ctx.autoescape:
            said: str = with_values(context, text, **values)
            return said
        return _plain_words(word(text))

    return words


@lru_cache(maxsize=4096)
def _plain_words(said: str) -> Markup:
    return Markup(said) % {}  # noqa: S704 - our own words, as Jinja's extension has them
