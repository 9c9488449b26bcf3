"""The token of the integration user, and the sales reps it sees. Source: WizCommerce reference, sections 1.2, 1.5."""

from __future__ import annotations

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.answers import Refusal
from adapters.wizcommerce.standin.checks import checked, choice, text
from adapters.wizcommerce.standin.desk import Ask, Desk
from adapters.wizcommerce.standin.listing import Listing, page_of, understood
from adapters.wizcommerce.standin.moments import write_moment
from adapters.wizcommerce.standin.records import Record
from adapters.wizcommerce.standin.shapes import TOKEN_REQUEST
from adapters.wizcommerce.standin.tokens import USER_ID

SALES_REPS = Listing(
    sort_by={name: name for name in ("created_at", "updated_at", "first_name", "last_name")},
    filters={"email": text(), "status": choice("active", "inactive")},
)


def create_token(desk: Desk, ask: Ask) -> Response:
    """POST /auth/token: not wrapped in `data`. Source: reference, section 1.2."""
    body = checked(ask.json(), TOKEN_REQUEST)
    if not desk.tokens.knows(body["email"], body["password"]):
        raise Refusal(401, "The email or the password is wrong.")
    token, lapses_at = desk.tokens.issue(desk.now(), ends_old=desk.switches.a40_new_token_ends_old)
    number = desk.records.next_number("token")
    return json_response(
        {
            "token_id": f"token_{number}",
            "token_type": "Bearer",
            "expires_at": write_moment(lapses_at),
            "user": {
                "id": USER_ID,
                "email": desk.tokens.email,
                "first_name": "Integration",
                "last_name": "User",
                "tenant_id": desk.records.tenant["id"],
            },
            "access_token": token,
        }
    )


def list_sales_reps(desk: Desk, ask: Ask) -> Response:
    """GET /v1/sales-reps: without what only the nested form carries."""
    asked = understood(ask.query, SALES_REPS)
    rows = [
        one
        for one in desk.records.sales_reps.values()
        if all(one[name] == asked.filters[name] for name in ("email", "status") if name in asked.filters)
    ]
    return json_response(page_of(rows, asked, lambda one: desk.shown(_row(one)), desk.switches))


def _row(rep: Record) -> Record:
    nested_only = ("phone", "department", "created_by", "updated_by")
    return {name: value for name, value in rep.items() if name not in nested_only}
