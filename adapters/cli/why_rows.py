"""Rows of `wizqbo why` that read alike for a customer and for a product: what waits, and what a person is to look at."""

from datetime import datetime
from typing import Any

from adapters.cli.naming import typed_for
from adapters.cli.session import Session
from adapters.cli.unsettled import state_words
from engine.domain.commands import Command
from engine.domain.customer import Customer
from engine.domain.product import Product


def waiting_row(command: Command, kind: str, ident: str) -> dict[str, Any]:
    """A command that is on its way or was refused, in the words of `why`; `ident` is what a person types for the record."""
    return {
        "verb": command.verb,
        "system": command.target,
        "state": state_words(command.status, command.target),
        "reason": command.reason,
        "next_step": typed_for(command.next_step, kind, ident),
        "since": command.issued_at,
        "due_at": command.due_at if command.status != "held" else None,
        "command_id": command.command_id,
    }


def notice_rows(session: Session, record: Customer | Product, kind: str, ident: str) -> list[dict[str, Any]]:
    """What a person is asked to look at, and has not dismissed."""
    sql = "SELECT topic, raised_at FROM attention WHERE stream = %s"
    raised: dict[str, datetime] = dict(session.rows(sql, record.stream))
    return [
        {
            "topic": topic,
            "sentence": one.sentence,
            "next_step": typed_for(one.next_step, kind, ident),
            "since": raised.get(topic),
        }
        for topic, one in record.attention.items()
    ]
