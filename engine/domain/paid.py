"""What was paid for an order, as WizCommerce shows it: rises of `amount_paid`, and its falls.

WizCommerce tells of no payment by itself (A-17), so a rise between two sights is one, of the difference, known by the version of
the sight that showed it: 100, 0, 100 are two rises. An order's first sight is a rise from nothing. None of that is money in the
books yet: a rise is *taken* (`PaymentTaken`) when the order has an invoice, or one is on its way. So what was paid for an order
of the baseline, which somebody else has invoiced, never becomes a payment, unless a person has the order pushed; a deposit on
an order that waits is taken with its invoice. A fall undoes rises that were not taken yet, newest first; what of it was taken is
a person's task, and no later rise is taken until the person has dismissed it.
"""

from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from engine.domain.events import PaymentTaken
from engine.domain.values import OrderContent, Value, cents

ZERO = Decimal("0.00")
TAKEN_BACK = frozenset({"REFUNDED", "VOIDED"})
"""Words of `payment_status` that say that money went back. Source: WizCommerce reference, 1.5 and A-18."""


class Rise(Value, frozen=True, kw_only=True):
    """More was paid than the sight before showed: in the sight that is version `caused_at` of the order's stream."""

    caused_at: int
    before: Decimal
    after: Decimal
    amount: Decimal
    seen_at: datetime
    method: str


class Fall(Value, frozen=True, kw_only=True):
    """Less is paid than the books may have been told, or it is said to have gone back; nobody has looked at it yet."""

    before: Decimal
    after: Decimal
    status: str


class Paid(Value, frozen=True, kw_only=True):
    """What WizCommerce has shown as paid for one order, and what of it was taken."""

    level: Decimal = ZERO
    status: str = ""
    rises: tuple[Rise, ...] = ()
    """Not taken yet, oldest first."""
    taken: tuple[PaymentTaken, ...] = ()
    fall: Fall | None = None


def shown(paid: Paid, content: OrderContent, version: int, at: datetime, born_there: bool) -> Paid:
    """After a sight of the order, version `version` of its stream, recorded `at`. What is paid already at the first sight of an
    order that was born in QuickBooks (`born_there`) was paid there: it is no rise."""
    now, status = cents(content.paid), content.payment_status.upper()
    known = replace(paid, level=now, status=status)
    if born_there:
        return known
    if now > paid.level:
        rise = Rise(
            caused_at=version,
            before=paid.level,
            after=now,
            amount=now - paid.level,
            seen_at=at,
            method=content.payment_method,
        )
        return replace(known, rises=(*paid.rises, rise))
    left, back = _undone(paid.rises, paid.level - now)
    went_back = status in TAKEN_BACK and status != paid.status
    if paid.taken and (back or went_back):
        before = paid.fall.before if paid.fall else now + back
        return replace(
            known, rises=left, fall=Fall(before=before, after=now, status=status if status in TAKEN_BACK else "")
        )
    return replace(known, rises=left)


def took(paid: Paid, taken: PaymentTaken) -> Paid:
    """After a rise was taken."""
    left = tuple(rise for rise in paid.rises if rise.caused_at != taken.caused_at)
    return replace(paid, rises=left, taken=(*paid.taken, taken))


def _undone(rises: tuple[Rise, ...], back: Decimal) -> tuple[tuple[Rise, ...], Decimal]:
    """The rises that are left when `back` of what was paid went back, the newest first; and what of it was none of theirs."""
    left = list(rises)
    while left and back > 0:
        last = left.pop()
        if last.amount > back:
            left.append(replace(last, amount=last.amount - back, after=last.after - back))
        back -= min(back, last.amount)
    return tuple(left), back
