"""What the pages of the sandboxes share: how templates are read, and the style sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import jinja2
from starlette.requests import Request
from starlette.responses import FileResponse, Response

CSS: Final = Path(__file__).parent / "static" / "page.css"


def templates(folder: Path) -> jinja2.Environment:
    """Return the templates of a folder; a name that is missing is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


async def css(_request: Request) -> Response:
    """Answer with the style sheet."""
    return FileResponse(CSS, headers={"Cache-Control": "max-age=300"})
