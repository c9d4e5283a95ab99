"""The control listener: what tests and demos do behind the API's back."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.business_central.database import Database


def application(database: Database) -> Starlette:
    """Make the application that answers on the control port."""

    def health(_request: Request) -> Response:
        with database.reading() as session:
            return JSONResponse(
                {"status": "ok", "company": session.value("SELECT name FROM company")}
            )

    return Starlette(routes=[Route("/health", health)])
