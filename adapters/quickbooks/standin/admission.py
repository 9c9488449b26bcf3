"""Who calls, and whether the company lets this app in now. Source: QuickBooks reference, sections 1.7 and 6."""

from __future__ import annotations

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.errand import Errand
from adapters.quickbooks.standin.grants import ACCOUNTING, Chain, Grants
from adapters.quickbooks.standin.office import Office


def bearer(grants: Grants, authorization: str) -> Chain:
    """The chain that the token in an Authorization header belongs to. Raises GatewayFault 401."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise refusals.unauthenticated("Missing bearer token")
    return grants.chain_of(token.strip(), refusals.unauthenticated)


def admitted(office: Office, errand: Errand) -> Company:
    """The company a request is about. Raises GatewayFault 401 or 403, Fault 120, 140, 150, 5020 or 10200."""
    chain = bearer(office.grants, errand.authorization)
    company = office.companies.get(errand.realm)
    known = company is not None and chain.realm == errand.realm and ACCOUNTING in chain.scopes
    if company is None or not known or not company.standing.administrator:
        raise refusals.not_authorised()
    if not company.standing.has_api_plan:
        code, _, status = office.switches.plan_refusal.partition("-")
        raise refusals.no_access(code, int(status or 400))
    if company.standing.locked:
        raise refusals.company_locked()
    if company.standing.in_maintenance:
        raise refusals.company_in_maintenance()
    if company.standing.was_reset:
        raise refusals.company_was_reset()
    return company
