"""The API's page: Swagger UI from local files, with no script in the page itself."""

from html import escape
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

_FILES = Path(fastapi_offline.__file__).parent / "static"
_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{title}</title>
    <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/static-offline-docs/swagger-ui.css">
    <script defer src="/static-offline-docs/swagger-ui-bundle.js"></script>
    <script defer src="/static/docs.js"></script>
  </head>
  <body><div id="swagger-ui"></div></body>
</html>
"""


def install(app: FastAPI) -> None:
    """Serve `/docs` and the files it loads."""
    page = _PAGE.format(title=escape(app.title))
    app.mount("/static-offline-docs", StaticFiles(directory=_FILES), name="static-offline-docs")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page)
