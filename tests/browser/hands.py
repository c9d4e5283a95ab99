"""Two ways to use a page: with a pointer or finger, and with the keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tests.browser.test_road import press_until

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Hands(Protocol):
    """What a person does on a page; ``selector`` is CSS, for the first that can be seen."""

    page: Page

    def press(self, selector: str) -> None:
        """Use a button or a link."""

    def tick(self, selector: str) -> None:
        """Choose a box or one of several."""

    def write(self, selector: str, text: str) -> None:
        """Put text in the place of what a field holds."""


class Pointer:
    """A mouse, or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str) -> None:
        """Click it."""
        self.page.locator(f"{selector}:visible").first.click()

    def tick(self, selector: str) -> None:
        """Click it."""
        self.page.check(selector)

    def write(self, selector: str, text: str) -> None:
        """Type into it."""
        self.page.fill(selector, text)


class Keyboard:
    """Tab, Space, Enter and letters: what has no visible focus cannot be used."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, selector: str) -> None:
        """Tab to it and press Enter."""
        self._go(selector)
        self.page.keyboard.press("Enter")

    def tick(self, selector: str) -> None:
        """Tab to it, among several by the arrows, and press Space."""
        found = self.page.locator(selector).first
        if found.get_attribute("type") == "radio":
            self._go(f"[name='{found.get_attribute('name')}']")
            if not self._is_at(selector):
                press_until(self.page, selector, "ArrowDown")
        else:
            self._go(selector)
        if not self.page.evaluate("document.activeElement.checked"):
            self.page.keyboard.press("Space")

    def write(self, selector: str, text: str) -> None:
        """Tab to it and type."""
        self._go(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def _is_at(self, selector: str) -> bool:
        at = self.page.evaluate("selector => document.activeElement.matches(selector)", selector)
        return bool(at)

    def _go(self, selector: str) -> None:
        self.page.locator(selector).first.wait_for(state="attached")
        press_until(self.page, selector, "Tab")
