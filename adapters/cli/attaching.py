"""`attach`: an invoice of QuickBooks belongs to an order that has another one already."""

import click

from adapters.cli.asking import told
from adapters.cli.finding import find, in_connection
from adapters.cli.printing import acts, as_json, clean
from adapters.cli.session import Session, Sorry, pass_session


@click.command("attach")
@click.argument("kind", type=click.Choice(["order"]))
@click.argument("ident", metavar="ID")
@click.option("--to", "order", required=True, metavar="ORDER", help="The order it belongs to.")
@click.option("--because", required=True, metavar="TEXT", help="Why, for whoever reads the history.")
@in_connection
@acts
@as_json
@pass_session
def attach(
    session: Session, kind: str, ident: str, order: str, because: str, connection: str | None, in_json: bool
) -> None:
    """Say which order an invoice belongs to that was split off or copied in QuickBooks. It is never an order by itself then.

    Example: wizqbo --as admin attach order 1042 --to WC-1002 --because "split for the back order"
    """
    session.catch_up()
    if not because.strip():
        raise Sorry("Say why with --because: the history keeps it.")
    stream, to = (find(session, kind, one, connection) for one in (ident, order))
    told(session, stream, in_json, lambda one, who: session.engine.attaching.attach(one, to, clean(because), who))
