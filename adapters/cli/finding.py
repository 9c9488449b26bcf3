"""Finding the record a person means: by our id, theirs, a document number, a SKU, or a customer's name or e-mail."""

import re

import click
import msgspec

from adapters.cli.printing import clean
from adapters.cli.session import Session
from engine.domain.customer import MOST_ADDRESSES
from engine.domain.events import RecordMergedInto
from engine.domain.invoice_from_order import sku_key
from engine.domain.names import name_key
from engine.domain.values import connection_of, connection_stream, kind_of
from engine.people import NotPossible

THEIRS = {
    "order": ("order", "invoice"),
    "customer": ("customer",),
    "product": ("product",),
    "payment": ("payment",),
    "invoice": ("invoice",),
    "shipment": ("shipment",),
}
"""Kind → the kinds of remote record it may be named by."""
RECORD_KINDS = click.Choice(["order", "customer", "product", "payment", "invoice", "shipment"])
STORY_KINDS = click.Choice(["order", "customer", "product", "payment", "invoice", "shipment", "connection", "run"])
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOST_SHOWN = 20
EMAILS = ("email", *(f"email{place}" for place in range(2, MOST_ADDRESSES + 1)))
"""The keys under which the e-mail addresses of a customer are found."""

in_connection = click.option(
    "--connection", default=None, metavar="NAME", help="Where to look, when several connections have such a record."
)


class Found(msgspec.Struct, frozen=True):
    """A stream, and by what it was found."""

    stream: str
    by: str


class NotFound(NotPossible):
    """No record fits."""


def find(session: Session, kind: str, ident: str, connection: str | None = None) -> str:
    """The one stream that is meant; what was merged into another is read there. Raises NotFound, or NotPossible with a
    list when several fit."""
    ident = ident.strip()
    names = [session.connection(connection)] if connection else session.connections()
    if kind == "connection":
        return connection_stream(session.connection(ident))
    if kind == "run":
        return _run(session, ident, names)
    found = _all(session, kind, ident, names)
    if not found:
        where = f"{' in QuickBooks' if kind == 'product' else ''}{f' on {connection}' if connection else ''}"
        raise NotFound(f"No {kind} {clean(ident)!r} was ever seen{where}. {_advice(kind)}")
    if len(found) > 1:
        raise NotPossible(_choice(kind, ident, found))
    return found[0].stream


def _advice(kind: str) -> str:
    known = {
        "order": "Give its number, its WizCommerce id, or the number or id of its invoice.",
        "customer": "Give its WizCommerce or QuickBooks id, its name or its e-mail; what was erased has ids only.",
        "product": "Give its SKU, its name or its QuickBooks id.",
        "payment": "Give the order's number with the payment's place, as WC-1002/1, or its QuickBooks id or reference.",
        "invoice": "Give the number of an invoice that WizCommerce was told of, or its WizCommerce id.",
        "shipment": "Give the number of the invoice that was shipped, or the shipment's WizCommerce id.",
    }
    return known[kind]


def ident_of(session: Session, stream: str, name: str) -> str:
    """What a person types to mean this record alone: its name where no other has it, else our id."""
    own_id = stream.partition(":")[2]
    fitting = _all(session, kind_of(stream), name, [connection_of(stream)]) if name else []
    return name if [one.stream for one in fitting] == [stream] else own_id


def _choice(kind: str, ident: str, found: list[Found]) -> str:
    lines = [f"  {connection_of(one.stream)}  {one.stream.partition(':')[2]}  {one.by}" for one in found[:MOST_SHOWN]]
    more = [f"  … and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else []
    head = f"{len(found)} records fit {kind} {clean(ident)!r}. Name one by the long id below, or say --connection:"
    return "\n".join([head, *lines, *more])


def _all(session: Session, kind: str, ident: str, names: list[str]) -> list[Found]:
    """Every stream that fits, each once, in the order of how surely it is meant."""
    found = _ours(session, kind, ident, names)
    if not found:
        found = _theirs(session, kind, ident, names) + _numbered(session, kind, ident, names)
    if not found and kind == "customer":
        found = _named(session, ident, names)
    survivors: dict[str, Found] = {}
    for one in found:
        stream = survivor(session, one.stream)
        survivors.setdefault(stream, Found(stream, one.by))
    return list(survivors.values())


def survivor(session: Session, stream: str) -> str:
    """The stream that goes on with the story of `stream`: itself, unless it was merged into another."""
    seen = {stream}
    while True:
        merged = [r.event.record for r in session.engine.log.read(stream) if isinstance(r.event, RecordMergedInto)]
        if not merged or merged[-1] in seen:
            return stream
        stream = merged[-1]
        seen.add(stream)


def _ours(session: Session, kind: str, ident: str, names: list[str]) -> list[Found]:
    name = ident.casefold()
    if name.startswith(f"{kind}-") and ":" in name:
        candidates = [name] if connection_of(name) in names else []
    elif UUID.fullmatch(name):
        candidates = [f"{kind}-{connection}:{name}" for connection in names]
    else:
        return []
    sql = "SELECT originator_id FROM log WHERE originator_id = ANY(%s) AND originator_version = 1"
    return [Found(row[0], "our id") for row in session.rows(sql, candidates)]


def _theirs(session: Session, kind: str, ident: str, names: list[str]) -> list[Found]:
    sql = (
        "SELECT DISTINCT stream, system, kind FROM claims WHERE connection = ANY(%s) AND kind = ANY(%s) "
        "AND remote_id = %s ORDER BY stream"
    )
    rows = session.rows(sql, names, list(THEIRS[kind]), ident)
    return [Found(r[0], f"{r[1]} {r[2]} id") for r in rows if r[0].startswith(f"{kind}-")]


def _numbered(session: Session, kind: str, ident: str, names: list[str]) -> list[Found]:
    sql = (
        "SELECT DISTINCT stream, system, kind FROM mapping WHERE connection = ANY(%s) AND kind = ANY(%s) "
        "AND label = %s ORDER BY stream"
    )
    rows = session.rows(sql, names, list(THEIRS[kind]), ident)
    found = [Found(r[0], f"{r[1]} {r[2]} number") for r in rows if r[0].startswith(f"{kind}-")]
    if kind == "product":
        found += _by_key(session, kind, ("sku",), sku_key(ident), names)
        found = found or _by_key(session, kind, ("name", "full"), sku_key(ident), names)
        found = found or _by_key(session, kind, ("former",), sku_key(ident), names)
    return found


def _named(session: Session, ident: str, names: list[str]) -> list[Found]:
    found = _by_key(session, "customer", ("name", "company"), name_key(ident), names)
    return found or _by_key(session, "customer", EMAILS, ident.casefold(), names)


def _by_key(session: Session, kind: str, keys: tuple[str, ...], text: str, names: list[str]) -> list[Found]:
    sql = (
        "SELECT DISTINCT c.stream, m.system, m.key FROM match_keys m JOIN claims c USING (connection, system, kind, remote_id) "
        "WHERE m.connection = ANY(%s) AND m.kind = %s AND m.key = ANY(%s) AND m.value = %s ORDER BY c.stream"
    )
    value = session.engine.keyring.fingerprint(text)
    return [Found(r[0], f"{r[2]} in {r[1]}") for r in session.rows(sql, names, kind, list(keys), value)]


def _run(session: Session, ident: str, names: list[str]) -> str:
    """A run by `orders-2026-11-12`, or by `orders` alone: then its last day."""
    wanted = [ident] if ident.startswith("run-") else [f"run-{name}:{ident}" for name in names]
    sql = (
        "SELECT DISTINCT originator_id FROM log WHERE originator_id >= %s AND originator_id < %s "
        "ORDER BY originator_id DESC LIMIT 1"
    )
    found = [row[0] for one in wanted for row in session.rows(sql, one, f"{one}~")]
    if len(found) > 1:
        raise NotPossible(_choice("run", ident, [Found(stream, stream) for stream in found]))
    if not found:
        raise NotFound(
            f"No run {clean(ident)!r} was recorded. Runs are named as orders-2026-11-12; only those are kept."
        )
    return str(found[0])
