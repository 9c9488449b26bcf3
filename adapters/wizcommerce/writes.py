"""What every write to WizCommerce has in common: what a failure means, what a refusal names, and what came back."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from adapters.wizcommerce.client import CHECK_ADDRESS, WizCommerceClient, error_in, unknown
from adapters.wizcommerce.lists import Listed
from engine.ports import Answer, GatewayError, NotThere, Refused, Remote


class Read(Protocol):
    """Reads one record of a kind, ended by `until` (None: by the client's own limit); a tombstone after a 404 (A-43)."""

    def __call__(self, connection: str, remote_id: str, until: float | None = None) -> Remote: ...


@contextmanager
def nothing_was_sent() -> Generator[None, None, None]:
    """Whatever goes wrong inside is a read's: the write it belongs to was certainly not carried out."""
    try:
        yield
    except GatewayError as fault:
        fault.ran = False
        raise


def answer(remote: Remote) -> Answer:
    """WizCommerce names neither a number nor a trace of its own."""
    return Answer(remote=remote, number="", trace_id="")


def gone(noun: str, next_step: str, raw: str = "", ran: bool = False) -> Refused:
    """The refusal of a write to a record that is not there any more; `ran` says whether something was written to it before."""
    return Refused(
        f"WizCommerce does not have this {noun} any more.", code="404", next_step=next_step, raw=raw, ran=ran
    )


def read_back(read: Read, connection: str, remote_id: str, answer_by: float, missing: Refused) -> Remote:
    """A record after it was written to. Raises Unknown when it cannot be read, since what was written is not seen then; and
    `missing` when it is not there."""
    try:
        remote = read(connection, remote_id, answer_by)
    except GatewayError as fault:
        raise unknown(fault) from None
    if remote.content is None and not remote.problem:
        raise missing
    return remote


def fields_named(refusal: Refused) -> list[str]:
    """The fields a refusal names; none where it gives no details, which are optional."""
    error = error_in(refusal.raw.encode())
    return [one.field for one in (error.details if error else None) or [] if one.field]


def posted(
    client: WizCommerceClient, connection: str, listed: Listed, body: str, send_by: float, answer_by: float
) -> bytes:
    """The answer to a POST to a list. Raises as `WizCommerceClient.write`, but Refused where there is no such list."""
    try:
        return client.write(connection, "POST", listed.path, body, send_by=send_by, until=answer_by)
    except NotThere as fault:
        raise Refused(
            f"WizCommerce takes no new {listed.noun} at its address.",
            code="404",
            next_step=CHECK_ADDRESS,
            raw=fault.raw,
        ) from None
