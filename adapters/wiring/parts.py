"""What the web room asks of the rest of the house, answered by one running engine."""

from collections.abc import Mapping

from adapters.credentials import MasterKey
from adapters.quickbooks import webhook as quickbooks_webhook
from adapters.web.parts import Ending, Genuine, HealthNow
from adapters.wiring.connecting import Connecting
from adapters.wizcommerce.webhook import WebhookKeys, digest_of, genuine
from engine.clock import Clock
from engine.settings import Settings
from engine.surroundings import Pool, Surroundings

INBOX = "inbox"
"""What sealed deliveries are bound to."""


class WebParts:
    """Implements `adapters.web.parts.Parts`."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        clock: Clock,
        master: MasterKey,
        around: Surroundings,
        connecting: Connecting,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._clock = clock
        self._master = master
        self._around = around
        self._connecting = connecting
        self._keys = _webhook_keys(settings)
        self._decoy = WebhookKeys(
            secrets=(master.fingerprint("decoy"),),
            mode=self._keys.mode if self._keys else "static_header",
            static_header=settings.wizcommerce_webhook_header,
        )

    @property
    def pool(self) -> Pool:
        return self._pool

    @property
    def clock(self) -> Clock:
        return self._clock

    def seal(self, text: str) -> bytes:
        return self._master.seal(text.encode(), INBOX)

    def unseal(self, sealed: bytes) -> str:
        """What `seal` was given."""
        return self._master.unseal(sealed, INBOX).decode()

    def quickbooks_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        signature = headers.get("intuit-signature")
        return quickbooks_webhook.verify(signature, body, self._settings.quickbooks_verifier_token)

    def wizcommerce_check(self, connection: str) -> Genuine | None:
        keys = self._keys
        if keys is None or self._around.gate(connection) is None:
            return None
        return lambda headers, body: genuine(headers, body, keys)

    def wizcommerce_decoy(self, headers: Mapping[str, str], body: bytes) -> bool:
        return genuine(headers, body, self._decoy)

    def wizcommerce_digest(self, body: bytes) -> str:
        return digest_of(body)

    def open_link(self, token: str) -> str | Ending:
        return self._connecting.open_link(token)

    def complete_connection(self, state: str, code: str, realm: str) -> Ending:
        return self._connecting.complete(state, code, realm)

    def refuse_connection(self, state: str, error: str) -> Ending:
        return self._connecting.refuse(state, error)

    def health(self) -> HealthNow:
        sql = (
            "SELECT (SELECT count(*) FROM parked), (SELECT count(*) FROM gates WHERE quickbooks = 'ended' "
            "OR wizcommerce = 'ended'), (SELECT count(*) FROM pending_work), (SELECT count(*) FROM attention), "
            "(SELECT coalesce(max(notification_id), 0) FROM log)"
        )
        with self._pool.connection() as c:
            row = c.execute(sql).fetchone()
        parked, ended, pending, attention, position = row if row else (0, 0, 0, 0, 0)
        facts = {
            "parked_streams": parked,
            "connections_ended": ended,
            "pending": pending,
            "needs_a_person": attention,
            "log_position": position,
        }
        return HealthNow(ok=parked == 0, facts=facts)


def _webhook_keys(settings: Settings) -> WebhookKeys | None:
    secrets = tuple(s.strip() for s in settings.wizcommerce_webhook_secret.split(",") if s.strip())
    if not secrets:
        return None
    mode = settings.wizcommerce_webhook_mode
    return WebhookKeys(
        secrets=secrets,
        mode="hmac" if mode == "hmac" else "both" if mode == "both" else "static_header",
        static_header=settings.wizcommerce_webhook_header,
    )
