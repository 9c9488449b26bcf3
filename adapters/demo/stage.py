"""The stage: PostgreSQL, both stand-ins, our web address and the engine with all its loops and its real limits."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from adapters.bench.between import Late
from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.server import RunningStandIn
from adapters.web import serve, web_app
from adapters.wiring import Engine, Running, open_database, wire
from adapters.wizcommerce.standin import WizCommerceStandIn
from engine.settings import VARIABLES, Settings

CONNECTION = "bloom"
WORKERS = 4
"""Calls at once: five orders need no more."""
SETTINGS_FILE = "environment"


class Stage(msgspec.Struct, frozen=True):
    """Everything that runs while the demo plays."""

    engine: Engine
    quickbooks: QuickBooksStandIn
    wizcommerce: WizCommerceStandIn
    seller: RunningStandIn
    bookkeeper: RunningStandIn
    settings_file: Path

    @property
    def settings(self) -> Settings:
        return self.engine.settings


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Starts everything, with its files in `folder`; ends it all, whatever happens meanwhile.

    Raises DatabaseUnavailable, and OSError when no port is free.
    """
    with ExitStack() as until_the_end:
        quickbooks, wizcommerce = QuickBooksStandIn(delivery="background"), WizCommerceStandIn(delivery="background")
        bookkeeper = until_the_end.enter_context(quickbooks.start())
        seller = until_the_end.enter_context(wizcommerce.start())
        late = Late()
        web = until_the_end.enter_context(serve(late))
        settings = _settings(folder, web.address, web.port, quickbooks, bookkeeper, wizcommerce, seller)
        engine = wire(settings, open_database(settings))
        until_the_end.callback(engine.close)
        late.app = web_app(engine.web)
        quickbooks.send_webhooks_to(f"{web.address}/webhooks/quickbooks")
        seller.call_in_loop(
            wizcommerce.send_webhooks_to,
            f"{web.address}/webhooks/wizcommerce/{CONNECTION}",
            header=settings.wizcommerce_webhook_header,
            secret=settings.wizcommerce_webhook_secret,
        )
        until_the_end.callback(Running(engine).start().stop)
        until_the_end.callback(web.stop)  # first of all: whoever comes later finds no half-closed engine
        yield Stage(engine, quickbooks, wizcommerce, seller, bookkeeper, _write_down(settings))


def _settings(
    folder: Path,
    address: str,
    port: int,
    quickbooks: QuickBooksStandIn,
    bookkeeper: RunningStandIn,
    wizcommerce: WizCommerceStandIn,
    seller: RunningStandIn,
) -> Settings:
    return Settings(
        home=folder,
        port=port,
        public_url=address,
        quickbooks_discovery_url=f"{bookkeeper.address}/.well-known/openid_configuration",
        quickbooks_api_url=bookkeeper.address,
        quickbooks_client_id=quickbooks.client_id,
        quickbooks_client_secret=quickbooks.client_secret,
        quickbooks_verifier_token=quickbooks.verifier_token,
        wizcommerce_api_url=seller.address,
        wizcommerce_webhook_secret=wizcommerce.webhook_secret,
        wizcommerce_token=wizcommerce.token,
        workers=WORKERS,
    )


def _write_down(settings: Settings) -> Path:
    """The settings as a file that a shell can read, for whoever wants to look further; only its owner may."""
    path = settings.home / SETTINGS_FILE
    lines = [
        "export DATABASE_URL=''" if field == "database_url" else f"export {variable}='{getattr(settings, field)}'"
        for field, (variable, _) in VARIABLES.items()
        if getattr(settings, field) or field == "database_url"
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")
    return path
