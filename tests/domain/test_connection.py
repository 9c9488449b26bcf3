"""A connection: what its events add up to."""

from datetime import timedelta
from typing import Any

import pytest

from engine.domain.connection import Connection, evolve_connection, no_connection
from engine.domain.events import (
    CompanyObserved,
    ConnectionOpened,
    ConsentEnded,
    ConsentGranted,
    ConsentLapsing,
    ConsentRefused,
    ConsentRegained,
    Event,
    PushPaused,
    PushResumed,
    PushStarted,
    TenantAccessEnded,
    TenantJoined,
    TenantTokenLapsing,
)
from tests.wholesale import FACTS, NOON, recorded

HOME = "connection-acme"
LATER = NOON + timedelta(days=100)
GRANTED = ConsentGranted(company="Green Wholesale", refresh_expires_at=LATER)
ENDED = ConsentEnded(reason="revoked")


def after(*events: Event) -> Connection:
    connection = no_connection(HOME)
    for version, event in enumerate(events, start=1):
        connection = evolve_connection(connection, recorded(HOME, version, event))
    return connection


@pytest.mark.parametrize(
    ("events", "fields"),
    [
        ((), {"opened": False, "quickbooks": "new", "wizcommerce": "new", "push_from": None, "version": 0}),
        ((ConnectionOpened(),), {"opened": True, "quickbooks": "new", "version": 1}),
        ((TenantJoined(tenant="t", expires_at=LATER),), {"wizcommerce": "open", "token_expires_at": LATER}),
        ((TenantJoined(tenant="t"), TenantAccessEnded(reason="no")), {"wizcommerce": "ended", "ended_because": "no"}),
        ((GRANTED,), {"quickbooks": "open", "company": "Green Wholesale", "refresh_expires_at": LATER}),
        ((GRANTED, ENDED), {"quickbooks": "ended", "ended_because": "revoked", "company": "Green Wholesale"}),
        ((GRANTED, ENDED, ConsentRegained(company="Green")), {"quickbooks": "open", "ended_because": ""}),
        ((GRANTED, ConsentRefused(reason="denied")), {"quickbooks": "open", "version": 2}),
        ((GRANTED, ConsentLapsing(expires_at=LATER)), {"quickbooks": "open", "warned_consent": LATER}),
        ((TenantTokenLapsing(expires_at=LATER),), {"warned_token": LATER}),
        ((CompanyObserved(facts=FACTS, content_hash="h", cause="c"),), {"facts": FACTS, "facts_hash": "h"}),
        ((PushStarted(push_from=NOON), PushStarted(push_from=LATER)), {"push_from": LATER}),
        ((PushPaused(reason="stocktaking"),), {"paused": "stocktaking"}),
        ((PushPaused(reason="stocktaking"), PushResumed()), {"paused": ""}),
    ],
)
def test_a_connection_is_what_its_events_say(events: tuple[Event, ...], fields: dict[str, Any]) -> None:
    connection = after(*events)

    assert {field: getattr(connection, field) for field in fields} == fields


def test_a_company_that_was_looked_at_is_known_by_the_name_it_has_now() -> None:
    assert after(GRANTED, CompanyObserved(facts=FACTS, content_hash="h", cause="c")).company == FACTS.name
