"""The authorize endpoint: what an administrator is asked, and how the browser goes back. Source: section 1.2."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.quickbooks.standin.authorize_page import choice_page, refusal_page
from adapters.quickbooks.standin.grants import OF_THE_COMPANY, OPENID, SCOPES
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.replies import Reply

DECISIONS = ("approve", "deny")


def asked_for_consent(office: Office, asked: dict[str, str], *, by_form: bool) -> Reply:
    """To the redirect address with a code or an error; to a page when there is no address that may be trusted.

    `by_form`: the page's own form was sent, which brings `decision` and `realm`. Otherwise the switch decides, or says
    that a person is to be asked.
    """
    if asked.get("client_id") != office.grants.client_id:
        return refusal_page("The client_id is not that of a registered app.")
    refusal = office.grants.redirect_refusal(asked.get("redirect_uri", ""))
    if refusal:
        return refusal_page(refusal)
    if not asked.get("state"):
        return refusal_page("The state parameter is missing.")
    if asked.get("response_type") != "code":
        return _back(asked, error="unsupported_response_type")
    scopes = frozenset(asked.get("scope", "").split())
    if not scopes <= SCOPES or not scopes & (OF_THE_COMPANY | {OPENID}):
        return _back(asked, error="invalid_scope")
    decision = asked.get("decision", "") if by_form else ""
    if decision not in DECISIONS:
        decision = office.switches.authorize
    chosen = (asked.get("realm") if by_form else "") or office.switches.authorize_realm
    if decision == "ask":
        names = {realm: one.all("CompanyInfo")[0].wire["CompanyName"] for realm, one in office.companies.items()}
        return choice_page(asked, scopes, names if scopes & OF_THE_COMPANY else {}, chosen)
    if decision == "deny":
        return _back(asked, error="access_denied")
    return _approved(office, asked, scopes, chosen)


def _approved(office: Office, asked: dict[str, str], scopes: frozenset[str], chosen: str) -> Reply:
    """A code; with the company's id when the app asked for a company, and not only for the person."""
    uri = asked["redirect_uri"]
    if not scopes & OF_THE_COMPANY:
        return _back(asked, code=office.grants.new_code("", uri, scopes))
    company = office.companies.get(chosen or next(iter(office.companies)))
    if company is None:
        return refusal_page("There is no such company.")
    if not company.standing.administrator:
        reason = "Only an administrator of the company can connect an app"
        return _back(asked, error="access_denied", error_description=reason)
    return _back(asked, code=office.grants.new_code(company.realm, uri, scopes), realmId=company.realm)


def _back(asked: dict[str, str], **answer: str) -> Reply:
    uri = asked["redirect_uri"]
    query = urlencode({**answer, "state": asked["state"]})
    return Reply(302, b"", "text/html", {"Location": f"{uri}{'&' if '?' in uri else '?'}{query}"})
