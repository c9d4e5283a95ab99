"""Looks at a page as people of all kinds do: by axe, in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 860}
PHONES = (390, 320)
LOOKS = {
    "wide and light": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"},
    "wide and dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
    "phone of 320 px": {
        "viewport": {"width": 320, "height": 640}, "color_scheme": "light", "has_touch": True,
    },
}  # fmt: skip
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# A change of colours may stay "running" for ever where the browser draws no more frames.
_STILL = """document.getAnimations()
    .filter((each) => each.effect.getComputedTiming().endTime < Infinity)
    .forEach((each) => each.finish())"""
_COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}


@contextmanager
def complaints(page: Page, found: list[str]) -> Iterator[None]:
    """Collect what the browser complains of: broken policy, missing files, faults of a script."""
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            found.append(f"{page.url}: {said.text}")
            if said.type in {"error", "warning"} and "status of 404" not in said.text
            else None
        ),
    )
    yield


def visit(page: Page, found: list[str], address: str) -> None:
    page.goto(address)
    look_at(page, found)


def look_at(page: Page, found: list[str]) -> None:
    page.evaluate(_STILL)
    results = Axe().run(page, options=_RULES).response
    found += [
        f"{page.url}: {each['id']}: {node['html'][:200]}"
        for each in results["violations"]
        for node in each["nodes"]
    ]
    too_wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if too_wide:
        found.append(f"{page.url}: {too_wide} px too wide")


def look_in_every_way(page: Page, found: list[str], address: str) -> None:
    """Light, dark and narrow, without loading the page again."""
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.goto(address)
    look_at(page, found)
    look_in_the_dark(page, found)
    for width in PHONES:
        page.set_viewport_size({"width": width, "height": 860})
        found += [f"{page.url} {width}: {words}" for words in what_sticks_out(page)]


def look_everywhere(page: Page, found: list[str], address: str) -> None:
    """Look at one page in every way without loading it again."""
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.goto(address)
    look_at(page, found)
    look_in_the_dark(page, found)
    for direction in ("ltr", "rtl"):
        page.evaluate("dir => document.documentElement.dir = dir", direction)
        for width in (WIDE["width"], *PHONES):
            page.set_viewport_size({"width": width, "height": 860})
            found += [f"{page.url} {direction} {width}: {words}" for words in what_sticks_out(page)]
    page.evaluate("document.documentElement.lang = 'ar'")
    look_at(page, found)


def look_in_the_dark(page: Page, found: list[str]) -> None:
    """Only what colours can change is looked at once more, by the axe that looked in the light."""
    page.emulate_media(color_scheme="dark")
    page.evaluate(_STILL)
    dark = page.evaluate("async (options) => (await axe.run(options)).violations", _COLOURS)
    found += [f"{page.url} dark: {node['html'][:200]}" for each in dark for node in each["nodes"]]


def what_sticks_out(page: Page) -> list[str]:
    """The page may not scroll sideways, and no amount may be cut off where nothing scrolls."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => {
          const root = document.documentElement, wide = root.scrollWidth - root.clientWidth;
          const cut = [...document.querySelectorAll(".money")].filter((money) => {
            if (!money.offsetParent || money.closest(".vh")) return false;
            const box = money.getBoundingClientRect();
            for (let up = money.parentElement; up; up = up.parentElement) {
              const style = getComputedStyle(up), frame = up.getBoundingClientRect();
              if (["auto", "scroll"].includes(style.overflowX)) return false;
              if (style.overflowX !== "visible" && box.width
                  && (box.right > frame.right + 1 || box.left < frame.left - 1)) return true;
            }
            return false;
          });
          return [...(wide > 0 ? [`${wide} px too wide`] : []),
                  ...cut.map((money) => `cut off: ${money.innerText}`)];
        }"""
    )
