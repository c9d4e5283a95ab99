"""Says in words what was done to a color so that everybody can read what is drawn with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from quittance.branding.colour import contrast, from_hex
from quittance.branding.palette import palette

_WHITE = "#ffffff"


@dataclass(frozen=True, slots=True)
class Repairs:
    """Contrasts on light pages (WCAG: 4.5 for text, 3 for edges), and what was changed."""

    button: float
    link: float
    edge: float
    sentences: list[str]


def repairs_of(accent: str) -> Repairs:
    """Return what became of ``accent`` (``#0b5563``)."""
    light = palette(accent.lower()).light
    sentences = []
    if light["on-accent"] != _WHITE:
        sentences.append(
            _("Button labels are dark, because white would be hard to read on this color.")
        )
    if light["accent"] != accent.lower():
        sentences.append(
            _("Buttons use %(color)s, a shade on which the label can be read.")
            % {"color": light["accent"]}
        )
    if light["accent-edge"] != light["accent"]:
        sentences.append(_("Buttons get an edge, because the color is pale on a white page."))
    if light["accent-ink"] != light["accent"]:
        sentences.append(
            _("Links use the darker shade %(color)s.") % {"color": light["accent-ink"]}
        )
    return Repairs(
        button=_ratio(light, "on-accent", "accent"),
        link=_ratio(light, "accent-ink", "surface"),
        edge=_ratio(light, "accent-edge", "surface"),
        sentences=sentences,
    )


def _ratio(colours: dict[str, str], one: str, other: str) -> float:
    return contrast(from_hex(colours[one]), from_hex(colours[other]))
