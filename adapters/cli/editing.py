"""`edit-and-retry`: what a person may change of an invoice that could not be made, and another try at it."""

import click

from adapters.cli.asking import told
from adapters.cli.finding import find, in_connection
from adapters.cli.printing import acts, as_json
from adapters.cli.session import Session, Sorry, pass_session
from engine.editing import Edit


@click.command("edit-and-retry")
@click.argument("kind", type=click.Choice(["order"]))
@click.argument("ident", metavar="ID")
@in_connection
@click.option("--number", default=None, metavar="TEXT", help="The invoice's number, where the company numbers by hand.")
@click.option("--date", "dated", default=None, metavar="DATE", help="The invoice's date: 2026-11-01.")
@click.option("--term", default=None, metavar="NAME", help="The invoice's payment term, as QuickBooks calls it.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="SKU=ITEM",
    help="Lines of this SKU go to the QuickBooks item with SKU ITEM; may be given again for others.",
)
@acts
@as_json
@pass_session
def edit_and_retry(
    session: Session,
    kind: str,
    ident: str,
    connection: str | None,
    number: str | None,
    dated: str | None,
    term: str | None,
    pairs: tuple[str, ...],
    in_json: bool,
) -> None:
    """Change an invoice that is refused, withheld or held before anything of it was carried out, and try again.

    Number, date, term and which item a SKU goes to; '' is as the order says again. Never price, quantity, discount or tax:
    correct those in WizCommerce. A payment's method is no invoice's.

    Example: wizqbo --as admin edit-and-retry order WC-1002 --number WC-1002-B --map GLASS-9=VASE-01
    """
    session.catch_up()
    if not pairs and number is dated is term is None:
        raise Sorry("Say what to change: --number, --date, --term or --map. Nothing else of an invoice is a person's.")
    edit = Edit(number=number, dated=dated, term=term, items=dict(map(_pair, pairs)))
    stream = find(session, kind, ident, connection)
    told(session, stream, in_json, lambda stream, who: session.engine.editing.edit(stream, edit, who))


def _pair(text: str) -> tuple[str, str]:
    sku, equals, item = text.partition("=")
    if not equals or not sku.strip():
        raise Sorry(f"Write --map as SKU=ITEM, not {text!r}; `--map SKU=` is as the order says again.")
    return sku, item
