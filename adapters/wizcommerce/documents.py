"""Writing what WizCommerce is told of an order, invoice records and shipments: each is made once under its reference, and changed
to what is wanted.

WizCommerce has no idempotency key. So a document is looked for by its reference before it is made (A-03) and when that is refused
(A-04), and of one that is there only what differs is sent: each write can be repeated. What a tenant may take in one of two ways
only is tried the other way at once where it was refused, as a refusal means that nothing was carried out. What names the order
(A-26) is such a thing: its id; else its reference. Which it takes is remembered for the connection.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Generic, Literal, TypeVar
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.client import WizCommerceClient, not_understood, unknown
from adapters.wizcommerce.lists import Listed, Lists
from adapters.wizcommerce.wire import WRITTEN
from adapters.wizcommerce.writes import answer, fields_named, nothing_was_sent, posted
from engine.domain.drafts import InvoiceRecordDraft, ShipmentDraft
from engine.ports import Answer, NotThere, Refused, Remote

Json = dict[str, Any]
D = TypeVar("D", InvoiceRecordDraft, ShipmentDraft)
_TEXT = msgspec.json.Encoder(decimal_format="number")
_TREE = msgspec.json.Decoder(Json, float_hook=Decimal)


class Wording(msgspec.Struct, frozen=True):
    """How a tenant takes what it may take in two ways. `nameless` are the places of items that go without their SKU."""

    order: Literal["id", "reference"]
    statuses: Literal["newer", "older"] = "newer"
    both_tried: bool = False
    """Whether the order was named the other way already."""
    nameless: frozenset[int] = frozenset()


class Documents(ABC, Generic[D]):
    """Puts documents of one kind. Beside the wording each connection takes, which costs a call where it is forgotten, it keeps
    nothing. `send_by` and `answer_by` are seconds on the clock's boottime; what is read before a write ends by `send_by`."""

    listed: ClassVar[Listed]

    def __init__(self, client: WizCommerceClient, lists: Lists, assumed: Assumptions) -> None:
        self._client = client
        self._lists = lists
        self._assumed = assumed
        self._wordings: dict[str, Wording] = {}

    @abstractmethod
    def record(self, body: bytes) -> Remote:
        """`{"data": {…}}` as a Remote; one that cannot be read has a `problem`."""

    @abstractmethod
    def reference(self, remote: Remote) -> str:
        """The reference of one that could be read; '' of another kind of record."""

    @abstractmethod
    def differing(self, tree: Json, draft: D, found: Remote) -> Json:
        """What of a whole document WizCommerce does not show yet. Raises Refused where it cannot be changed to it."""

    @abstractmethod
    def in_words(self, tree: Json, draft: D, wording: Wording) -> Json:
        """`tree` in the words that the tenant takes, but for what names the order."""

    @abstractmethod
    def otherwise(self, tree: Json, named: list[str], wording: Wording, refusal: Refused) -> Wording | None:
        """How else it may be taken, by the fields that the refusal names, which it need not do; None when there is no other
        way."""

    def spelled(self, tree: Json) -> Json:
        """The same with its fields as the tenant writes them."""
        return tree

    def put(self, connection: str, draft: D, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The document of this reference as it stands once it says what `body` does. Raises Unknown only when something may have
        been written now; Refused, having written nothing, where WizCommerce does not take it."""
        with nothing_was_sent():
            found = self.with_reference(connection, draft.reference, send_by)
        if found:
            return self._changed(connection, draft, body, found[0], send_by, answer_by)
        make = partial(self._post, connection, send_by, answer_by)
        try:
            written = self._worded(connection, draft, _TREE.decode(body), make)
        except Refused as refusal:
            if refusal.code in ("403", "404"):
                raise
            with nothing_was_sent():
                found = self.with_reference(connection, draft.reference, answer_by)
            if not found:
                raise
            return self._changed(connection, draft, body, found[0], send_by, answer_by)
        return answer(self._as_written(written, draft))

    def with_reference(self, connection: str, reference: str, until: float | None = None) -> list[Remote]:
        """The document of exactly this reference, in a list: at most one (A-04)."""
        rows = self._lists.as_received(connection, self.listed, {"reference_ids": reference}, until)
        found = [self.record(b'{"data":' + bytes(row) + b"}") for row in rows]
        return [one for one in found if one.problem or self.reference(one) == reference]

    def _changed(self, connection: str, draft: D, body: str, found: Remote, send_by: float, answer_by: float) -> Answer:
        """Of a document that is there, what differs is sent; nothing when nothing does."""
        noun = self.listed.noun
        if found.problem or not self.reference(found):  # nothing is written over what we cannot read
            raise not_understood(noun, found.raw.encode(), found.problem or "it is another kind of record.")
        tree = self.differing(_TREE.decode(body), draft, found)
        if not tree:
            return answer(found)
        path = f"{self.listed.path}/{quote(found.remote_id, safe='')}"

        def patch(text: str) -> bytes:
            return self._client.write(connection, "PATCH", path, text, send_by=send_by, until=answer_by)

        try:
            written = self._worded(connection, draft, tree, patch)
        except NotThere as fault:
            raise Refused(
                f"WizCommerce does not have this record of the {noun} any more.",
                code="404",
                next_step="`wizqbo retry` makes it anew.",
                raw=fault.raw,
            ) from None
        return answer(self._as_written(written, draft))

    def _post(self, connection: str, send_by: float, answer_by: float, text: str) -> bytes:
        return posted(self._client, connection, self.listed, text, send_by, answer_by)

    def _worded(self, connection: str, draft: D, tree: Json, send: Callable[[str], bytes]) -> bytes:
        """The answer to `tree`, in the words that the tenant takes. Raises as `send` does, Refused with what it said last."""
        usual = Wording(self._assumed.a26_order_named_by, self._assumed.a48_statuses)
        wording = self._wordings.get(connection, usual)
        while True:
            worded = self.in_words(tree, draft, wording)
            if "order_id" in tree and wording.order == "reference" and draft.order_reference:
                worded = {**worded, "order_id": draft.order_reference}
            try:
                written = send(text_of(self.spelled(worded)))
            except Refused as refusal:
                other = self._other_wording(tree, draft, wording, refusal)
                if other is None:
                    raise
                wording = other
            else:
                self._wordings[connection] = replace(wording, nameless=frozenset(), both_tried=False)
                return written

    def _other_wording(self, tree: Json, draft: D, wording: Wording, refusal: Refused) -> Wording | None:
        if refusal.code == "403":
            return None
        named = fields_named(refusal)
        other = self.otherwise(tree, named, wording, refusal)
        if other is not None:
            return other
        about_order = "order_id" in named or not named
        if "order_id" in tree and about_order and draft.order_reference and not wording.both_tried:
            return replace(wording, order="reference" if wording.order == "id" else "id", both_tried=True)
        return None

    def _as_written(self, body: bytes, draft: D) -> Remote:
        """The document in the answer to a write. Raises Unknown when there is none in it, or another one."""
        remote = self.record(body)
        if remote.problem or self.reference(remote) != draft.reference:
            problem = remote.problem or f"it is not the {self.listed.noun} that was written."
            raise unknown(not_understood("answer", body, problem)) from None
        return remote


def text_of(tree: Json) -> str:
    """The exact JSON text of a body."""
    return _TEXT.encode(tree).decode()


def id_in(body: bytes) -> str:
    """The id of the record in an answer; '' where there is none to be read."""
    try:
        return WRITTEN.decode(body).data.id
    except (msgspec.DecodeError, RecursionError):
        return ""
