"""`standin`: QuickBooks or WizCommerce as a small strict copy, for a first hour without either."""

import click

from adapters.cli.session import Sorry
from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.server import serve_foreground
from adapters.wizcommerce.standin import WizCommerceStandIn


@click.command("standin")
@click.argument("system", type=click.Choice(["quickbooks", "wizcommerce"]))
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--webhooks", default="", metavar="URL", help="Where its webhooks go; they then go by themselves.")
@click.option("--redirect", default="", metavar="URL", help="QuickBooks: a redirect address of the app.")
def standin(system: str, port: int, webhooks: str, redirect: str) -> None:
    """Serve a stand-in of one of the two systems.

    Prints one JSON line with its address and keys, then serves until Ctrl-C. Its state lives in memory.
    Example: wizqbo standin quickbooks --port 9001 --redirect http://localhost:8080/oauth/quickbooks/callback
    """
    try:
        if system == "quickbooks":
            _quickbooks(port, webhooks, redirect)
        else:
            _wizcommerce(port, webhooks)
    except OSError as problem:
        raise Sorry(f"Port {port} cannot be served on ({problem.strerror}). Choose another with --port.") from None


def _quickbooks(port: int, webhooks: str, redirect: str) -> None:
    stand_in = QuickBooksStandIn(port, delivery="background")
    if webhooks:
        stand_in.send_webhooks_to(webhooks)
    if redirect:
        stand_in.allow_redirect(redirect)
    serve_foreground(stand_in.app, port, stand_in.ready_line)


def _wizcommerce(port: int, webhooks: str) -> None:
    stand_in = WizCommerceStandIn(port, delivery="background")
    if webhooks:
        stand_in.send_webhooks_to(webhooks)
    serve_foreground(stand_in.app, port, stand_in.ready_line)
