"""Who is who and who wins, in words: matches, links, merges, what both sides agree on, and conflicts."""

from adapters.cli.story_commands import actor
from adapters.cli.story_contents import count, plain
from engine.domain import events as e
from engine.domain.customer_policies import NAMED
from engine.domain.fields import CALLED
from engine.domain.values import System

ACTIVE = "whether it is active"


def noun(system: System, kind: str) -> str:
    """What a system's own people call a record of that kind: QuickBooks' products are items."""
    return "item" if system == "quickbooks" and kind == "product" else kind


def customer_words(recorded: e.Recorded) -> str:
    """The event in words; '' when it is about none of these."""
    return _match(recorded) or _merge(recorded)


def _match(recorded: e.Recorded) -> str:
    match recorded.event:
        case e.RecordLinked() as event:
            what = noun(event.system, event.kind)
            return f"linked to {NAMED[event.system]} {what} {event.remote_id}: {event.how.removesuffix(': answered')}"
        case e.MatchProposed() as event:
            each = ", ".join(f"{c.remote_id} ({c.because})" for c in event.candidates)
            found = count(len(event.candidates), "possible match").replace("matchs", "matches")
            return f"{found} in {NAMED[event.system]}, none of them sure: {each}. A person decides"
        case e.MatchChosen() as event:
            return f"{actor(recorded)} chose {NAMED[event.system]} record {event.remote_id}"
        case e.MatchRejected() as event:
            return f"{actor(recorded)} said that none of them in {NAMED[event.system]} is it"
        case e.RecordMergedInto(record=record):
            return f"this and {record} turned out to be one record; the story goes on there"
        case e.RecordMergedThere() as event:
            did = "merged" if event.system == "quickbooks" else "has another in the place of"
            last = f"into {event.into}" if event.system == "quickbooks" else f"now: {event.into}"
            return f"{NAMED[event.system]} {did} its {noun(event.system, event.kind)} {event.remote_id} {last}"
        case e.RemoteClaimed(record=record):
            return f"belongs to {record}"
        case e.ClaimMoved(record=record):
            return f"belongs to {record} from now on"
        case _:
            return ""


def _merge(recorded: e.Recorded) -> str:
    match recorded.event:
        case e.FieldsAgreed(fields=fields):
            told = [ACTIVE if field == "active" else f"the {CALLED[field]}" for field in fields]
            return f"both sides agree on {', '.join(told)}"
        case e.ConflictSettled() as event:
            return conflict_words(event)
        case e.ConflictUndone() as event:
            return (
                f"{actor(recorded)} put the {CALLED[event.field]} of {NAMED[event.value_of]} back, on both sides "
                f"(undoing conflict {event.settled})"
            )
        case _:
            return ""


def conflict_words(event: e.ConflictSettled) -> str:
    """`The phone was changed on both sides since they agreed: QuickBooks (1 → 2), WizCommerce (1 → 3); WizCommerce wins,
    because it owns the phone on this connection`."""
    how, _, why = event.rule.partition("; ")
    since = how.startswith("changed")
    was = f"{plain(event.base)} → " if since else ""
    sides = f"QuickBooks ({was}{plain(event.quickbooks)}), WizCommerce ({was}{plain(event.wizcommerce)})"
    told = f"the {CALLED[event.field]} {'was ' if since else ''}{how}: {sides}"
    return f"{told}; {NAMED[event.winner]} wins, because {why or 'that is the rule'}"
