"""What people call the browser that they use."""

from __future__ import annotations

import re
from typing import Final

_SYSTEMS: Final = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "Linux")
_BROWSERS: Final = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_CALLED: Final = {"Edg": "Edge", "OPR": "Opera", "Mac OS": "macOS"}


def browser_name(said: str) -> str:
    """Return "Firefox, Windows" of what a browser calls itself; "" for one that we do not know.

    Of two names the first counts.
    """
    found = [
        next((each for each in names if re.search(rf"\b{each}\b", said)), "")
        for names in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(_CALLED.get(each, each) for each in found if each)
