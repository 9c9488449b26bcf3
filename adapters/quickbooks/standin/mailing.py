"""Sending a document by e-mail and having it as PDF, for every kind that can be. Source: QuickBooks reference, 2.1, 7.5.

Nothing is really sent: what it leaves on the document is what a client sees.
"""

from __future__ import annotations

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Company, Record
from adapters.quickbooks.standin.envelope import entity_body
from adapters.quickbooks.standin.errand import Errand
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.paper import pdf_of
from adapters.quickbooks.standin.replies import Reply
from adapters.quickbooks.standin.shapes import EMAIL, Field, Shape, read_fields
from adapters.quickbooks.standin.times import to_the_second, today

PDF = "application/pdf"
_METERING = {("POST", "send"): "core", ("GET", "pdf"): "coreplus"}
_ADDRESS = Shape("EmailAddress", {"sendTo": Field(EMAIL, 100)})


def recognised(errand: Errand, head: str, tail: str) -> bool:
    """Whether a path below an entity is one of the two; the errand is then named."""
    id, _, action = tail.partition("/")
    metering = _METERING.get((errand.method, action))
    if metering is None:
        return False
    errand.id, errand.action, errand.metering, errand.operation = id, action, metering, f"{action} {head}"
    if action == "send":
        errand.verb, errand.tree = "send", {}
    return True


def must_be_possible(errand: Errand, kind: Kind) -> None:
    """Raises Fault 500 for a kind that has no such path or an answer in another form, 415 for a body of another type."""
    if not (kind.can_send if errand.action == "send" else kind.has_paper):
        raise refusals.no_such_path(errand.path, errand.address)
    if errand.action == "pdf" and not any(each in errand.accept.lower() for each in (PDF, "*/*")):
        raise refusals.unsupported_operation("A PDF is asked for with Accept: application/pdf")
    if errand.action == "send" and (
        errand.content_type.partition(";")[0].strip().lower() != "application/octet-stream"
    ):
        raise refusals.unsupported_media(errand.content_type, "application/octet-stream")


def carried(write: Write, errand: Errand, kind: Kind) -> Reply:
    """The document after it was sent, or its PDF. Raises Fault."""
    record = kind.read(write.company, errand.id)
    if errand.action == "pdf":
        return Reply(200, pdf_of(record), PDF)
    send(write, record, errand.options.get("sendTo", ""))
    now = write.company.clock.now()
    return Reply(200, entity_body(kind.entity, kind.view(write.company, record, errand.include), now))


def send(write: Write, record: Record, to: str) -> None:
    """Mark a document as sent, to `to` or to its own address: time and delivery move, the revision does not (switch).

    Raises Fault 2210, 2050, 6190, 6420, 6000.
    """
    address = read_fields({"sendTo": to}, _ADDRESS).get("sendTo") or record.wire.get("BillEmail", {}).get("Address")
    write.must_be_subscribed()
    if not address:
        raise refusals.email_required()
    company, now = write.company, write.company.clock.now()
    _count(write, company, today(now))
    sent = {
        "EmailStatus": "EmailSent",
        "BillEmail": {"Address": address},
        "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": to_the_second(now)},
    }
    if write.switches.send_moves_revision:
        company.amend(record, {**record.wire, **sent}, "emailed")
    else:
        company.touch(record, tell=True, verb="emailed", **sent)


def _count(write: Write, company: Company, day: str) -> None:
    """Source: QuickBooks reference, section 5 (40 a day from a sandbox)."""
    most = write.switches.emails_per_day
    if most and company.mailed[day] >= most:
        raise refusals.business(f"A sandbox company can send at most {most} e-mails a day")
    company.mailed[day] += 1
