"""What the engine asks of the outside, and the four ways a call can end badly.

A gateway is one system as the engine sees it, in our terms. It makes calls; it keeps nothing. Whether the call is allowed now
(limits, pause, consent) is the `Limiter`'s and `Credentials`' to say, and both are asked inside the gateway before every call.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from engine.domain.drafts import Draft
from engine.domain.values import CompanyFacts, Content, StockLevel, System


class GatewayError(Exception):
    """A call that did not end well. `sentence` and `next_step` are for an administrator and hold no secret."""

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "",
        next_step: str = "",
        trace_id: str = "",
        raw: str = "",
        ran: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.next_step = next_step
        self.trace_id = trace_id
        self.raw = raw
        self.ran = ran
        """False when the request was certainly not carried out."""


class Refused(GatewayError):
    """It understood, and said no. Asking again will not help until something changes."""


class Unavailable(GatewayError):
    """It could not answer now. Ask again, no sooner than `not_before` (None: by our own schedule)."""

    not_before: datetime | None = None


class Disconnected(GatewayError):
    """Our permission has lapsed. Nothing will work until someone reconnects."""


class Suspended(GatewayError):
    """The company itself is blocked (subscription, plan, lock-out): writes wait until a person acts."""


class Unknown(GatewayError):
    """A write that may or may not have happened."""


class Outdated(GatewayError):
    """The record is not as we last saw it: nothing was changed. Read it, and decide again.
    Source: QuickBooks reference 2.8 (fault 5010); WizCommerce reference A-16."""


class NotThere(GatewayError):
    """The record does not exist (any more)."""


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """A remote record as read, in our terms. `content` is None for a tombstone (deleted there)."""

    system: System
    kind: str
    remote_id: str
    revision: str
    content: Content | None
    raw: str
    created_at: datetime | None = None
    changed_at: datetime | None = None
    """On their clock, where the revision itself is no time."""
    problem: str = ""
    """Not '' when the body could not be understood: `content` is None then, and `raw` holds it."""
    stock: StockLevel | None = None
    """Of a product that the system counts: how much is there. It is no part of the content and moves no revision."""

    @property
    def shown(self) -> Content | StockLevel | None:
        """What the record says of itself: of a stock record that is its stock."""
        return self.stock if self.kind == "stock" else self.content


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a write came back with."""

    remote: Remote
    number: str
    trace_id: str


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll showed. `cursor` is where the next one begins; `complete` False when more must be asked for."""

    records: list[Remote]
    cursor: str
    complete: bool


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who has a display name in QuickBooks. `remote` is the customer as it is there, None for a vendor or an employee."""

    entity: Literal["customer", "vendor", "employee"]
    remote_id: str
    active: bool
    remote: Remote | None = None


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """Something changed over there: enough to know what to fetch, never acted on by itself."""

    kind: str
    remote_id: str
    revision: str = ""
    changed_at: datetime | None = None
    """When they say it changed, to the second, where they give no revision."""
    merged_into: str = ""
    """The id of the record that this one was merged into, as far as the signal says so; '' otherwise."""


class Writing(Protocol):
    """What both systems promise about what is written. Every method may raise a `GatewayError`; reads never raise `Unknown`."""

    def request_body(self, draft: Draft) -> str:
        """The exact JSON text that will be sent. Pure. Raises Refused when the draft cannot be expressed."""
        ...

    def send(
        self, connection: str, draft: Draft, body: str, command_id: str, *, send_by: float, answer_by: float
    ) -> Answer:
        """Sends `body`, made from `draft`, with `command_id` as the idempotency key where there is one; both limits are
        seconds on the clock's boottime.

        `send_by` is checked immediately before the request leaves, after leave and token were got: too late is
        `Unavailable` with `ran` False. At `answer_by` the call ends. The record with its id must come back, else `Unknown`.
        After the request may have left, every failure without a definite answer is `Unknown`. An update of a record that is
        not at the draft's revision any more is `Outdated`, and has changed nothing.
        """
        ...

    def look(self, connection: str, draft: Draft, since: datetime) -> list[Remote]:
        """What could be the outcome of sending `draft` at or after `since`. An empty list means: not there.

        QuickBooks: by document number, else by customer and creation time; a new customer by display name; at most two metered
        reads. WizCommerce: a new customer by its reference. An update: the record itself, as it is now."""
        ...

    def fetch(self, connection: str, kind: str, remote_id: str) -> Remote:
        """One record as it is now; a tombstone (`content` None) when it is gone."""
        ...

    def page(self, connection: str, kind: str, cursor: str) -> Changes:
        """The next page of every record of a kind, inactive ones too, in an order that stands still; '' begins."""
        ...


class Accounting(Writing, Protocol):
    """QuickBooks as the engine sees it."""

    def goods(self, connection: str, types: tuple[str, ...], cursor: str) -> Changes:
        """The next page of the items of `types`, inactive ones too, in the order of their ids: at most 1000, one metered read.

        '' as cursor begins with all there are, a time on their clock with those changed at or after it (less an overlap), and
        anything else that this method has answered goes on. The last page (`complete`) answers with a time: where the next
        look begins."""
        ...

    def changes(self, connection: str, cursor: str) -> Changes:
        """Change data capture since `cursor` for every kind we listen to, in one metered read."""
        ...

    def company(self, connection: str) -> CompanyFacts:
        """Company and preferences (two metered reads)."""
        ...

    def holders_of_name(self, connection: str, name: str) -> list[Holder]:
        """Who has a display name among customers, vendors and employees, active and inactive: after a 6240, at most three
        metered reads. Source: QuickBooks reference, 7.1."""
        ...

    def holder_of_number(self, connection: str, refusal: GatewayError) -> Remote | None:
        """The invoice a 6140 refusal names in its text, read; None when the text names none."""
        ...


class Commerce(Writing, Protocol):
    """WizCommerce as the engine sees it. A record is gone after a 404 and when it was deleted softly."""

    def find(self, connection: str, kind: str, number: str) -> str | None:
        """The remote id of the order with this display number or reference, or of the customer with this reference.

        None when there is none."""
        ...

    def goods(self, connection: str, cursor: str) -> Changes:
        """The next page of products as WizCommerce shows them now, newest change first, down to where `cursor` says that all
        was seen; '' = all there are. Free of charge; see `Changes`."""
        ...

    def stock(self, connection: str, cursor: str) -> Changes:
        """The same of stock records: each is a Remote of kind `stock`, whose id is the product's and whose `stock` is what it
        says. `content` is None."""
        ...

    def changed(self, connection: str, kind: str, cursor: str) -> tuple[list[Hint], str]:
        """What changed at or after `cursor` ('' = from the beginning), over all statuses, and the next cursor."""
        ...


class Limiter(Protocol):
    """Leave to make one call, within every limit of the other system, across all processes."""

    def call(self, connection: str, system: System, *, deadline: float | None = None) -> AbstractContextManager[None]:
        """Waits until the call is allowed, holds one of the places while it lasts. Raises Unavailable when it would be
        allowed only after `deadline` (seconds on the clock's boottime)."""
        ...


class Credentials(Protocol):
    """Tokens at rest. No token ever leaves this port but into a request header."""

    def bearer(self, connection: str) -> str:
        """A QuickBooks access token with at least a minute to live, refreshed if need be, by one process only.
        Raises Disconnected when the permission is gone, Unavailable when the token endpoint cannot answer."""
        ...

    def rejected(self, connection: str, token: str) -> str:
        """The other side answered 401 to `token`: refresh once and return another, or raise Disconnected."""
        ...

    def realm(self, connection: str) -> str:
        """The QuickBooks company id. Raises Disconnected when nothing is connected."""
        ...

    def expiries(self, connection: str) -> tuple[datetime | None, datetime | None]:
        """When the QuickBooks consent and the WizCommerce token end by themselves; None when unknown."""
        ...

    def api_key(self, connection: str) -> str:
        """The WizCommerce token. Raises Disconnected when there is none or it has lapsed."""
        ...


class Sealer(Protocol):
    """Keys of streams. A destroyed key leaves its fields unreadable for ever, and the log verifiable."""

    def seal(self, stream: str, text: str) -> str:
        """`text` encrypted with the stream's key (made on first use); '' when the key was destroyed."""
        ...

    def unseal(self, stream: str, sealed: str) -> str | None:
        """The text; None when the key was destroyed."""
        ...

    def prepare(self, streams: Collection[str], *, make: bool) -> None:
        """The keys of many streams will be needed: they are got at once, and made where there is none (`make`)."""
        ...

    def fingerprint(self, text: str) -> str:
        """A keyed hash, 32 hex digits: the same for the same text in this installation, meaningless outside it."""
        ...
