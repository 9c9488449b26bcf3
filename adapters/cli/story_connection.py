"""The events of a connection and of its runs, as sentences."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from engine.domain import events as e
from engine.domain.choices import CHOICES
from engine.domain.values import CompanyFacts

Time = Callable[[datetime], str]


def connection_words(event: e.Event, actor: str, time: Time) -> str:
    """What happened to a connection, in words. Raises LookupError for an event that has no words anywhere."""
    words = _access(event, actor, time) or _gate(event, actor, time) or _choices(event, actor) or _run(event)
    if not words:
        raise LookupError(f"{type(event).__name__} has no words")
    return words


def _access(event: e.Event, actor: str, time: Time) -> str:
    match event:
        case e.ConnectionOpened():
            return f"{actor} began this connection"
        case e.TenantJoined(expires_at=until):
            return f"{actor} gave WizCommerce's token{_until(until, time)}; WizCommerce accepted it"
        case e.TenantTokenLapsing(expires_at=until):
            return f"the WizCommerce token ends at {time(until)}"
        case e.TenantAccessEnded(reason=reason):
            return f"WizCommerce no longer lets us in: {reason}"
        case e.ConsentGranted(company=company, refresh_expires_at=until):
            return f"an administrator of {company} consented (link made by {actor}){_until(until, time)}"
        case e.ConsentRegained(company=company, refresh_expires_at=until):
            return f"an administrator of {company} consented again (link made by {actor}){_until(until, time)}"
        case e.ConsentRefused(reason=reason):
            return f"no consent was given: {reason}"
        case e.ConsentLapsing(expires_at=until):
            return f"the QuickBooks consent ends at {time(until)} unless someone connects again"
        case e.ConsentEnded(reason=reason, trace_id=trace_id):
            return f"the QuickBooks consent ended: {reason}" + (f" [trace {trace_id}]" if trace_id else "")
        case _:
            return ""


def _until(until: datetime | None, time: Time) -> str:
    return f", good until {time(until)}" if until else ""


def _gate(event: e.Event, actor: str, time: Time) -> str:
    match event:
        case e.CompanyObserved(facts=facts):
            return f"QuickBooks showed the company {facts.name}: {facts_in_words(facts)}"
        case e.PushStarted(push_from=push_from):
            return f"{actor} said that orders made since {time(push_from)} go"
        case e.PushPaused(reason=reason):
            return f"{actor} paused all writes: {reason}"
        case e.PushResumed():
            return f"{actor} let writes go on"
        case e.StepParked():
            return (
                f"{event.step} stopped at {event.stream} (position {event.position}): {event.problem}. All others go on"
            )
        case e.StepUnparked():
            return f"{actor} let {event.stream} go on ({event.step})"
        case _:
            return ""


def _choices(event: e.Event, actor: str) -> str:
    match event:
        case e.SettingChosen(name=name, value=""):
            default = CHOICES[name].default if name in CHOICES else ""
            return f"{actor} chose the default again for {name}: {default or 'nothing'}"
        case e.SettingChosen(name=name, value=value):
            return f"{actor} chose {value} for {name}"
        case e.FirstSyncAccepted(plan=plan):
            return f"{actor} accepted the first sync: {counted(plan) or 'nothing to write'}"
        case e.FirstSyncReported() as event:
            why = "".join(f"; {number} held: {reason}" for reason, number in event.held.items())
            return f"the first sync ended: {counted(event.counts)}{why}"
        case _:
            return ""


def counted(numbers: dict[str, int]) -> str:
    """`customers in quickbooks 12, linked 8`; what is not a number of anything is left out."""
    return ", ".join(f"{what} {number}" for what, number in numbers.items() if number)


def _run(event: e.Event) -> str:
    if not isinstance(event, e.RunFinished):
        return ""
    told = f"{event.asked_by} looked at {event.what}: {event.read} read, {event.changed} new or changed"
    whole = "" if event.complete else ", not to the end"
    metered = f", {event.metered_reads} QuickBooks reads that count toward the plan" if event.metered_reads else ""
    held = f", {event.held} held or left alone" if event.held else ""
    problem = f". Problem: {event.problem}" if event.problem else ""
    return f"{told}{held}{whole}{metered}{problem}"


def facts_in_words(facts: CompanyFacts) -> str:
    """Every fact that is set: `country US, custom numbers, home currency USD`."""
    told = []
    for name, value in msgspec.structs.asdict(facts).items():
        words = name.replace("_", " ")
        if value is True:
            told.append(words)
        elif value and name != "name":
            told.append(f"{words} {value}")
    return ", ".join(told)
