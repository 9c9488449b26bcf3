"""Writing a customer: made once, whatever happens in between, and never changed over a newer state.

WizCommerce has no idempotency key and no concurrency control. So a create looks for its reference before it is sent (A-03)
and when it is refused (A-04), and an update reads the record first (A-16). Between that read and the write somebody may
still change the same record, and a revision is a whole second, in which there may be two changes. Fields that are not sent
stay, so what can be lost then is the same field, or another attribute, since those are sent as a whole.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.client import WizCommerceClient, not_understood, unknown
from adapters.wizcommerce.lists import CUSTOMER_ATTRIBUTES, CUSTOMERS, Lists
from adapters.wizcommerce.translate import customer_from_body
from adapters.wizcommerce.wire import WRITTEN
from adapters.wizcommerce.writes import Read, answer, fields_named, gone, nothing_was_sent, posted
from engine.domain.drafts import CustomerDraft, CustomerUpdate, Draft
from engine.domain.values import CustomerContent
from engine.ports import Answer, NotThere, Outdated, Refused, Remote

NOT_THERE_STEP = "Look for the customer in WizCommerce, and link it again."
_ATTRIBUTE = re.compile(r"attributes\[(\d+)\]\.name")
NOTHING = "{}"
"""The body of an update of which nothing can be written."""


class Customers:
    """Creates and updates customers; keeps nothing. `send_by` and `answer_by` are seconds on the clock's boottime; what is
    read before a write ends by `send_by`, since after it nothing would be sent."""

    def __init__(self, client: WizCommerceClient, lists: Lists, read: Read, assumed: Assumptions) -> None:
        self._client = client
        self._lists = lists
        self.read = read
        self._assumed = assumed

    def create(self, connection: str, draft: CustomerDraft, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The customer of this reference as it is, or made now. Raises Unknown only when it may have been made now."""
        with nothing_was_sent():
            found = next(self.with_reference(connection, draft.reference, send_by), None)
        if found is not None:
            return answer(found)
        try:
            written = posted(self._client, connection, CUSTOMERS, body, send_by, answer_by)
        except Refused as refusal:
            if not _is_about_reference(refusal):
                raise
            with nothing_was_sent():
                found = next(self.with_reference(connection, draft.reference, answer_by), None)
            if found is None:
                raise
            return answer(found)
        return answer(self._as_written(written))

    def update(self, connection: str, draft: CustomerUpdate, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The customer as changed. Raises Outdated, and has changed nothing, when it is not at the draft's revision;
        Refused when it is gone, or with `status-ignored` when everything but its status was changed (A-28). An update
        of which nothing can be written sends nothing."""
        with nothing_was_sent():
            current = self.read(connection, draft.remote_id, send_by)
        if current.content is None and not current.problem:
            raise gone("customer", NOT_THERE_STEP)
        if current.revision != draft.revision:
            raise Outdated(
                "The customer was changed in WizCommerce meanwhile.",
                code="outdated",
                next_step="Nothing to do: it is read again and decided anew.",
            )
        if body == NOTHING:
            return answer(current)
        path = f"{CUSTOMERS.path}/{quote(draft.remote_id, safe='')}"
        try:
            written = self._client.write(connection, "PATCH", path, body, send_by=send_by, until=answer_by)
        except NotThere as fault:
            raise gone("customer", NOT_THERE_STEP, fault.raw) from None
        except Refused as refusal:
            if "active" in draft.fields and "status" in fields_named(refusal):
                raise _status_not_taken(draft, "status-refused", refusal.raw) from None
            raise
        changed = self._as_written(written, draft.remote_id)
        content = changed.content
        if "active" in draft.fields and isinstance(content, CustomerContent) and content.active != draft.content.active:
            raise _status_not_taken(draft, "status-ignored", changed.raw)
        return answer(changed)

    def with_reference(self, connection: str, reference: str, until: float | None = None) -> Iterator[Remote]:
        """The customers of this reference as they are, active and inactive ones: at most one (A-04)."""
        for remote_id in self._lists.by_reference(connection, CUSTOMERS, reference, until):
            found = self.read(connection, remote_id, until)
            if found.content is not None or found.problem:
                yield found

    def ensure_attribute(self, connection: str, name: str) -> None:
        """Customers have an attribute of this name, a text when it is made now (A-33). May raise Unknown: asked again,
        it looks first."""
        if self._has_attribute(connection, name):
            return
        body = msgspec.json.encode({"entity": "customer", "name": name, "data_type": "text"}).decode()
        until = self._client.deadline()
        try:
            posted(self._client, connection, CUSTOMER_ATTRIBUTES, body, until, until)
        except Refused:
            if not self._has_attribute(connection, name):  # somebody may have been faster
                raise

    def _has_attribute(self, connection: str, name: str) -> bool:
        defined = self._lists.choices(connection, CUSTOMER_ATTRIBUTES)
        return any(one.name == name and one.entity in (None, "customer") for one in defined)

    def _as_written(self, body: bytes, remote_id: str = "") -> Remote:
        """The record in the answer to a write. Raises Unknown when there is none in it, or another one."""
        try:
            found = WRITTEN.decode(body).data.id
        except (msgspec.DecodeError, RecursionError) as fault:
            raise unknown(not_understood("answer", body, fault)) from None
        remote = customer_from_body(found, body, self._assumed)
        if not found or found != (remote_id or found) or (remote.content is None and not remote.problem):
            raise unknown(not_understood("answer", body, "it is not the customer that was written."))
        return remote


def _is_about_reference(refusal: Refused) -> bool:
    """Whether the reference may be taken (A-04): it is named, or nothing is, since details are optional."""
    named = fields_named(refusal)
    return refusal.code != "403" and (not named or "reference_id" in named)


def unknown_attributes(draft: Draft, refusal: Refused) -> list[str]:
    """The attributes of a draft whose names a refusal does not know; none when it is about anything else."""
    if not isinstance(draft, CustomerDraft | CustomerUpdate):
        return []
    names = [one.name for one in draft.content.attributes]
    places = [int(found.group(1)) for field in fields_named(refusal) if (found := _ATTRIBUTE.fullmatch(field))]
    return [names[place] for place in places if place < len(names)]


def _status_not_taken(draft: CustomerUpdate, code: str, raw: str) -> Refused:
    wanted = "active" if draft.content.active else "inactive"
    return Refused(
        "WizCommerce did not take the change of the customer's status.",
        code=code,
        next_step=f"In WizCommerce, open Customers, choose this customer and set it to {wanted}. That is seen by itself.",
        raw=raw,
        ran=code == "status-ignored",
    )
