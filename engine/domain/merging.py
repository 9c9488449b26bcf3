"""Three-way merge of a linked customer: what was changed where since both sides last agreed, and who wins where both were.

Pure. The base of each field is what the two sides showed when they last agreed on it: each may keep its own way of writing.
"""

from engine.domain.customer import OTHER, Agreed, Chosen, Customer
from engine.domain.events import ConflictSettled, Event, FieldsAgreed
from engine.domain.fields import CALLED, SHARED, Lists, loose, normal, shown
from engine.domain.values import CustomerContent, CustomerField, Personal, System, Value

Owners = dict[CustomerField, System]


class Wanted(Value, frozen=True, kw_only=True):
    """A value that a side is to have: the field of `content`, as `source` showed it."""

    source: System
    content: CustomerContent


class Merge(Value, frozen=True, kw_only=True):
    """What a comparison of both sides comes to."""

    events: tuple[Event, ...] = ()
    wanted: dict[System, dict[CustomerField, Wanted]] = {}


class _Field(Value, frozen=True, kw_only=True):
    """What one field comes to: agreed, a conflict, a value for one side or both."""

    agreed: bool = False
    conflict: ConflictSettled | None = None
    wanted: dict[System, Wanted] = {}


ADDRESSES = ("billing", "shipping")
NOTHING = _Field()
AGREED = _Field(agreed=True)


def merge(customer: Customer, lists: Lists, owners: Owners) -> Merge:
    """What follows from what both sides show now. Asked again with nothing changed, it has no more events and wants the same."""
    q, w = customer.shown_by("quickbooks"), customer.shown_by("wizcommerce")
    if q is None or w is None or q.display_name.erased or w.display_name.erased:
        return Merge()
    both = Agreed(quickbooks=q, wizcommerce=w)
    agreed: list[CustomerField] = []
    conflicts: list[Event] = []
    wanted: dict[System, dict[CustomerField, Wanted]] = {"quickbooks": {}, "wizcommerce": {}}
    for field in SHARED:
        found = _field(customer, field, both, lists, owners)
        if found.agreed:
            agreed.append(field)
        if found.conflict is not None:
            conflicts.append(found.conflict)
        for target, one in found.wanted.items():
            wanted[target][field] = one
    events = [*([FieldsAgreed(fields=tuple(agreed))] if agreed else []), *conflicts]
    return Merge(events=tuple(events), wanted=wanted)


def _field(customer: Customer, field: CustomerField, now: Agreed, lists: Lists, owners: Owners) -> _Field:
    back = customer.chosen_back.get(field)
    if back is not None:
        return _put_back(customer, field, now, back, lists, owners)
    base = customer.agreed.get(field)
    if base is None:
        return _never_agreed(customer, field, now, lists, owners)
    q, w = _texts(field, now, lists)
    was_q, was_w = _texts(field, base, lists)
    moved_q, moved_w = (normal(field, a, lists) != normal(field, b, lists) for a, b in ((q, was_q), (w, was_w)))
    if normal(field, q, lists) == normal(field, w, lists):
        return AGREED if moved_q or moved_w else NOTHING
    if field in ADDRESSES and not (q and w):  # none is removed because the other side has none
        kept: System = "quickbooks" if q else "wizcommerce"
        return _wanted(kept, now) if (moved_q if q else moved_w) else NOTHING
    if moved_q and moved_w:
        return _both_changed(
            customer, field, now, was_w or was_q, lists, owners, "changed on both sides since they agreed"
        )
    if moved_q:
        return _wanted("quickbooks", now)
    if moved_w:
        return _wanted("wizcommerce", now)
    return NOTHING


def _put_back(
    customer: Customer, field: CustomerField, now: Agreed, back: Chosen, lists: Lists, owners: Owners
) -> _Field:
    """The value a person put back goes to whichever side does not have it, unless somebody edited the field since."""
    text = shown(back.content, field, back.system, lists)
    meant = normal(field, text, lists)
    q, w = (normal(field, text, lists) for text in _texts(field, now, lists))
    known = {meant, *(normal(field, text, lists) for both in back.known for text in _texts(field, both, lists))}
    if q == w and (q == meant or q not in known):
        return AGREED
    if q not in known and w not in known:
        return _both_changed(customer, field, now, text, lists, owners, "changed on both sides since it was put back")
    if q not in known or w not in known:
        edited: System = "quickbooks" if q not in known else "wizcommerce"
        return _wanted(edited, now)
    value = Wanted(source=back.system, content=back.content)
    return _Field(wanted={side: value for side, text in zip(OTHER, (q, w), strict=True) if text != meant})


def _never_agreed(customer: Customer, field: CustomerField, now: Agreed, lists: Lists, owners: Owners) -> _Field:
    """Just linked: what only one side has is added to the other; what differs is settled by the owner."""
    q, w = _texts(field, now, lists)
    if loose(field, q, lists) == loose(field, w, lists):
        return AGREED
    if field in customer.unsaid:  # what stands there is a default of ours, or nothing
        return _wanted(customer.unsaid[field], now)
    if not normal(field, w, lists):
        return _wanted("quickbooks", now)
    if not normal(field, q, lists):
        return _wanted("wizcommerce", now)
    return _both_changed(customer, field, now, "", lists, owners, "differed when the two were linked")


def _both_changed(
    customer: Customer, field: CustomerField, now: Agreed, base: str, lists: Lists, owners: Owners, how: str
) -> _Field:
    """The owner wins; the conflict is said once for the same two values."""
    q, w = _texts(field, now, lists)
    winner = owners[field]
    said = customer.unsettled.get(field)
    known = said is not None and not said.undone and _alike(field, _texts(field, said.contents, lists), (q, w), lists)
    if known and said is not None:
        winner = said.event.winner
    wins = _wanted(winner, now)
    if known:
        return wins
    owner = "QuickBooks" if winner == "quickbooks" else "WizCommerce"
    settled = ConflictSettled(
        field=field,
        base=Personal(base),
        quickbooks=Personal(q),
        wizcommerce=Personal(w),
        winner=winner,
        rule=f"{how}; {owner} owns the {CALLED[field]} on this connection",
    )
    return _Field(conflict=settled, wanted=wins.wanted)


def _wanted(source: System, now: Agreed) -> _Field:
    """What `source` shows now goes to the other side."""
    content = now.quickbooks if source == "quickbooks" else now.wizcommerce
    return _Field(wanted={OTHER[source]: Wanted(source=source, content=content)})


def _alike(field: CustomerField, texts: tuple[str, str], others: tuple[str, str], lists: Lists) -> bool:
    return all(normal(field, a, lists) == normal(field, b, lists) for a, b in zip(texts, others, strict=True))


def _texts(field: CustomerField, both: Agreed, lists: Lists) -> tuple[str, str]:
    return shown(both.quickbooks, field, "quickbooks", lists), shown(both.wizcommerce, field, "wizcommerce", lists)
