"""What rulings say of rules, and the audit log."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from streams.store import auditing, precision
from streams.web.pages_template import rendered
from streams.web.parts import Given
from streams.web.problems import Problem
from streams.web.signed import SignedIn
from streams.web.view_audit import audit_view, chain_of, digests_of, number_of
from streams.web.view_rules import rules_view

RECORDS: Final = 100

router = APIRouter(include_in_schema=False)


@router.get("/rules")
def rules_page(request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return the precision of each rule, as rulings in scope have it."""
    with given.database.reading() as connection:
        found = precision.of_rules(connection, signed.scope)
    return rendered(request, "rules.html", "rules", rules_view(found), signed)


@router.get("/audit")
def audit_page(request: Request, given: Given, signed: SignedIn) -> HTMLResponse:
    """Return the audit log, the newest first, for who may read all of it."""
    if not signed.may_everywhere("audit"):
        raise Problem(403, "The log tells of all content: it takes the right `audit` over all of it.")
    chain = chain_of(request.query_params.get("chain"))
    before = number_of(request.query_params.get("before"))
    with given.database.reading() as connection:
        found = auditing.newest(connection, chain, RECORDS + 1, before)
        texts = {mark: text for mark, (_, text) in auditing.texts(connection, digests_of(found)).items()}
    view = audit_view(chain, found[:RECORDS], texts, more=len(found) > RECORDS)
    return rendered(request, "audit.html", "audit", view, signed)
