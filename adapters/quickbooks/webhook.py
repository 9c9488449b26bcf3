"""Webhooks from QuickBooks: is it genuine, and what does it say has changed. Nothing is acted on here.

Both payload forms are read, told apart by shape; several companies may come in one delivery. Source: QuickBooks
reference, section 8.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from adapters.quickbooks.translate import KINDS
from engine.clock import instant
from engine.ports import Hint

_TYPE = re.compile(r"qbo\.([a-z0-9]+)\.([a-z]+)(?:\.v\d+)?", re.IGNORECASE)
_NOT_REPORTED = ("company", "customertype")
"""Kinds that no webhook tells of. Source: section 8.1."""
_BY_LOWER_NAME = {entity.lower(): kind for entity, kind in KINDS.items() if kind not in _NOT_REPORTED}
_OPERATIONS = {
    "create": "create",
    "created": "create",
    "update": "update",
    "updated": "update",
    "delete": "delete",
    "deleted": "delete",
    "merge": "merge",
    "merged": "merge",
    "void": "void",
    "voided": "void",
    "emailed": "email",
    "email": "email",
}


class NotUnderstood(Exception):
    """A genuine delivery that is neither form: it is kept raw and raised."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something changed: go and look.

    `kind` is ours, None for what we do not listen to (`entity` is their word for it). `operation` is create, update,
    delete, merge, void, email, or their own word in lower case. `event_id` is theirs, or made from the content where
    they give none: the same notice has the same one. `merged_from` is the id of the record that a merge made disappear.
    """

    realm: str
    kind: str | None
    entity: str
    remote_id: str
    operation: str
    event_id: str
    happened_at: datetime | None = None
    merged_from: str = ""


def verify(signature: str | None, body: bytes, verifier_token: str) -> bool:
    """Whether `signature` (header intuit-signature) was made with our verifier token over these very bytes; in constant
    time. False for a missing one."""
    if not signature or not verifier_token:
        return False
    made = base64.b64encode(hmac.new(verifier_token.encode(), body, hashlib.sha256).digest())
    return hmac.compare_digest(made, signature.strip().encode("utf-8", "replace"))


def notices(body: bytes) -> list[Notice]:
    """What a genuine delivery says. An event that lacks a field is given with '' there. Raises NotUnderstood when
    the body is not JSON or neither form."""
    try:
        tree = msgspec.json.decode(body)
    except msgspec.DecodeError as problem:
        raise NotUnderstood(f"the body is not JSON: {problem}") from None
    if isinstance(tree, dict) and isinstance(tree.get("eventNotifications"), list):
        return list(_legacy(tree["eventNotifications"]))
    if isinstance(tree, dict) and "specversion" in tree:
        return [_event(tree)]
    if isinstance(tree, list):
        return [_event(event) for event in tree]
    raise NotUnderstood("the body is neither a list of events nor eventNotifications")


def hints_from(notice: Notice) -> list[Hint]:
    """What to fetch for a notice of a kind we listen to: the record, and after a merge the one that went into it, whose hint
    says where it went."""
    kind, winner, loser = notice.kind or "", notice.remote_id, notice.merged_from
    if loser not in ("", winner):
        return [Hint(kind=kind, remote_id=winner), Hint(kind=kind, remote_id=loser, merged_into=winner)]
    return [Hint(kind=kind, remote_id=winner, changed_at=notice.happened_at)]


def _event(event: object) -> Notice:
    """One CloudEvent. Source: section 8.3."""
    said: dict[str, Any] = event if isinstance(event, dict) else {}
    named = _TYPE.fullmatch(_text(said.get("type")))
    entity, verb = (named.group(1), named.group(2)) if named else (_text(said.get("type")), "")
    more = said.get("data")
    return Notice(
        realm=_text(said.get("intuitaccountid")),
        kind=_BY_LOWER_NAME.get(entity.lower()),
        entity=entity.lower(),
        remote_id=_text(said.get("intuitentityid")),
        operation=_operation(verb),
        event_id=_text(said.get("id")) or _made_id(event),
        happened_at=_time(said.get("time")),
        merged_from=_merged_from(more if isinstance(more, dict) else {}),
    )


def _legacy(notifications: list[Any]) -> Iterable[Notice]:
    """The older form; it has no event ids. Source: section 8.2."""
    for notification in notifications:
        said: dict[str, Any] = notification if isinstance(notification, dict) else {}
        change = said.get("dataChangeEvent")
        entities = change.get("entities") if isinstance(change, dict) else None
        for item in entities if isinstance(entities, list) else [{}]:
            one: dict[str, Any] = item if isinstance(item, dict) else {}
            entity = _text(one.get("name"))
            yield Notice(
                realm=_text(said.get("realmId")),
                kind=_BY_LOWER_NAME.get(entity.lower()),
                entity=entity.lower(),
                remote_id=_text(one.get("id")),
                operation=_operation(_text(one.get("operation"))),
                event_id=_made_id([said.get("realmId"), item]),
                happened_at=_time(one.get("lastUpdated")),
                merged_from=_merged_from(one),
            )


def _merged_from(said: dict[str, Any]) -> str:
    """`deletedId` in the older form, `deletedid` in the newer one."""
    return _text(next((value for key, value in said.items() if key.lower() == "deletedid"), None))


def _operation(verb: str) -> str:
    return _OPERATIONS.get(verb.lower(), verb.lower())


def _made_id(said: object) -> str:
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()[:32]


def _text(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _time(value: object) -> datetime | None:
    try:
        return instant(value) if isinstance(value, str) else None
    except ValueError:
        return None
