"""Every projection takes every event there is, shows no personal text, and says what it promises."""

from collections.abc import Iterator
from typing import Any, LiteralString

import pytest
from psycopg_pool import ConnectionPool

from engine.clock import MovableClock
from engine.domain import events as e
from engine.domain.values import Personal, link_stream
from engine.follow import ProjectionFollower
from engine.log import Cause, Entry, Inline, Log
from engine.surroundings import Pool
from projections.audit_trail import AuditTrail
from projections.health import Health
from projections.lookups import Claims, Gates, MatchKeys, ShortLists
from projections.mapping import Mapping
from projections.pending_work import PendingWork
from tests.recording import COMMAND, STREAM, examples
from tests.sealing import Turner
from tests.wholesale import content, customer_seen, seen

HOME = "connection-acme"
LINK = link_stream("acme", "wizcommerce", "customer", "cust_01")
PERSONAL = (
    "Bloom",
    "Givenname",
    "Fämilyname",
    "books@bloom.example",
    "415 555",
    "4155550100",
    "Harbour",
    "ring twice",
    "bloomco",
)
CAUSE = Cause(causation_id="a test", correlation_id="c-1")


class Desk:
    """A log with its tables, and nothing else of the engine."""

    def __init__(self, database: str, pool: Pool) -> None:
        self.pool = pool
        inline: list[Inline] = [Claims(), MatchKeys(Turner().fingerprint), ShortLists(), Gates(), PendingWork()]
        self.log = Log(database, MovableClock(), Turner(), inline)
        self.followers = [ProjectionFollower(p, self.log, pool) for p in (Mapping(), AuditTrail(), Health())]

    def tell(self, stream: str, *events: e.Event) -> None:
        version = len(self.log.read(stream))
        self.log.append([Entry(stream=stream, version=version, events=events)], CAUSE)
        for follower in self.followers:
            follower.step()

    def rows(self, sql: LiteralString) -> list[tuple[Any, ...]]:
        with self.pool.connection() as c:
            return c.execute(sql).fetchall()


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    with ConnectionPool(database, min_size=1, max_size=4, kwargs={"autocommit": True}) as pool:
        opened = Desk(database, pool)
        yield opened
        opened.log.close()


CONNECTIONS_OWN = [
    "connection-opened",
    "tenant-joined",
    "tenant-token-lapsing",
    "tenant-access-ended",
    "consent-granted",
    "consent-refused",
    "consent-lapsing",
    "consent-ended",
    "consent-regained",
    "company-observed",
    "push-started",
    "push-paused",
    "push-resumed",
    "step-parked",
    "step-unparked",
]


def home_of(name: str) -> str:
    if name in CONNECTIONS_OWN:
        return HOME
    if name in ("remote-claimed", "claim-moved"):
        return LINK
    return "run-acme:changes-2026-11-20" if name == "run-finished" else STREAM


def test_every_event_finds_its_way_into_every_table_and_leaves_no_personal_text(desk: Desk) -> None:
    for name, recorded in examples().items():
        desk.tell(home_of(name), recorded.event)

    tables = desk.rows(
        "SELECT (SELECT string_agg(t::text, ' ') FROM claims t), (SELECT string_agg(t::text, ' ') FROM match_keys t), "
        "(SELECT string_agg(t::text, ' ') FROM gates t), (SELECT string_agg(t::text, ' ') FROM mapping t), "
        "(SELECT string_agg(t::text, ' ') FROM audit_trail t), (SELECT string_agg(t::text, ' ') FROM health t), "
        "(SELECT string_agg(t::text, ' ') FROM attention t), (SELECT string_agg(t::text, ' ') FROM log_readable t)"
    )[0]
    assert all(tables)
    assert [text for text in PERSONAL for table in tables if text.casefold() in table.casefold()] == []


def test_the_audit_trail_has_a_line_for_every_event_but_claims(desk: Desk) -> None:
    for name, recorded in examples().items():
        desk.tell(home_of(name), recorded.event)

    told = {row[0] for row in desk.rows("SELECT event FROM audit_trail")}
    blank = [row[0] for row in desk.rows("SELECT connection FROM audit_trail WHERE connection <> 'acme'")]

    assert set(e.TAGS) - told == {"remote-claimed", "claim-moved"}
    assert blank == []


def test_the_audit_trail_says_which_way_a_thing_went(desk: Desk) -> None:
    made = examples()
    desk.tell(STREAM, *(made[n].event for n in ("order-observed", "command-issued", "attempt-started")))
    desk.tell(STREAM, *(made[n].event for n in ("command-accepted", "invoice-observed", "record-gone")))

    assert [row[0] for row in desk.rows("SELECT direction FROM audit_trail ORDER BY position")] == [
        "from wizcommerce",
        "decision",
        "to quickbooks",
        "to quickbooks",
        "from quickbooks",
        "from quickbooks",
    ]
    [(said,)] = desk.rows("SELECT summary FROM audit_trail WHERE event = 'command-accepted'")
    assert said == "WC-1001 1861.08 (answered)"


def test_the_mapping_follows_a_record_from_its_first_sight_through_its_link_to_its_merge(desk: Desk) -> None:
    other = "customer-acme:11111111-6a0c-5e0e-9c6b-6f1d0c578f10"
    mine = "customer-acme:22222222-6a0c-5e0e-9c6b-6f1d0c578f10"
    sql: LiteralString = "SELECT system, remote_id, stream, label, how FROM mapping ORDER BY system"

    desk.tell(other, customer_seen("quickbooks", "58"))
    desk.tell(
        mine, customer_seen(), e.RecordLinked(system="quickbooks", kind="customer", remote_id="58", how="same name")
    )
    desk.tell(other, e.RecordMergedInto(record=mine))

    assert desk.rows(sql) == [
        ("quickbooks", "58", mine, "", "same name"),
        ("wizcommerce", "cust_01", mine, "", "first seen"),
    ]


def test_an_invoice_is_in_the_mapping_under_its_number(desk: Desk) -> None:
    made = examples()
    desk.tell(STREAM, seen(content()), made["command-issued"].event, made["attempt-started"].event)
    desk.tell(STREAM, made["command-accepted"].event)

    assert desk.rows("SELECT kind, remote_id, label, how FROM mapping ORDER BY kind") == [
        ("invoice", "145", "WC-1001", "invoiced by us: answered"),
        ("order", "ord_01", "WC-1001", "first seen"),
    ]


def test_a_claim_moves_with_a_merge_and_keeps_the_revision_that_was_seen(desk: Desk) -> None:
    desk.tell(STREAM, customer_seen())
    desk.tell(LINK, e.RemoteClaimed(record=STREAM))
    desk.tell(LINK, e.ClaimMoved(record="customer-acme:other"))

    assert desk.rows("SELECT system, kind, remote_id, stream, revision FROM claims") == [
        ("wizcommerce", "customer", "cust_01", "customer-acme:other", "1")
    ]


def test_match_keys_follow_the_newest_sight_and_leave_with_the_record(desk: Desk) -> None:
    keys: LiteralString = "SELECT key, active FROM match_keys ORDER BY key"
    desk.tell(STREAM, customer_seen())
    first = desk.rows(keys)

    desk.tell(STREAM, customer_seen(email=Personal(""), active=False))
    second = desk.rows(keys)
    desk.tell(
        STREAM, e.RecordGone(system="wizcommerce", kind="customer", remote_id="cust_01", fetched_after=0, cause="x")
    )

    assert first == [("email", True), ("name", True)]
    assert second == [("name", False)]
    assert desk.rows(keys) == []


PENDING: list[tuple[str, list[str], list[tuple[str, str, bool]]]] = [
    ("issued", [], [("ready", "order WC-1001 is confirmed", False)]),
    ("held", ["command-held"], [("held", "QuickBooks has no active item with SKU VASE-01", False)]),
    (
        "released",
        ["command-held", "command-released"],
        [("ready", "QuickBooks has an active item with SKU VASE-01", False)],
    ),
    ("started", ["attempt-started"], [("running", "sent, no answer recorded yet", True)]),
    ("accepted", ["attempt-started", "command-accepted"], []),
    ("refused", ["attempt-started", "command-refused"], [("refused", "Number WC-1001 is taken", False)]),
    ("failed", ["attempt-started", "attempt-failed"], [("ready", "QuickBooks asks us to slow down", True)]),
    ("unknown", ["attempt-started", "outcome-unknown"], [("unknown", "the answer was cut off", True)]),
    ("absent", ["attempt-started", "outcome-unknown", "looked-and-absent"], [("ready", "number WC-1001", True)]),
    ("postponed", ["attempt-started", "look-postponed"], [("unknown", "QuickBooks could not be asked", True)]),
    ("disagreed", ["attempt-started", "answer-disagreed"], [("disputed", "total 1861.07 instead of 1861.08", False)]),
    ("abandoned", ["command-abandoned"], []),
]
"""(name, events after it was issued, [(status, reason, whether it may have made a record)])."""


@pytest.mark.parametrize(("name", "told", "row"), PENDING, ids=[p[0] for p in PENDING])
def test_pending_work_says_what_the_log_says(
    desk: Desk, name: str, told: list[str], row: list[tuple[str, str, bool]]
) -> None:
    desk.tell(STREAM, *(examples()[event].event for event in ("command-issued", *told)))

    found = desk.rows(
        "SELECT status, reason, EXISTS (SELECT 1 FROM open_creates o WHERE o.command_id = w.command_id) FROM pending_work w"
    )
    assert found == row


def test_a_given_up_command_may_have_made_a_record_until_that_record_is_known(desk: Desk) -> None:
    made = examples()
    desk.tell(
        STREAM, *(made[n].event for n in ("command-issued", "attempt-started", "outcome-unknown", "command-abandoned"))
    )
    assert desk.rows("SELECT command_id FROM open_creates") == [(COMMAND,)]
    assert desk.rows("SELECT command_id FROM pending_work") == []

    desk.tell(STREAM, e.LateOutcome(command_id=COMMAND, attempt=1, said="no longer there"))
    assert desk.rows("SELECT command_id FROM open_creates") == [(COMMAND,)]
    desk.tell(STREAM, e.LateOutcome(command_id=COMMAND, attempt=1, said="accepted as 7", remote_id="7"))
    assert desk.rows("SELECT command_id FROM open_creates") == []


def test_an_older_request_that_arrived_after_all_settles_the_refusal_of_the_newer_one(desk: Desk) -> None:
    made = examples()
    newer = "f" * 32
    again = e.CommandIssued(command_id=newer, verb="CreateInvoice", target="quickbooks", generation=3, because="anew")
    no = e.CommandRefused(command_id=newer, attempt=1, code="6140", sentence="Number WC-1001 is taken", next_step="")
    given_up = (made[name].event for name in ("command-issued", "attempt-started", "command-abandoned"))
    desk.tell(STREAM, *given_up, again, no)
    assert desk.rows("SELECT status FROM pending_work") == [("refused",)]

    desk.tell(STREAM, made["command-accepted"].event)

    assert desk.rows("SELECT status FROM pending_work") == []


def test_a_new_generation_takes_the_place_of_a_refusal(desk: Desk) -> None:
    made = examples()
    desk.tell(STREAM, *(made[n].event for n in ("command-issued", "attempt-started", "command-refused")))
    again = e.CommandIssued(
        command_id="f" * 32, verb="CreateInvoice", target="quickbooks", generation=3, because="anew"
    )

    desk.tell(STREAM, e.CommandRetried(command_id=COMMAND), again)

    assert desk.rows("SELECT command_id, status, generation FROM pending_work") == [("f" * 32, "ready", 3)]


@pytest.mark.parametrize(
    ("raised", "cleared"),
    [
        ("consent-ended", "consent-regained"),
        ("consent-refused", "consent-granted"),
        ("consent-lapsing", "consent-regained"),
        ("tenant-access-ended", "tenant-joined"),
        ("tenant-token-lapsing", "tenant-joined"),
        ("step-parked", "step-unparked"),
        ("match-proposed", "match-rejected"),
        ("match-proposed", "match-chosen"),
        ("match-proposed", "record-linked"),
        ("push-withheld", "command-issued"),
        ("attention-needed", "attention-cleared"),
    ],
)
def test_what_needs_a_person_is_shown_until_it_is_cleared(desk: Desk, raised: str, cleared: str) -> None:
    made = examples()

    desk.tell(home_of(raised), made[raised].event)
    [(sentence, next_step)] = desk.rows("SELECT sentence, next_step FROM attention")
    desk.tell(home_of(cleared), made[cleared].event)

    assert sentence and next_step
    assert desk.rows("SELECT topic FROM attention") == []


def test_health_counts_each_thing_by_connection_and_keeps_the_last_problem_of_a_pull(desk: Desk) -> None:
    made = examples()
    for _ in range(2):
        desk.tell("run-acme:changes-2026-11-20", made["run-finished"].event)
    desk.tell(STREAM, seen(content()))
    desk.tell("order-other:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10", seen(content()))

    assert desk.rows("SELECT connection, topic, count, note FROM health ORDER BY connection, topic") == [
        ("acme", "order-observed:wizcommerce", 1, ""),
        ("acme", "run-finished:changes", 2, "QuickBooks did not answer"),
        ("other", "order-observed:wizcommerce", 1, ""),
    ]


def test_the_gate_shows_what_may_go(desk: Desk) -> None:
    made = examples()
    told = ("connection-opened", "tenant-joined", "consent-granted", "company-observed", "push-started", "push-paused")
    sql: LiteralString = (
        "SELECT quickbooks, wizcommerce, paused, company, push_from IS NOT NULL, facts->>'plan' FROM gates"
    )

    desk.tell(HOME, *(made[name].event for name in told))
    opened = desk.rows(sql)
    desk.tell(HOME, *(made[name].event for name in ("push-resumed", "consent-ended", "tenant-access-ended")))

    assert opened == [("open", "open", "stocktaking", "Green Wholesale", True, "Plus")]
    assert desk.rows(sql) == [("ended", "ended", "", "Green Wholesale", True, "Plus")]
