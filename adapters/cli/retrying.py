"""`retry`: another try at one record, at all that waits for one cause, or at all that was refused."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import click
import msgspec

from adapters.cli.amounts import money, totals_of
from adapters.cli.asking import told
from adapters.cli.finding import RECORD_KINDS, find, in_connection
from adapters.cli.printing import acts, as_json, clean, say_json, sentences
from adapters.cli.session import Session, Sorry, pass_session
from adapters.cli.story_contents import count
from adapters.cli.unsettled import Unsettled, unsettled
from engine.domain.invoice_from_order import order_total
from engine.people import NotPossible

A_FEW = 5
"""Of many, those that are named before a person is asked."""
ONE_OF = "Say which: `wizqbo retry order WC-1002`, `wizqbo retry --cause sku:VASE-01`, or `wizqbo retry --all-refused`."


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is tried again, or cannot be: then `problem` says why. `total` is an order's; `state` is where it stands
    afterwards, '' before."""

    record: str
    connection: str
    stream: str
    command_id: str
    reason: str
    total: Decimal | None = None
    currency: str = ""
    problem: str = ""
    state: str = ""


@click.command("retry")
@click.argument("kind", type=RECORD_KINDS, required=False)
@click.argument("ident", metavar="ID", required=False)
@in_connection
@click.option(
    "--cause", default="", metavar="CAUSE", help="All that waits for it, as `wizqbo pending` names it: sku:VASE-01."
)
@click.option("--all-refused", is_flag=True, help="All that was refused.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@acts
@as_json
@pass_session
def retry(
    session: Session,
    kind: str | None,
    ident: str | None,
    connection: str | None,
    cause: str,
    all_refused: bool,
    yes: bool,
    in_json: bool,
) -> None:
    """Try again: at once what failed, as a new request what was refused or is in dispute; what waits is looked at again.

    Of many it says first how many and what they come to, names a few, and asks. Nothing is sent twice: what may have arrived
    is looked for first. Examples: wizqbo --as admin retry order WC-1002 · wizqbo --as admin retry --cause sku:VASE-01
    """
    session.catch_up()
    if bool(kind) + bool(cause.strip()) + all_refused != 1 or bool(kind) != bool(ident):
        raise Sorry(ONE_OF)
    if kind and ident:
        return told(session, find(session, kind, ident, connection), in_json, session.engine.people.retry)
    rows = _meant(session, [session.connection(connection)] if connection else session.connections(), cause.strip())
    _many(session, [_tried(session, row) for row in rows], yes, in_json)


def _meant(session: Session, names: list[str], cause: str) -> list[Unsettled]:
    """The rows that wait for `cause`, or, when none is named, that were refused. Raises Sorry where nothing waits for it."""
    rows, _ = unsettled(session, names)
    if not cause:
        return [row for row in rows if row.state.endswith("said no")]
    found = [row for row in rows if cause.casefold() in {one.casefold() for one in row.causes}]
    if not found:
        known = Counter(one for row in rows for one in row.causes)
        there = ", ".join(f"{one} ({number})" for one, number in known.most_common(A_FEW)) or "nothing"
        raise Sorry(
            f"Nothing waits for {clean(cause)!r}. What waits: {clean(there)}. `wizqbo pending` names each cause."
        )
    return found


def _tried(session: Session, row: Unsettled) -> Tried:
    """The row as it would be tried again, with its problem when it cannot be."""
    one = Tried(
        record=f"{row.kind} {row.number}",
        connection=row.connection,
        stream=row.stream,
        command_id=row.command_id,
        reason=sentences(row.reason),
    )
    content = session.engine.records.order(row.stream).content if row.kind == "order" else None
    if content is not None:
        one = msgspec.structs.replace(one, total=order_total(content), currency=content.currency)
    try:
        would = session.engine.retrying.would(row.stream, row.command_id)
    except NotPossible as problem:
        return msgspec.structs.replace(one, problem=str(problem))
    return one if would else msgspec.structs.replace(one, problem=one.reason)


def _many(session: Session, found: list[Tried], yes: bool, in_json: bool) -> None:
    """Says what there is, asks, and tries each again in an append of its own."""
    able = [one for one in found if not one.problem]
    totals = totals_of((one.currency, one.total) for one in able if one.total is not None)
    if in_json and not yes:
        raise Sorry("Nobody can be asked with --json: look without it first, then say --yes too.")
    if not in_json:
        _preview(able, totals)
        _say_unable(found)
    if able and not yes:
        click.confirm(f"Try {'it' if len(able) == 1 else 'them'} again, as {session.who()}?", abort=True)
    became = []
    for one in able:
        became.append(_again(session, one))
        if not in_json:
            click.echo(clean(f"{became[-1].record}: {became[-1].state or became[-1].problem}"))
    if in_json:
        unable = [one for one in found if one.problem]
        rows = [msgspec.structs.asdict(one) for one in (*became, *unable)]
        say_json({"count": len(able), "totals": totals, "tried": rows})


def _preview(able: list[Tried], totals: dict[str, Decimal]) -> None:
    kinds = Counter(one.record.partition(" ")[0] for one in able)
    said = ", ".join(count(number, kind) for kind, number in kinds.items()) or "Nothing"
    click.echo(f"{said} can be tried again" + (f"; orders of {money(totals)} in all." if totals else "."))
    for one in able[:A_FEW]:
        amount = f" ({money({one.currency: one.total})})" if one.total is not None else ""
        click.echo(clean(f"  {one.record}{amount}: {one.reason}"))
    if len(able) > A_FEW:
        click.echo(f"  … and {len(able) - A_FEW} more")


def _say_unable(found: Iterable[Tried]) -> None:
    """Those that cannot be tried again, many with the same reason in one line."""
    reasons: dict[str, list[str]] = {}
    for one in found:
        if one.problem:
            reasons.setdefault(one.problem, []).append(one.record)
    for reason, records in reasons.items():
        more = f" and {len(records) - A_FEW} more" if len(records) > A_FEW else ""
        click.echo(clean(f"  not {', '.join(records[:A_FEW])}{more}: {reason}"))
    if reasons:
        click.echo("`wizqbo pending` has the next step of each; `wizqbo refresh` reads what was put right just now.")


def _again(session: Session, one: Tried) -> Tried:
    try:
        return msgspec.structs.replace(
            one, state=session.engine.retrying.again(one.stream, one.command_id, session.who())
        )
    except NotPossible as problem:
        return msgspec.structs.replace(one, problem=str(problem))
