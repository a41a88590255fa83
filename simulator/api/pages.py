"""The phone page: plain files, served as they are; nothing comes from outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

FOLDER: Final = Path(__file__).resolve().parents[1] / "phone"
FILES: Final = {
    "/": "phone.html",
    "/phone.css": "phone.css",
    "/phone.js": "phone.js",
    "/phone.svg": "phone.svg",
}
# The page may load only what we serve, and nobody may frame it.
POLICY: Final = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def routes() -> list[web.RouteDef]:
    """What to mount."""
    return [web.get(path, _file(FOLDER / name)) for path, name in FILES.items()]


def _file(path: Path) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
    async def serve(_request: web.Request) -> web.FileResponse:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(path, headers=headers)

    return serve
