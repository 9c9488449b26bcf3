"""The recorded examples: what any log of ours may hold is read by every release."""

import json
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent

from engine.domain.drafts import CustomerDraft, CustomerUpdate, InvoiceDraft
from engine.domain.events import TAGS, AttemptStarted, CustomerObserved, OrderObserved, Recorded
from engine.domain.values import Personal
from engine.log import LogNotUnderstood
from engine.log.mapper import EventMapper
from tests.recording import examples
from tests.sealing import Turner

FOLDER = Path(__file__).parents[1] / "recorded"
FILES = sorted(FOLDER.glob("*.json"))
STREAM = "order-acme:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10"

KNOWN = {
    "answer-disagreed",
    "attempt-failed",
    "attempt-started",
    "attention-cleared",
    "attention-needed",
    "claim-moved",
    "command-abandoned",
    "command-accepted",
    "command-held",
    "command-issued",
    "command-refused",
    "command-released",
    "command-retried",
    "company-observed",
    "connection-opened",
    "conflict-settled",
    "conflict-undone",
    "consent-ended",
    "consent-granted",
    "consent-lapsing",
    "consent-refused",
    "consent-regained",
    "customer-observed",
    "fields-agreed",
    "first-sync-accepted",
    "first-sync-reported",
    "invoice-attached",
    "invoice-observed",
    "invoice-overridden",
    "invoice-record-wanted",
    "late-outcome",
    "look-postponed",
    "looked-and-absent",
    "match-chosen",
    "match-proposed",
    "match-rejected",
    "needed-by",
    "order-observed",
    "other-observed",
    "outcome-unknown",
    "payment-observed",
    "payment-taken",
    "product-observed",
    "push-asked-for",
    "push-paused",
    "push-resumed",
    "push-started",
    "push-withheld",
    "personal-fields-erased",
    "reconsidered",
    "record-gone",
    "record-linked",
    "record-merged-into",
    "record-merged-there",
    "record-not-understood",
    "remote-claimed",
    "revision-moved",
    "run-finished",
    "setting-chosen",
    "shipment-wanted",
    "step-parked",
    "step-unparked",
    "stock-observed",
    "tenant-access-ended",
    "tenant-joined",
    "tenant-token-lapsing",
    "update-outdated",
    "zero-policy-chosen",
}
"""Tags are for ever: a new one is added here, none is taken away or changed."""


def read(file: Path, sealer: Turner | None = None) -> Recorded:
    return EventMapper(sealer or Turner()).recorded(row(file.stem.partition(".")[0], file.read_bytes()), position=9)


def row(tag: str, state: bytes) -> StoredEvent:
    return StoredEvent(originator_id=STREAM, originator_version=3, topic=tag, state=state)


def example(name: str) -> Any:
    return read(FOLDER / f"{name}.json").event


def lost(recorded: Any, again: Any, place: str = "") -> list[str]:
    """Where `again` no longer says what `recorded` said."""
    if isinstance(recorded, dict) and isinstance(again, dict):
        return [found for key, value in recorded.items() for found in lost(value, again.get(key), f"{place}.{key}")]
    if isinstance(recorded, list) and isinstance(again, list) and len(recorded) == len(again):
        return [found for n, value in enumerate(recorded) for found in lost(value, again[n], f"{place}[{n}]")]
    return [] if recorded == again else [place]


def test_no_tag_was_ever_taken_away_or_changed() -> None:
    assert set(TAGS) == KNOWN


def test_every_event_has_a_recorded_example() -> None:
    assert {file.stem.partition(".")[0] for file in FILES} == set(TAGS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_recorded_example_is_still_read_and_nothing_of_it_is_lost(file: Path) -> None:
    recorded = read(file)
    state = EventMapper(Turner()).to_stored_event(recorded).state

    assert lost(json.loads(file.read_bytes()), json.loads(state)) == []
    assert EventMapper(Turner()).recorded(row(file.stem.partition(".")[0], state), position=9) == recorded
    assert recorded.recorded_at.tzinfo is UTC or recorded.recorded_at.utcoffset() is not None


@pytest.mark.parametrize("name", sorted(examples()))
def test_what_is_written_today_is_what_was_recorded(name: str) -> None:
    made = examples()[name]

    found = msgspec.structs.replace(read(FOLDER / f"{name}.json"), version=made.version, position=made.position)

    assert found == made


def test_money_comes_back_to_the_last_digit_and_personal_texts_to_the_letter() -> None:
    attempt, order, customer = example("attempt-started"), example("order-observed"), example("customer-observed")

    assert isinstance(attempt, AttemptStarted) and isinstance(attempt.draft, InvoiceDraft)
    assert str(attempt.draft.lines[0].quantity) == "128.350"
    assert attempt.draft.total == Decimal("1861.08")
    assert isinstance(order, OrderObserved) and str(order.content.amount) == "1861.075"
    assert isinstance(customer, CustomerObserved) and str(customer.content.family_name) == "Fämilyname"


def test_a_draft_comes_back_as_the_kind_it_was() -> None:
    assert isinstance(example("attempt-started").draft, InvoiceDraft)
    assert isinstance(example("attempt-started.customer").draft, CustomerDraft)
    update = example("attempt-started.customer-update").draft
    assert isinstance(update, CustomerUpdate) and update.fields == ("phone", "shipping")
    assert example("attempt-started.customer-there").draft.target == "wizcommerce"


def test_personal_texts_never_stand_in_a_row_as_they_are() -> None:
    state = (FOLDER / "customer-observed.json").read_text()

    for text in ("Bloom", "Givenname", "Fämilyname", "books@bloom.example", "415 555 0100", "Harbour"):
        assert text not in state


def test_a_destroyed_key_leaves_erased_fields_and_everything_else() -> None:
    sealer = Turner()
    sealer.destroyed.add(STREAM)

    event: Any = read(FOLDER / "customer-observed.json", sealer).event

    assert event.content.display_name == Personal(None) and str(event.content.display_name) == "(erased)"
    assert event.content.billing.city == "Portland"
    again = EventMapper(sealer).to_stored_event(read(FOLDER / "customer-observed.json", sealer))
    assert EventMapper(sealer).recorded(again, 9).event == event


def test_an_unknown_tag_stops_with_a_sentence_that_names_the_place() -> None:
    with pytest.raises(LogNotUnderstood, match=f"event 3 of {STREAM} has the tag 'order-pondered'") as told:
        EventMapper(Turner()).recorded(row("order-pondered", b"{}"), position=9)

    assert "run the release that wrote it, or a newer one" in str(told.value)


@pytest.mark.parametrize(
    "break_",
    [
        lambda state: state[:-40],
        lambda state: b"",
        lambda state: b"\xff\xfe",
        lambda state: state.replace(b'"recorded_at"', b'"written_at"'),
        lambda state: state.replace(b'"remote_id"', b'"distant_id"'),
        lambda state: state.replace(b"2026-11-20T09:30:15.250000Z", b"last Friday"),
        lambda state: state.replace(b'"sealed"', b'"concealed"'),
        lambda state: state.replace(b'{\n        "sealed": "turned oC & moolB"\n      }', b'"Bloom & Co"'),
        lambda state: state.replace(b'{\n        "sealed": "turned oC & moolB"\n      }', b"7"),
    ],
    ids=[
        "cut off",
        "empty",
        "not text",
        "no time",
        "a field lost",
        "no date",
        "not sealed",
        "in the clear",
        "a number",
    ],
)
def test_a_broken_row_stops_with_a_sentence_that_names_the_place(break_: Any) -> None:
    whole = (FOLDER / "customer-observed.json").read_bytes()
    broken = break_(whole)

    assert broken != whole
    with pytest.raises(LogNotUnderstood, match=rf"event 3 of {STREAM} \(customer-observed\) cannot be read"):
        EventMapper(Turner()).recorded(row("customer-observed", broken), position=9)


def test_a_field_of_a_later_release_does_not_hinder_reading() -> None:
    state = json.loads((FOLDER / "push-paused.json").read_bytes())
    state["event"]["mood"] = "calm"

    assert EventMapper(Turner()).recorded(row("push-paused", json.dumps(state).encode()), 9).event == example(
        "push-paused"
    )


def test_an_event_without_a_tag_cannot_be_recorded() -> None:
    class PersonSmiled(msgspec.Struct, frozen=True):
        """A fact nobody registered."""

    made: Any = msgspec.structs.replace(examples()["push-paused"], event=PersonSmiled())

    with pytest.raises(KeyError):
        EventMapper(Turner()).to_stored_event(made)
