"""A Chromium that Playwright drives, for as long as some tests need it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

# Of several such lists the last counts, so first what Playwright turns off itself; then pages that
# a Chromium with windows keeps behind each address bar, which cost as much as the one in front.
_WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades"
    ",HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding"
    ",ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints"
    ",NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
    ",WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"
    ",SpareRendererForSitePerProcess"  # a process in wait for each profile, which none comes to use
)
_QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    f" --disable-component-update --disable-sync --disable-features={_WITHOUT}"
)


@contextmanager
def a_chromium(path: str | None) -> Iterator[Browser]:
    """Start one and end it.

    Meanwhile Playwright runs a loop in this thread: no test can run a loop of its own, and there
    can be no second Chromium. So let it end with the tests of one folder, not with the run.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Our own calls of the database do not await in that loop.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET.split())
        yield browser
        browser.close()
