"""The style, the scripts and the mark of all pages: files of this package, each under a route of its own."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from streams.web.problems import Problem

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FILES: Final = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
TAGS: Final = {name: f'"{sha256(data).hexdigest()[:16]}"' for name, data in FILES.items()}

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
async def static_file(name: str, request: Request) -> Response:
    """Return a file; browsers keep it and ask whether it is still the same."""
    data = FILES.get(name)
    if data is None:
        raise Problem(404, "There is no such file.")
    headers = {"ETag": TAGS[name], "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == TAGS[name]:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=TYPES[Path(name).suffix], headers=headers)
