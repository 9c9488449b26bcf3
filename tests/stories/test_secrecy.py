"""What must not be readable anywhere: tokens and secrets for nobody, people's names and addresses only through their keys."""

import hashlib
import logging
import traceback
import urllib.request
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from engine.domain.events import CustomerObserved, OrderObserved
from engine.ports import GatewayError
from tests.world import CONNECTION, World

PERSONAL = {
    "company": "Marguerite Okonjo-Ferreira Interiors",
    "given": "Marguerite",
    "family": "Okonjo-Ferreira",
    "email": "marguerite.okonjo@cedar.example",
    "phone": "+1 415 555 0133",
    "street": "4711 Quillfeather Lane",
    "note": "Ring for Marguerite at the blue door",
}
BILLING = {
    "type": "billing",
    "address_line_1": PERSONAL["street"],
    "city": "Oakland",
    "state": "CA",
    "zip_code": "94607",
    "country": "US",
    "is_default": True,
}
WRONG = "not-the-password"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
BROKEN = '{"data": {"id": "x", "display_id": "WC-9", "amount": "Marguerite", "street": "4711 Quillfeather Lane"}}'


def play(world: World) -> list[GatewayError]:
    """A morning with a new customer, refusals, faults, unreadable bodies and a lost consent; the errors on the way."""
    world.wizcommerce.add_customer(
        PERSONAL["company"],
        first_name=PERSONAL["given"],
        last_name=PERSONAL["family"],
        email=PERSONAL["email"],
        phone=PERSONAL["phone"],
        addresses=[BILLING],
    )
    lines = [("VASE-01", 4, "25.00")]
    world.quickbooks.set_switches(webhook_own_writes=False)  # so that its outcome is looked for by name
    world.quickbooks.add_fault("reset-after", operation="create customer", times=1)
    world.wizcommerce.confirm_order("WC-1001", PERSONAL["company"], lines, customer_note=PERSONAL["note"])
    world.settle()
    world.move(300)
    world.settle()
    refusal = {"code": "6000", "message": "Refused", "detail": f"{PERSONAL['company']} of {PERSONAL['street']}"}
    world.quickbooks.add_fault("fault", operation="create invoice", **refusal)
    world.wizcommerce.confirm_order("WC-1002", PERSONAL["company"], lines)
    world.settle()
    fault = {"status": 200, "body": BROKEN, "content_type": "application/json", "operation": "read order"}
    httpx.post(f"{world.wizcommerce.running.address}/_standin/faults", json={"kind": "status", **fault})
    world.wizcommerce.confirm_order("WC-1003", PERSONAL["company"], lines)
    world.settle()
    world.quickbooks.by_hand("disconnect")
    world.wizcommerce.confirm_order("WC-1004", PERSONAL["company"], lines)
    world.settle()
    reconnect(world)
    world.move(3700)
    world.settle()
    return list(errors(world))


def reconnect(world: World) -> None:
    """As a browser does, which is not ours and writes no log of ours."""
    link = world.engine.connecting.make_link(CONNECTION, "tester")
    with urllib.request.urlopen(link) as page:
        assert "is connected" in page.read().decode()


def errors(world: World) -> Iterator[GatewayError]:
    """What the gateways raise on the documented kinds of trouble."""
    for kind in ("401", "403", "429-json", "429-xml", "502-html", "200-fault", "reset-before"):
        world.quickbooks.add_fault(kind, path="/v3/company", times=2)
        try:
            world.engine.accounting.fetch(CONNECTION, "customer", "1")
        except GatewayError as error:
            yield error
        world.quickbooks_running.call_in_loop(world.quickbooks.faults.clear)
    try:
        world.engine.connecting.join_tenant("other", "tester", email=PERSONAL["email"], password=WRONG)
    except GatewayError as error:
        yield error


def dumped(world: World) -> str:
    """Every table and the readable view as text, as a dump would write them."""
    found = []
    with psycopg.connect(world.database) as c:
        for (table,) in c.execute(TABLES).fetchall():
            with c.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
                found += [bytes(block).decode() for block in copy]
        # bytea columns come as hex: the log and the inbox are looked at as text as well
        found += [str(row) for row in c.execute("SELECT * FROM log_readable")]
        for sql in ("SELECT state FROM log", "SELECT sealed FROM inbox", "SELECT sealed FROM credentials"):
            found += [bytes(row[0]).decode("latin-1") for row in c.execute(sql)]
    return "\n".join(found)


def test_no_secret_and_no_personal_text_is_in_the_database_a_log_line_or_an_error(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="wizqbo")

    raised = play(world)

    everywhere = {
        "the database": dumped(world),
        "log lines": "\n".join(f"{r.getMessage()} {r.exc_text or ''}" for r in ours(caplog)),
        "errors": "\n".join(
            f"{e!r} {e.sentence} {e.next_step} {''.join(traceback.format_exception(e))}" for e in raised
        ),
        "raw bodies of errors": "\n".join(e.raw for e in raised),
    }
    secrets = world.quickbooks.issued_secrets() | world.wizcommerce.standin.issued_secrets()
    secrets |= {world.settings.secret_key, world.settings.wizcommerce_webhook_secret, WRONG}
    told = [(where, secret[:6]) for where, text in everywhere.items() for secret in secrets if secret in text]
    shown = [
        (where, personal)
        for where, text in everywhere.items()
        for personal in PERSONAL.values()
        if personal in text and where != "raw bodies of errors"
    ]
    assert len(raised) >= 5 and len(everywhere["the database"]) > 50_000
    assert told == [] and shown == []
    assert [invoice.customer for invoice in world.invoices()][:1] == [PERSONAL["company"]]


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Every record but those of the stand-ins' own servers, which are the other side."""
    return [record for record in caplog.records if not record.name.startswith(("uvicorn", "asyncio"))]


def test_the_words_of_a_refusal_are_kept_sealed_and_can_be_read_with_the_key(world: World) -> None:
    play(world)

    order = world.order("WC-1002")
    sentence = next(iter(order.commands.values())).reason

    assert PERSONAL["company"] not in sentence and order.content is not None
    assert PERSONAL["company"] not in world.where("WC-1002")


def test_after_a_key_is_destroyed_the_fields_read_as_erased_and_everything_still_works(world: World) -> None:
    play(world)
    [(stream,)] = world.rows(
        "SELECT DISTINCT m.stream FROM mapping m WHERE kind = 'customer' AND system = 'wizcommerce' AND EXISTS "
        "(SELECT 1 FROM pending_work p JOIN log l ON l.originator_id = m.stream) "
        "AND (SELECT count(*) FROM claims c WHERE c.stream = m.stream AND c.kind = 'customer') = 2 "
        "AND m.stream IN (SELECT originator_id FROM log WHERE topic = 'command-accepted')"
    )
    tables = ("claims", "match_keys", "gates", "pending_work", "mapping", "audit_trail", "attention")
    before = {table: sorted(map(str, world.rows(f"SELECT * FROM {table}"))) for table in tables}

    world.engine.keyring.destroy(stream)
    sights = [r.event for r in world.engine.log.story(stream) if isinstance(r.event, CustomerObserved)]

    assert sights and all(s.content.display_name.erased and s.raw.erased for s in sights)
    assert str(sights[0].content.email) == "(erased)"
    assert broken_links(world) == []
    for table in world.engine.inline:
        world.engine.log.rebuild(table)
    for follower in world.engine.followers:
        follower.rebuild()
    after = {table: sorted(map(str, world.rows(f"SELECT * FROM {table}"))) for table in tables}
    after["match_keys"] = before["match_keys"] = []  # erased: there is nothing left of it to match by
    assert after == before


def test_an_erased_customer_is_matched_by_nothing_any_more(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.settle()
    [(stream,)] = world.rows("SELECT stream FROM claims WHERE kind = 'customer' AND system = 'wizcommerce'")

    world.engine.keyring.destroy(stream)
    world.engine.log.rebuild(world.engine.inline[1])

    fingerprint = world.engine.keyring.fingerprint
    keys = world.rows("SELECT value FROM match_keys WHERE kind = 'customer'")
    assert not {(fingerprint(text),) for text in ("", "erased", "(erased)", "None", "bloomco")} & set(keys)


def test_after_an_orders_key_is_destroyed_its_figures_remain(world: World) -> None:
    play(world)
    stream = world.order_stream("WC-1001")

    world.engine.keyring.destroy(stream)

    [sight] = [r.event for r in world.engine.log.story(stream) if isinstance(r.event, OrderObserved)]
    assert sight.content.customer_note.erased and sight.raw.erased and sight.content.number == "WC-1001"
    assert world.where("WC-1001") == "sent: invoice WC-1001" and broken_links(world) == []


def broken_links(world: World) -> list[int]:
    """Positions whose chain does not follow from the row before, by the database's own function and by ours."""
    sql = (
        "SELECT notification_id, chain, log_link(coalesce(lag(chain) OVER o, ''::bytea), notification_id, "
        "originator_id, originator_version, topic, state), coalesce(lag(chain) OVER o, ''::bytea), originator_id, "
        "originator_version, topic, state FROM log WINDOW o AS (ORDER BY notification_id)"
    )
    broken = []
    for position, chain, link, before, stream, version, tag, state in world.rows(sql):
        head = f"{position} {stream} {version} {tag} ".encode()
        if not bytes(chain) == bytes(link) == hashlib.sha256(bytes(before) + head + bytes(state)).digest():
            broken.append(position)
    return broken


@pytest.mark.parametrize("statement", ["UPDATE log SET topic = 'x'", "DELETE FROM log", "TRUNCATE log"])
def test_the_log_refuses_to_be_changed_even_by_its_owner(world: World, statement: str) -> None:
    before = world.rows("SELECT count(*), max(notification_id) FROM log")
    with psycopg.connect(world.database, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")

        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="the log is append-only"):
            owner.execute(statement)  # type: ignore[call-overload]

    assert world.rows("SELECT count(*), max(notification_id) FROM log") == before and broken_links(world) == []
