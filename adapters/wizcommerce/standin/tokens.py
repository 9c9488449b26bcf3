"""The integration user and the tokens that were issued to it. Source: WizCommerce reference, section 1.2."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

TOKEN_LIFE = timedelta(days=365)
USER_ID = "user_1"


class Tokens:
    """One user with one password; every token lapses a year after it was made, and none before."""

    def __init__(self) -> None:
        self.email = "integration@example.com"
        self.password = secrets.token_urlsafe(18)
        self._lapses_at: dict[str, datetime] = {}

    def issue(self, now: datetime, *, ends_old: bool = False) -> tuple[str, datetime]:
        """A new token and the moment at which it lapses. With `ends_old` every earlier one lapses now."""
        if ends_old:
            self._lapses_at = {old: min(lapses_at, now) for old, lapses_at in self._lapses_at.items()}
        token = f"api_prod_{secrets.token_urlsafe(32)}"
        self._lapses_at[token] = now + TOKEN_LIFE
        return token, self._lapses_at[token]

    def knows(self, email: str, password: str) -> bool:
        """Whether these are the user's credentials."""
        same_password = hmac.compare_digest(password.encode(), self.password.encode())
        return same_password and email == self.email

    def admits(self, token: str, now: datetime) -> bool:
        """Whether a call with this token is let in now."""
        lapses_at = self._lapses_at.get(token)
        return lapses_at is not None and now < lapses_at

    def issued(self) -> set[str]:
        """Every token there ever was, and the password."""
        return {self.password, *self._lapses_at}
