"""A brand becomes one style sheet that may be kept for ever."""

from __future__ import annotations

from dataclasses import dataclass, replace

from quittance.branding.theme import (
    css_variables,
    css_within,
    fingerprint,
    icon,
    icon_fingerprint,
)


@dataclass(frozen=True)
class Brand:
    accent: str = "#0b5563"
    radius: int = 8
    font: str = "inter"
    header: str = "plain"


def test_the_style_sheet_sets_each_token_for_both_schemes() -> None:
    sheet = css_variables(Brand())

    assert "--accent: light-dark(#0b5563, #6dc6db);" in sheet
    assert "--radius: 8px;" in sheet
    assert '--font: "Inter Variable"' in sheet


def test_another_setting_has_another_fingerprint() -> None:
    brand = Brand()
    others = [
        replace(brand, accent="#0b5564"),
        replace(brand, radius=0),
        replace(brand, font="plex"),
        replace(brand, header="ink"),
    ]

    assert len({fingerprint(each) for each in [brand, *others]}) == 5


def test_the_same_accent_in_capitals_is_the_same_brand() -> None:
    assert fingerprint(Brand(accent="#0B5563")) == fingerprint(Brand())


def test_a_dark_header_darkens_the_panel() -> None:
    assert "--side-bg: #1b1b1b;" in css_variables(Brand(header="ink"))


def test_a_preview_reckons_anew_what_the_page_had_reckoned_at_its_root() -> None:
    sheet = css_within(Brand(radius=2), ".preview")

    assert sheet.startswith(".preview {")
    assert ":root" not in sheet
    assert "--r-md: var(--radius);" in sheet


def test_the_icon_is_the_first_letter_and_cannot_break_out() -> None:
    assert ">N</text>" in icon("northwind", "#0b5563")
    assert ">&lt;</text>" in icon("<script>", "#0b5563")
    assert icon_fingerprint("A", "#0b5563") != icon_fingerprint("B", "#0b5563")
