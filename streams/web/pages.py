"""All pages: their routers, in the order in which paths are tried."""

from typing import Final

from fastapi import APIRouter

from streams.web import pages_accounts, pages_item, pages_log, pages_queue, pages_static, pages_user

ROUTERS: Final[tuple[APIRouter, ...]] = (
    pages_static.router,
    pages_queue.router,
    pages_item.router,
    pages_user.router,
    pages_log.router,
    pages_accounts.router,
)
