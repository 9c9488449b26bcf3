"""What a token endpoint gives, and what the stored rows hold in the clear before they are sealed."""

from datetime import datetime
from typing import Protocol

import msgspec


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """A pair of QuickBooks tokens as just issued; `access_expires_at` and `refresh_expires_at` are aware UTC."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime

    def __repr__(self) -> str:  # never shown in a log line or an error
        return "Tokens(…)"


class Refresher(Protocol):
    """Who asks the token endpoint."""

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for this refresh token. Raises Disconnected when it is dead, Unavailable when there was no answer,
        Refused when our own client id or secret is not accepted."""
        ...


class QuickBooksSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a QuickBooks company."""

    realm: str
    company: str
    tokens: Tokens

    def __repr__(self) -> str:
        return "QuickBooksSecrets(…)"


class TenantSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a WizCommerce tenant. E-mail and password only when a person chose to leave them here."""

    tenant: str
    token: str
    expires_at: datetime | None = None
    email: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return "TenantSecrets(…)"
