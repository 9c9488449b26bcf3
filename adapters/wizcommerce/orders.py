"""Writing the orders WizCommerce has of invoices made in QuickBooks: each is made once under its reference, and changed as a
whole.

WizCommerce has no idempotency key, so an order is looked for by its reference before it is made (A-03), and when that is refused
(A-04). A PUT erases what it does not send, so a change reads the order first, lays what is ours over what stands there, with what
is paid and how far each line is fulfilled as WizCommerce shows it, and reads it back afterwards (A-44). There is no concurrency
control either: the order is written to only at the revision we know (A-16), and what somebody changes between that read and the
write is lost, be it a payment. An order is cancelled by its status, which touches nothing else.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.client import WizCommerceClient, not_understood, unknown
from adapters.wizcommerce.lists import Listed, Lists, orders
from adapters.wizcommerce.order_drafts import laid_over
from adapters.wizcommerce.translate import order_from_body
from adapters.wizcommerce.wire import WRITTEN
from adapters.wizcommerce.writes import Read, answer, gone, nothing_was_sent, posted, read_back
from engine.domain.drafts import OrderDraft, OrderUpdate
from engine.domain.values import OrderContent
from engine.ports import Answer, NotThere, Outdated, Refused, Remote

Json = dict[str, Any]
NOT_THERE_STEP = "Look for the order in WizCommerce."
_TEXT = msgspec.json.Encoder(decimal_format="number")
_TREE = msgspec.json.Decoder(Json, float_hook=Decimal)


class Orders:
    """Creates and changes orders; keeps nothing. `send_by` and `answer_by` are seconds on the clock's boottime; what is read
    before a write ends by `send_by`, since after it nothing would be sent."""

    def __init__(self, client: WizCommerceClient, lists: Lists, read: Read, assumed: Assumptions) -> None:
        self._client = client
        self._lists = lists
        self.read = read
        self._assumed = assumed
        self._listed: Listed = orders(assumed)

    def create(self, connection: str, draft: OrderDraft, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The order of this reference as it is, or made now. Raises Unknown only when it may have been made now."""
        with nothing_was_sent():
            found = next(self.with_reference(connection, draft.reference, send_by), None)
        if found is not None:
            return answer(found)
        try:
            written = posted(self._client, connection, self._listed, body, send_by, answer_by)
        except Refused as refusal:
            if refusal.code in ("403", "404"):
                raise
            with nothing_was_sent():
                found = next(self.with_reference(connection, draft.reference, answer_by), None)
            if found is None:
                raise
            return answer(found)
        return answer(self._as_written(written, draft.reference))

    def update(self, connection: str, draft: OrderUpdate, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The order as it reads after the change. Raises Outdated, and has changed nothing, when it is not at the draft's
        revision; Refused when it is gone, or not taken."""
        with nothing_was_sent():
            current = self.read(connection, draft.remote_id, send_by)
        if current.content is None and not current.problem:
            raise gone("order", NOT_THERE_STEP)
        if current.problem:  # nothing is laid over what we cannot read
            raise not_understood("order", current.raw.encode(), current.problem)
        if current.revision != draft.revision:
            raise Outdated(
                "The order was changed in WizCommerce meanwhile.",
                code="outdated",
                next_step="Nothing to do: it is read again and decided anew.",
            )
        path = f"{self._listed.path}/{quote(draft.remote_id, safe='')}"
        method = "PATCH" if draft.cancelled else "PUT"
        text = body if draft.cancelled else self._laid_over(draft, current, body)
        try:
            self._client.write(
                connection,
                method,
                f"{path}/status" if draft.cancelled else path,
                text,
                send_by=send_by,
                until=answer_by,
            )
        except NotThere as fault:
            raise gone("order", NOT_THERE_STEP, fault.raw) from None
        return answer(
            read_back(self.read, connection, draft.remote_id, answer_by, gone("order", NOT_THERE_STEP, ran=True))
        )

    def with_reference(self, connection: str, reference: str, until: float | None = None) -> Iterator[Remote]:
        """The orders of this reference as they are, in every status: at most one (A-04)."""
        for remote_id in self._lists.by_reference(connection, self._listed, reference, until):
            found = self.read(connection, remote_id, until)
            if found.content is not None or found.problem:
                yield found

    def _laid_over(self, draft: OrderUpdate, current: Remote, body: str) -> str:
        try:
            shown = _TREE.decode(current.raw.encode())["data"]
        except (msgspec.DecodeError, KeyError, TypeError) as fault:
            raise not_understood("order", current.raw.encode(), fault) from None
        return _TEXT.encode(laid_over(_TREE.decode(body), shown, draft, self._assumed)).decode()

    def _as_written(self, body: bytes, reference: str) -> Remote:
        """The order in the answer to a POST. Raises Unknown when there is none in it, or another one."""
        try:
            remote_id = WRITTEN.decode(body).data.id
        except (msgspec.DecodeError, RecursionError) as fault:
            raise unknown(not_understood("answer", body, fault)) from None
        remote = order_from_body(remote_id, body, self._assumed)
        content = remote.content
        if remote.problem or not isinstance(content, OrderContent) or content.reference != reference:
            raise unknown(not_understood("answer", body, remote.problem or "it is not the order that was written."))
        return remote
