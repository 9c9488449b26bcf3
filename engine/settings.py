"""Settings: from the environment, and beneath it from a file of `NAME=value` lines.

Errors name every missing or wrong setting at once.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

PRODUCTION_DISCOVERY = "https://developer.api.intuit.com/.well-known/openid_configuration"
PRODUCTION_API = "https://quickbooks.api.intuit.com"
"""Source: QuickBooks reference, 1.1 and 2.1."""


class SettingsProblem(Exception):
    """Settings are missing or wrong; the text names all of them, each with what to do."""

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("\n".join(problems))


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set. Secrets are never shown."""

    home: Path = Path(".wizqbo")
    database_url: str = ""
    secret_key: str = ""
    actor: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    quickbooks_discovery_url: str = PRODUCTION_DISCOVERY
    quickbooks_api_url: str = PRODUCTION_API
    quickbooks_client_id: str = ""
    quickbooks_client_secret: str = ""
    quickbooks_verifier_token: str = ""
    wizcommerce_api_url: str = ""
    wizcommerce_webhook_mode: str = "static_header"
    wizcommerce_webhook_header: str = "X-Webhook-Key"
    wizcommerce_webhook_secret: str = ""
    wizcommerce_token: str = ""
    wizcommerce_email: str = ""
    wizcommerce_password: str = ""
    workers: int = 10

    def __repr__(self) -> str:
        return f"Settings(home={self.home}, port={self.port})"

    @property
    def callback_url(self) -> str:
        """Where QuickBooks sends the administrator's browser back to."""
        return f"{self.address}/oauth/quickbooks/callback"

    @property
    def address(self) -> str:
        """Our own address, as others reach it."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")


VARIABLES: dict[str, tuple[str, str]] = {
    "home": ("WIZQBO_HOME", "folder of the key file and of our own PostgreSQL; default .wizqbo"),
    "database_url": ("DATABASE_URL", "a PostgreSQL to use instead of our own"),
    "secret_key": ("WIZQBO_SECRET_KEY", "master key, base64 of 32 bytes; default: a key file in WIZQBO_HOME"),
    "actor": ("WIZQBO_ACTOR", "who acts on the command line, as the history will say"),
    "host": ("WIZQBO_HOST", "address to serve on; default 127.0.0.1"),
    "port": ("WIZQBO_PORT", "port to serve on; default 8080"),
    "public_url": ("WIZQBO_PUBLIC_URL", "our address as QuickBooks and browsers reach it"),
    "quickbooks_discovery_url": ("WIZQBO_QUICKBOOKS_DISCOVERY_URL", "Intuit's discovery document"),
    "quickbooks_api_url": ("WIZQBO_QUICKBOOKS_API_URL", "QuickBooks' API host"),
    "quickbooks_client_id": ("WIZQBO_QUICKBOOKS_CLIENT_ID", "the app's client id at Intuit"),
    "quickbooks_client_secret": ("WIZQBO_QUICKBOOKS_CLIENT_SECRET", "the app's client secret at Intuit"),
    "quickbooks_verifier_token": ("WIZQBO_QUICKBOOKS_VERIFIER_TOKEN", "what QuickBooks signs its webhooks with"),
    "wizcommerce_api_url": ("WIZQBO_WIZCOMMERCE_API_URL", "WizCommerce's API host"),
    "wizcommerce_webhook_mode": ("WIZQBO_WIZCOMMERCE_WEBHOOK_MODE", "static_header, hmac or both"),
    "wizcommerce_webhook_header": ("WIZQBO_WIZCOMMERCE_WEBHOOK_HEADER", "name of the static header"),
    "wizcommerce_webhook_secret": ("WIZQBO_WIZCOMMERCE_WEBHOOK_SECRET", "one secret, or two with a comma between"),
    "wizcommerce_token": ("WIZQBO_WIZCOMMERCE_TOKEN", "a WizCommerce API token, read by `connect`"),
    "wizcommerce_email": ("WIZQBO_WIZCOMMERCE_EMAIL", "e-mail to ask WizCommerce for a token with, read by `connect`"),
    "wizcommerce_password": ("WIZQBO_WIZCOMMERCE_PASSWORD", "the password to it, read by `connect`"),
    "workers": ("WIZQBO_WORKERS", "calls at work at once in one process, 1 to 50; default 10"),
}
"""Field → (environment variable, what it is)."""

FOR_CALLS = ("quickbooks_client_id", "quickbooks_client_secret", "wizcommerce_api_url")
FOR_SERVING = (*FOR_CALLS, "quickbooks_verifier_token", "wizcommerce_webhook_secret")


def settings_from(environment: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings. Raises SettingsProblem naming everything that is wrong."""
    problems: list[str] = []
    written = _from_file(file, problems) if file is not None and file.is_file() else {}
    told = {**written, **environment}
    found: dict[str, object] = {}
    for field, (variable, _) in VARIABLES.items():
        value = told.get(variable, "").strip()
        if value:
            found[field] = _checked(field, variable, value, problems)
    if problems:
        raise SettingsProblem(problems)
    return Settings(**found)  # type: ignore[arg-type]


def require(settings: Settings, fields: Iterable[str]) -> None:
    """Raises SettingsProblem naming every one of `fields` that is not set."""
    missing = [VARIABLES[f] for f in fields if not getattr(settings, f)]
    if missing:
        raise SettingsProblem(f"{variable} is not set: {what}." for variable, what in missing)


def _from_file(file: Path, problems: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            problems.append(f"{file}, line {number}: write NAME=value.")
            continue
        found[name.strip()] = value.strip().strip("'\"")
    return found


def _checked(field: str, variable: str, value: str, problems: list[str]) -> object:
    most = {"port": 65_535, "workers": 50}.get(field)
    if most is not None:
        least = 0 if field == "port" else 1
        if not value.isdecimal() or not least <= int(value) <= most:
            problems.append(f"{variable} must be a whole number from {least} to {most}, not {value!r}.")
            return 0
        return int(value)
    if field.endswith("_url") and field != "database_url":
        if not _is_address(value):
            problems.append(f"{variable} must be an address such as https://example.com, not {value!r}.")
        return value.rstrip("/")
    if field == "wizcommerce_webhook_mode" and value not in ("static_header", "hmac", "both"):
        problems.append(f"{variable} must be static_header, hmac or both, not {value!r}.")
    if field == "secret_key" and not _is_key(value):
        problems.append(f"{variable} must be the base64 of 32 bytes; make one with `openssl rand -base64 32`.")
    return Path(value) if field == "home" else value


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        return False


def _is_key(value: str) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 32
    except binascii.Error:
        return False
