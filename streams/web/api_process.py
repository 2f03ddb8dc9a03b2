"""What machines ask: does it live, is it ready, its metrics, its OpenAPI document."""

from typing import Final

from fastapi import APIRouter
from prometheus_client import generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from streams.web import openapi
from streams.web.parts import Given
from streams.web.problems import Problem, documented

EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["process"])


@router.get("/healthz", response_class=PlainTextResponse, operation_id="healthz")
async def healthz() -> str:
    """Say that the process answers."""
    return "ok\n"


@router.get("/readyz", response_class=PlainTextResponse, operation_id="readyz", responses=documented(503))
async def readyz(given: Given) -> str:
    """Say that every part of the process works."""
    if not given.ready():
        raise Problem(503, "Not ready: /metrics and the log say what is wrong.", code="not_ready")
    return "ready\n"


@router.get("/metrics", response_class=PlainTextResponse, operation_id="metrics")
def metrics(given: Given) -> Response:
    """Return the metrics as Prometheus reads them."""
    return Response(generate_latest(given.metrics.registry), media_type=EXPOSITION)


@router.get("/api/openapi.json", include_in_schema=False)
def openapi_json(request: Request) -> JSONResponse:
    """Return the OpenAPI document of the API."""
    return JSONResponse(openapi.documented(request.app))
