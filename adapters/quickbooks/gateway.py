"""QuickBooks as the engine sees it: `engine.ports.Accounting` over client and translate. It makes calls; it keeps
nothing."""

import re
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote

import msgspec

from adapters.quickbooks import changes as following
from adapters.quickbooks import drafts, goods, statements, wire
from adapters.quickbooks.client import Answered, AnswerTooLarge, QuickBooksClient
from adapters.quickbooks.statements import ROWS_AT_MOST, quoted
from adapters.quickbooks.translate import ENTITIES, KINDS, company_facts, gone, remote_from
from engine.clock import Clock, instant
from engine.domain.drafts import (
    Change,
    CustomerDraft,
    CustomerUpdate,
    Draft,
    InvoiceDraft,
    InvoiceUpdate,
    InvoiceVoid,
    PaymentDraft,
    TermDraft,
)
from engine.domain.fields import plain_name
from engine.domain.values import CompanyFacts, InvoiceContent
from engine.ports import Answer, Changes, GatewayError, Holder, NotThere, Outdated, Refused, Remote

CLOCKS_APART = timedelta(minutes=2)
"""How far QuickBooks' clock may be behind ours when we look for what it made since a moment of ours."""

STALE = "5010"
BEARERS: tuple[Literal["customer", "vendor", "employee"], ...] = ("customer", "vendor", "employee")
"""Among whom a display name is unique. Source: QuickBooks reference, section 7.1."""

_HOLDER = re.compile(r"TxnType=Invoice\b.{0,40}?\bTxnId=(\d{1,30})\b", re.DOTALL)


KIND_OF: dict[type[Draft], str] = {
    InvoiceDraft: "invoice",
    InvoiceUpdate: "invoice",
    InvoiceVoid: "invoice",
    PaymentDraft: "payment",
    CustomerDraft: "customer",
    CustomerUpdate: "customer",
    TermDraft: "term",
}


class QuickBooksGateway:
    """Implements `engine.ports.Accounting`."""

    def __init__(self, client: QuickBooksClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def request_body(self, draft: Draft) -> str:
        """The exact JSON text that will be sent. Raises Refused when the draft cannot be expressed."""
        return drafts.request_body(draft)

    def send(
        self, connection: str, draft: Draft, body: str, command_id: str, *, send_by: float, answer_by: float
    ) -> Answer:
        """Creates the record, or changes it. Raises Unknown unless the entity with its Id came back or QuickBooks said what it
        did; Unavailable with `ran` False when it could not leave by `send_by`; Outdated when an update's revision is not the
        record's any more."""
        kind = KIND_OF[type(draft)]
        known_as = draft.remote_id if isinstance(draft, Change) else ""
        options = {"operation": "void"} if isinstance(draft, InvoiceVoid) else {}
        path = ENTITIES[kind].lower()
        try:
            answered = self._client.write(connection, path, body, command_id, options, send_by=send_by, until=answer_by)
        except Refused as refusal:
            if known_as and refusal.code == STALE:
                raise _outdated(refusal) from None
            raise
        raw = _entity(answered, ENTITIES[kind])
        remote = None if raw is None else remote_from(kind, raw)
        another = remote is not None and known_as not in ("", remote.remote_id)
        if another or remote is None or not remote.remote_id or (remote.content is None and not remote.problem):
            raise self._client.not_understood(answered, write=True)
        number = remote.content.number if isinstance(remote.content, InvoiceContent) else ""
        return Answer(remote=remote, number=number, trace_id=answered.trace_id)

    def look(self, connection: str, draft: Draft, since: datetime) -> list[Remote]:
        """What could be the outcome of sending `draft` at or after `since`: one metered read, two when nothing has the number
        (a person may have given ours another since), or past 1000 rows.

        An update: the record itself as it is now, one entry always. It is a tombstone when the record is gone, so that nobody
        takes that for an update that has not arrived yet."""
        if isinstance(draft, Change):
            return [self.fetch(connection, KIND_OF[type(draft)], draft.remote_id)]
        if isinstance(draft, TermDraft):
            return self._query(
                connection, "term", f"SELECT * FROM Term WHERE Name = {quoted(draft.name)} MAXRESULTS 1000"
            )
        if isinstance(draft, CustomerDraft):
            name = plain_name(draft.content.display_name.text or "")
            return self._query(connection, "customer", statements.named("Customer", name))
        if not isinstance(draft, InvoiceDraft | PaymentDraft):
            raise TypeError(f"a draft that is never sent to QuickBooks: {type(draft).__name__}")
        number = draft.number if isinstance(draft, InvoiceDraft) else draft.reference
        if number:
            kind = KIND_OF[type(draft)]
            named = "DocNumber" if kind == "invoice" else "PaymentRefNum"
            asked = f"SELECT * FROM {ENTITIES[kind]} WHERE {named} = {quoted(number)} MAXRESULTS 1000"
            return self._query(connection, kind, asked) or self._made_since(connection, draft, since, (1,))
        return self._made_since(connection, draft, since, (1, 1001))

    def _made_since(
        self, connection: str, draft: InvoiceDraft | PaymentDraft, since: datetime, starts: tuple[int, ...]
    ) -> list[Remote]:
        """The customer's documents of that kind made at or after `since`, by pages of 1000 that begin at `starts`."""
        kind = KIND_OF[type(draft)]
        made_at = (since - CLOCKS_APART).isoformat(timespec="seconds")
        where = f"CustomerRef = {quoted(draft.customer_remote_id)} AND MetaData.CreateTime >= '{made_at}'"
        found: list[Remote] = []
        for start in starts:
            page = f"SELECT * FROM {ENTITIES[kind]} WHERE {where} ORDERBY Id STARTPOSITION {start} MAXRESULTS 1000"
            rows = self._query(connection, kind, page)
            found += rows
            if len(rows) < ROWS_AT_MOST:
                break
        return found

    def fetch(self, connection: str, kind: str, remote_id: str) -> Remote:
        """One record as it is now; a tombstone when it is gone. `remote_id` does not matter for preferences and
        company."""
        path = _path(kind, remote_id, self._client.realm(connection) if kind == "company" else "")
        try:
            answered = self._client.read(connection, path)
        except NotThere as absent:
            return gone(kind, remote_id, absent.raw)
        raw = _entity(answered, ENTITIES[kind])
        if raw is None:
            raise self._client.not_understood(answered, write=False)
        return remote_from(kind, raw)

    def changes(self, connection: str, cursor: str) -> Changes:
        """The next step of following what changed (see `adapters.quickbooks.changes`): one metered read. Call again
        with the new cursor while `complete` is False. Raises ValueError on a cursor that is none of ours."""
        now = self._clock.now()
        plan = following.plan_from(cursor, now)
        step = plan.next()
        try:
            if step.page:
                return self._changed_by_query(connection, plan, step, now)
            return self._changed_by_capture(connection, plan, step, now)
        except AnswerTooLarge:
            if step.page and step.rows == 1:
                raise
            return _changes([], plan.after(following.split(step), None))

    def page(self, connection: str, kind: str, cursor: str) -> Changes:
        """The next page of every record of a kind, inactive ones too, in the order of their ids: at most 1000, less where
        they are too large to take in. A cursor is where the next page starts; '' is the first. One metered read."""
        start, rows = int(cursor or 1), ROWS_AT_MOST
        while True:
            try:
                page = self._query(connection, kind, statements.page(kind, start=start, rows=rows))
            except AnswerTooLarge:
                if rows == 1:
                    raise
                rows = max(1, rows // 2)
                continue
            complete = len(page) < rows or kind == "preferences"
            return Changes(records=page, cursor=str(start + len(page)), complete=complete)

    def goods(self, connection: str, types: tuple[str, ...], cursor: str) -> Changes:
        """The next page of the items of `types` (see `adapters.quickbooks.goods`): one metered read, more where a page is too
        large to take in. Raises ValueError on a cursor that is none of ours, and without a type."""
        if not types:
            raise ValueError("no types of items to ask for")
        now, way = self._clock.now(), goods.way_from(cursor)
        while True:
            asked = statements.page("product", since=way.since, types=types, start=way.start, rows=way.rows)
            try:
                answered = self._client.read(connection, "query", {"query": asked})
                break
            except AnswerTooLarge:
                if way.rows == 1:
                    raise
                way = way.smaller()
        found = self._rows(answered, "product")
        reached_at = way.reached_at or self._answered_at(answered) or now
        if len(found) < way.rows:
            return Changes(records=found, cursor=reached_at.isoformat(), complete=True)
        return Changes(records=found, cursor=way.after(len(found), reached_at).cursor(), complete=False)

    def company(self, connection: str) -> CompanyFacts:
        """Company and preferences (two metered reads)."""
        about = self._client.read(connection, _path("company", "", self._client.realm(connection)))
        preferences = self._client.read(connection, _path("preferences", "", ""))
        company, prefs = _entity(about, "CompanyInfo"), _entity(preferences, "Preferences")
        if company is None:
            raise self._client.not_understood(about, write=False)
        if prefs is None:
            raise self._client.not_understood(preferences, write=False)
        try:
            return company_facts(company, prefs)
        except (msgspec.DecodeError, ValueError):
            raise self._client.not_understood(preferences, write=False) from None

    def holder_of_number(self, connection: str, refusal: GatewayError) -> Remote | None:
        """The invoice a 6140 refusal names in its text, read (one metered read); None when the text names none."""
        named = _HOLDER.search(refusal.raw) if refusal.code == "6140" else None
        return None if named is None else self.fetch(connection, "invoice", named.group(1))

    def holders_of_name(self, connection: str, name: str) -> list[Holder]:
        """Who has this display name, as it is sent, whatever its case. Customers are asked for first, then vendors, then
        employees, until one is found, since the name is unique among them all: one to three metered reads. An inactive one
        counts only while it bears the name without " (deleted)": with it, the name is free. [] for no name, unasked.

        The id that some 6240s name in their text is not used: it does not say whose it is, and would save no read."""
        sent = plain_name(name)
        for entity in BEARERS if sent else ():
            answered = self._client.read(connection, "query", {"query": statements.named(entity.title(), sent)})
            try:
                rows = wire.query_rows(answered.body).rows
                found = [_holder(entity, row) for row in rows]
            except msgspec.DecodeError:
                raise self._client.not_understood(answered, write=False) from None
            if found:
                return found
        return []

    def _query(self, connection: str, kind: str, statement: str) -> list[Remote]:
        return self._rows(self._client.read(connection, "query", {"query": statement}), kind)

    def _rows(self, answered: Answered, kind: str) -> list[Remote]:
        try:
            block = wire.query_rows(answered.body)
        except msgspec.DecodeError:
            raise self._client.not_understood(answered, write=False) from None
        return [remote_from(kind, row) for row in block.rows]

    def _changed_by_query(self, connection: str, plan: following.Plan, step: following.Step, now: datetime) -> Changes:
        kind, start = step.kinds[0], (step.page - 1) * step.rows + 1
        statement = statements.page(kind, since=plan.since, start=start, rows=step.rows)
        answered = self._client.read(connection, "query", {"query": statement})
        records = self._rows(answered, kind)
        more = (following.next_page(step),) if len(records) >= step.rows and kind != "preferences" else ()
        return _changes(records, plan.after(more, self._answered_at(answered) or now))

    def _changed_by_capture(
        self, connection: str, plan: following.Plan, step: following.Step, now: datetime
    ) -> Changes:
        since = following.capture_since(plan, now)
        answered = self._client.read(connection, "cdc", following.capture_parameters(step, since))
        try:
            blocks = wire.change_blocks(answered.body)
        except msgspec.DecodeError:
            raise self._client.not_understood(answered, write=False) from None
        records = [
            remote_from(KINDS[block.entity], row) for block in blocks if block.entity in KINDS for row in block.rows
        ]
        cut_off = sum(len(block.rows) for block in blocks) >= ROWS_AT_MOST or any(
            block.total is not None and block.total > len(block.rows) for block in blocks
        )
        more = following.split(step) if cut_off else ()
        return _changes(records, plan.after(more, self._answered_at(answered) or now))

    def _answered_at(self, answered: Answered) -> datetime | None:
        """When QuickBooks says it made the answer; None when it does not say."""
        try:
            return instant(wire.answered_at(answered.body))
        except (msgspec.DecodeError, ValueError):
            return None


def _changes(records: list[Remote], plan: following.Plan) -> Changes:
    return Changes(records=records, cursor=plan.cursor(), complete=not plan.steps)


def _outdated(refusal: Refused) -> Outdated:
    return Outdated(
        refusal.sentence,
        code=refusal.code,
        next_step=refusal.next_step,
        trace_id=refusal.trace_id,
        raw=refusal.raw,
    )


def _holder(entity: Literal["customer", "vendor", "employee"], row: bytes) -> Holder:
    """Raises msgspec.DecodeError for a row that is no record."""
    seen = msgspec.json.decode(row, type=wire.Named)
    remote = remote_from("customer", row) if entity == "customer" else None
    return Holder(entity=entity, remote_id=str(seen.id or ""), active=seen.active, remote=remote)


def _entity(answered: Answered, name: str) -> bytes | None:
    try:
        return wire.entity(answered.body, name)
    except msgspec.DecodeError:
        return None


def _path(kind: str, remote_id: str, realm: str) -> str:
    if kind == "preferences":
        return "preferences"
    return f"{ENTITIES[kind].lower()}/{quote(realm if kind == 'company' else remote_id, safe='')}"
