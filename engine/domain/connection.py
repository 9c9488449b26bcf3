"""A connection: one QuickBooks company paired with one WizCommerce tenant, and whether anything may go between them."""

from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from engine.domain.events import (
    CompanyObserved,
    ConnectionOpened,
    ConsentEnded,
    ConsentGranted,
    ConsentLapsing,
    ConsentRegained,
    PushPaused,
    PushResumed,
    PushStarted,
    Recorded,
    TenantAccessEnded,
    TenantJoined,
    TenantTokenLapsing,
)
from engine.domain.values import CompanyFacts, Value

Access = Literal["new", "open", "ended"]


class Connection(Value, frozen=True, kw_only=True):
    """What the events of one connection stream add up to."""

    stream: str
    version: int = 0
    opened: bool = False
    quickbooks: Access = "new"
    wizcommerce: Access = "new"
    ended_because: str = ""
    company: str = ""
    tenant: str = ""
    """Keyed hash of the WizCommerce tenant; '' while only a token is known, which does not say whose it is."""
    facts: CompanyFacts | None = None
    facts_hash: str = ""
    paused: str = ""
    push_from: datetime | None = None
    refresh_expires_at: datetime | None = None
    token_expires_at: datetime | None = None
    warned_consent: datetime | None = None
    warned_token: datetime | None = None


def no_connection(stream: str) -> Connection:
    """A connection before its first event."""
    return Connection(stream=stream)


def evolve_connection(connection: Connection, recorded: Recorded) -> Connection:
    """The connection after one more event."""
    connection = replace(connection, version=recorded.version)
    match recorded.event:
        case ConnectionOpened():
            return replace(connection, opened=True)
        case TenantJoined(tenant=tenant, expires_at=expires_at):
            known = tenant or connection.tenant
            return replace(connection, wizcommerce="open", tenant=known, token_expires_at=expires_at)
        case TenantAccessEnded(reason=reason):
            return replace(connection, wizcommerce="ended", ended_because=reason)
        case TenantTokenLapsing(expires_at=expires_at):
            return replace(connection, warned_token=expires_at)
        case ConsentGranted() | ConsentRegained() as event:
            until = event.refresh_expires_at
            return replace(
                connection, quickbooks="open", ended_because="", company=event.company, refresh_expires_at=until
            )
        case ConsentEnded(reason=reason):
            return replace(connection, quickbooks="ended", ended_because=reason)
        case ConsentLapsing(expires_at=expires_at):
            return replace(connection, warned_consent=expires_at)
        case CompanyObserved(facts=facts, content_hash=content_hash):
            return replace(connection, facts=facts, facts_hash=content_hash, company=facts.name)
        case PushStarted(push_from=push_from):
            return replace(connection, push_from=push_from)
        case PushPaused(reason=reason):
            return replace(connection, paused=reason)
        case PushResumed():
            return replace(connection, paused="")
        case _:
            return connection
