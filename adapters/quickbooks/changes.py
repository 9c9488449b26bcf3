"""Following what changes in QuickBooks, with a cursor that never skips anything that can still be had.

A cursor is opaque to everybody else:

- an ISO 8601 time: everything up to it was seen. The next poll asks change data capture from five minutes before it
  (whether `changedSince` is inclusive is not known).
- a plan, as JSON: what must still be asked for, step by step, and the time that will have been reached then.

One step is one metered read. Change data capture cuts an answer off at 1000 rows without a word and cannot be paged:
then its kinds are halved and asked again, and a single kind that is still cut off is paged by query instead. A
cursor older than 29 days is followed by query as well; an empty one begins 29 days ago. Queries cannot show
deletions: of those, only what lies within an answer of change data capture is seen. Source: QuickBooks reference,
sections 3.5, 4.1 and 4.2.
"""

from datetime import datetime, timedelta

import msgspec

from adapters.quickbooks.statements import ROWS_AT_MOST
from adapters.quickbooks.translate import ENTITIES
from engine.clock import instant

FOLLOWED = ("customer", "product", "invoice", "payment", "creditmemo", "term", "preferences")
OVERLAP = timedelta(minutes=5)
LOOK_BACK = timedelta(days=29)


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One read. `page` 0 is change data capture of `kinds`; from 1 on it is a page of a query for the one kind,
    `rows` long."""

    kinds: tuple[str, ...]
    page: int = 0
    rows: int = ROWS_AT_MOST


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is still to be asked for since `since`. `reached_at` is how far we are then: the
    moment of the first answer, since whatever changes later may have escaped it."""

    since: datetime
    steps: tuple[Step, ...]
    reached_at: datetime | None = None

    def next(self) -> Step:
        return self.steps[0]

    def after(self, more: tuple[Step, ...], answered_at: datetime | None) -> "Plan":
        """The plan when its next step was answered at `answered_at` (None: not answered) and asks for `more` first."""
        return Plan(since=self.since, steps=(*more, *self.steps[1:]), reached_at=self.reached_at or answered_at)

    def cursor(self) -> str:
        """A plain time when nothing is left to do."""
        if self.steps or self.reached_at is None:
            return msgspec.json.encode(self).decode()
        return self.reached_at.isoformat()


def plan_from(cursor: str, now: datetime) -> Plan:
    """What to do next for a cursor. Raises ValueError when it is none of ours."""
    if cursor.startswith("{"):
        return msgspec.json.decode(cursor, type=Plan)
    since = instant(cursor) - OVERLAP if cursor else now - LOOK_BACK
    if now - since > LOOK_BACK:
        pages = tuple(Step(kinds=(kind,), page=1) for kind in FOLLOWED)
        return Plan(since=since, steps=(*pages, Step(kinds=FOLLOWED)))
    return Plan(since=since, steps=(Step(kinds=FOLLOWED),))


def split(step: Step) -> tuple[Step, ...]:
    """Smaller steps for one whose answer was cut off."""
    if step.page:
        return (Step(kinds=step.kinds, page=step.page * 2 - 1, rows=max(1, step.rows // 2)),)
    if len(step.kinds) == 1:
        return (Step(kinds=step.kinds, page=1),)
    half = len(step.kinds) // 2
    return (Step(kinds=step.kinds[:half]), Step(kinds=step.kinds[half:]))


def next_page(step: Step) -> Step:
    return Step(kinds=step.kinds, page=step.page + 1, rows=step.rows)


def capture_since(plan: Plan, now: datetime) -> datetime:
    """From when change data capture may be asked: never longer ago than its look-back."""
    return max(plan.since, now - LOOK_BACK)


def capture_parameters(step: Step, since: datetime) -> dict[str, str]:
    entities = ",".join(ENTITIES[kind] for kind in step.kinds)
    return {"entities": entities, "changedSince": since.isoformat(timespec="seconds")}
