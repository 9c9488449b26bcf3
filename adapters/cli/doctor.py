"""`doctor`: whether the set-up is sound, and what a company's settings mean for the work."""

import stat
from pathlib import Path

import click
import msgspec

from adapters.cli.printing import as_json, say_json
from adapters.cli.session import Session, pass_session
from adapters.credentials.master_key import FILE_NAME
from adapters.database import UnsafeDatabase, require_fsync, schema_version
from engine.domain.invoice_from_order import LONGEST_NUMBER
from engine.domain.values import CompanyFacts
from engine.settings import FOR_SERVING, VARIABLES
from engine.surroundings import Gate

STAYS = "ok"
MATTERS = "look"
STOPS = "stops"
ENDED_SUBSCRIPTIONS = frozenset({"CANCELLED", "EXPIRED", "SUSPENDED", "CANCELED"})


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at: `verdict` is ok, look (it matters, nothing stops) or stops."""

    topic: str
    found: str
    means: str
    verdict: str = STAYS


@click.command("doctor")
@click.argument("connection", required=False)
@as_json
@pass_session
def doctor(session: Session, connection: str | None, in_json: bool) -> None:
    """Check the set-up: settings, database, key. With CONNECTION: the company's own settings, read from QuickBooks now.

    Checks the set-up, not the log (`verify`) nor our tables (`rebuild --check`). Says of each what it means for the
    work, and whether it stops anything; exit code 1 if something does. Example: wizqbo doctor acme
    """
    found = _company(session, session.connection(connection)) if connection else _set_up(session)
    if in_json:
        say_json([msgspec.structs.asdict(one) for one in found])
    else:
        for one in found:
            click.echo(f"[{one.verdict:^5}] {one.topic}: {one.found}. {one.means}")
    if any(one.verdict == STOPS for one in found):
        raise click.exceptions.Exit(1)


# ---- the set-up --------------------------------------------------------------------------------------------------------


def _set_up(session: Session) -> list[Finding]:
    return [*_settings(session), _database(session), _schema(session), _durability(session), _key(session)]


def _settings(session: Session) -> list[Finding]:
    found = []
    for variable, what in (VARIABLES[field] for field in FOR_SERVING if not getattr(session.settings, field)):
        means = f"Set it in the environment or in {session.env_file}: {what}."
        found.append(Finding("settings", f"{variable} is not set", means, STOPS))
    if not found:
        found.append(Finding("settings", "all that `wizqbo run` needs are set", "Nothing to do."))
    address = session.settings.address
    local = "localhost" in address or "127.0.0.1" in address
    means = "QuickBooks cannot reach it from outside; set WIZQBO_PUBLIC_URL." if local else "Webhooks come there."
    found.append(Finding("address", address, means, MATTERS if local else STAYS))
    return found


def _database(session: Session) -> Finding:
    where = "DATABASE_URL" if session.settings.database_url else f"our own, in {session.settings.home}"
    version = session.rows("SELECT split_part(current_setting('server_version'), ' ', 1)")[0][0]
    return Finding("database", f"PostgreSQL {version} ({where})", "It answers.")


def _schema(session: Session) -> Finding:
    return Finding("schema", f"version {schema_version()}", "It is the one this program was written for.")


def _durability(session: Session) -> Finding:
    try:
        require_fsync(session.engine.conninfo)
    except UnsafeDatabase as problem:
        return Finding("durability", "off", str(problem), STOPS)
    return Finding("durability", "fsync and full_page_writes are on", "What is recorded survives a power cut.")


def _key(session: Session) -> Finding:
    if session.settings.secret_key:
        return Finding("master key", "from WIZQBO_SECRET_KEY", "Keep a copy: without it every sealed field is lost.")
    path: Path = session.settings.home / FILE_NAME
    mode = stat.S_IMODE(path.stat().st_mode)
    sound = mode & 0o077 == 0
    means = "Keep a copy apart from the database." if sound else f"Others can read it: chmod 600 {path}"
    return Finding("master key", f"{path}, mode {mode:04o}", means, STAYS if sound else STOPS)


# ---- a company ---------------------------------------------------------------------------------------------------------


def _company(session: Session, connection: str) -> list[Finding]:
    gate = session.engine.around.gate(connection)
    facts = session.engine_for(("quickbooks_client_id", "quickbooks_client_secret")).accounting.company(connection)
    found = [
        Finding("company", facts.name, f"Its time zone is {facts.time_zone or 'not stated: times are shown in UTC'}."),
        _plan(facts),
        _subscription(facts),
        *_documents(facts),
        *_money(facts),
    ]
    found += _customers(gate, facts) if gate is not None else []
    if gate is not None and gate.push_from is None:
        means = f"Nothing goes before somebody says so: wizqbo start {connection} --from DATE"
        found.append(Finding("start", "not said yet", means, STOPS))
    if gate is not None and gate.paused:
        found.append(Finding("paused", gate.paused, f"Writes wait: wizqbo resume {connection}", STOPS))
    return found


def _customers(gate: Gate, facts: CompanyFacts) -> list[Finding]:
    """Whether customers may travel, and the choices without which new ones are held."""
    found = []
    if not gate.accepted:
        means = f"Nothing is written before a person accepts it: wizqbo first-sync {gate.connection}"
        found.append(Finding("first sync", "not accepted yet", means, STOPS))
    wanted = []
    if gate.choices.of("new-customers-in-wizcommerce") != "none":
        wanted = [(name, "WizCommerce") for name in ("sales-rep", "price-list")]
    if facts.multi_currency and not gate.choices.of("currency-attribute"):
        wanted.append(("currency", "QuickBooks"))
    for name, there in wanted:
        chosen = gate.choices.of(name)
        means = (
            f"New customers of the other side are held before they go to {there}: wizqbo set {gate.connection} {name} …"
        )
        found.append(
            Finding(
                name,
                chosen or "not chosen",
                f"New customers in {there} have it." if chosen else means,
                STAYS if chosen else MATTERS,
            )
        )
    return found


def _plan(facts: CompanyFacts) -> Finding:
    return Finding("plan", facts.plan or "not stated", "It lets apps in, since we could read this.")


def _subscription(facts: CompanyFacts) -> Finding:
    if facts.subscription.upper() in ENDED_SUBSCRIPTIONS:
        return Finding("subscription", facts.subscription, "QuickBooks takes no writes until it is renewed.", STOPS)
    return Finding("subscription", facts.subscription or "not stated", "Writes are taken.")


def _documents(facts: CompanyFacts) -> list[Finding]:
    number = (
        Finding("numbering", "ours", f"An invoice has its order's number (up to {LONGEST_NUMBER} characters).")
        if facts.custom_numbers
        else Finding(
            "numbering",
            "QuickBooks'",
            "Invoices are numbered by QuickBooks; the order's number is kept beside.",
            MATTERS,
        )
    )
    return [
        Finding("country", facts.country or "not stated", "Decides which tax rules QuickBooks applies."),
        number,
        _switch(
            "shipping",
            facts.allow_shipping,
            "Orders with a shipping charge go.",
            "Orders with a shipping charge are held.",
        ),
        _switch("discount", facts.allow_discount, "Orders with a discount go.", "Orders with a discount are held."),
    ]


def _switch(topic: str, on: bool, means_on: str, means_off: str) -> Finding:
    return Finding(topic, "on" if on else "off", means_on if on else means_off, STAYS if on else MATTERS)


def _money(facts: CompanyFacts) -> list[Finding]:
    tax = "automated" if facts.automated_tax else "on" if facts.sales_tax else "off"
    taxed = "An invoice whose total QuickBooks changes by tax is held for a person; orders with tax are not sent yet."
    closed = facts.books_closed_until
    many = "Orders in another currency than the books are held." if facts.multi_currency else "Orders must be in it."
    return [
        Finding("tax", tax, taxed if facts.sales_tax else "No tax is added.", MATTERS if facts.sales_tax else STAYS),
        Finding("currency", facts.home_currency or "not stated", many),
        Finding(
            "closing date", str(closed), f"Orders made until {closed} are held until the books are reopened.", MATTERS
        )
        if closed
        else Finding("closing date", "none", "Orders of any date may go."),
        Finding(
            "inventory tracking",
            "on" if facts.tracks_inventory else "off",
            "An invoice lowers QuickBooks' stock of its items." if facts.tracks_inventory else "Stock is not touched.",
        ),
    ]
