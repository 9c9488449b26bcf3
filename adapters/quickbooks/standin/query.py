"""The query language, read: SELECT … FROM … WHERE … ORDERBY … STARTPOSITION … MAXRESULTS.

Source: QuickBooks reference, section 3.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from adapters.quickbooks.standin import refusals

Value = str | bool | Decimal

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<sign><=|>=|<|>|=|\(|\)|,|\*)
    )""",
    re.VERBOSE,
)
_OPERATORS = frozenset({"=", "<", ">", "<=", ">=", "IN", "LIKE"})
_ENDS = frozenset({"ORDERBY", "ORDER", "STARTPOSITION", "MAXRESULTS"})


class Condition(NamedTuple):
    """`property operator values`; only IN has more than one value."""

    property: str
    operator: str
    values: tuple[Value, ...]


class Query(NamedTuple):
    """One statement. `fields` is empty for `*`; `start` counts from 1."""

    entity: str
    counting: bool
    fields: tuple[str, ...]
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: int
    limit: int


class _Token(NamedTuple):
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else self.text


def _tokens(statement: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while statement[at:].strip():
        match = _TOKEN.match(statement, at)
        if match is None:
            rest = statement[at:].lstrip()
            raise refusals.query_unparsable(len(statement) - len(rest) + 1, rest[:1])
        kind = str(match.lastgroup)
        found.append(_Token(kind, match.group(kind), match.start(kind) + 1))
        at = match.end()
    found.append(_Token("end", "<EOF>", len(statement) + 1))
    return found


class _Parser:
    def __init__(self, statement: str) -> None:
        self.tokens = _tokens(statement)
        self.at = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def fail(self) -> refusals.Fault:
        return refusals.query_unparsable(self.next.at, self.next.text)

    def take(self, *words: str) -> bool:
        if self.next.word in words:
            self.at += 1
            return True
        return False

    def need(self, *words: str) -> None:
        if not self.take(*words):
            raise self.fail()

    def name(self) -> str:
        if self.next.kind != "word" or self.next.word in _ENDS | {"WHERE", "FROM", "AND"}:
            raise self.fail()
        self.at += 1
        return self.tokens[self.at - 1].text

    def whole(self) -> int:
        if self.next.kind != "number" or "." in self.next.text:
            raise self.fail()
        self.at += 1
        return int(self.tokens[self.at - 1].text)

    def value(self) -> Value:
        token = self.next
        self.at += 1
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.kind == "number":
            return Decimal(token.text)
        if token.word in ("TRUE", "FALSE"):
            return token.word == "TRUE"
        self.at -= 1
        raise self.fail()


def parse(statement: str) -> Query:
    """Raises Fault 4000 for what is not in the grammar, 4001 for positions out of range."""
    parser = _Parser(statement)
    parser.need("SELECT")
    count, fields = _selection(parser)
    parser.need("FROM")
    entity = parser.name()
    conditions: list[Condition] = []
    if parser.take("WHERE"):
        conditions.append(_condition(parser))
        while parser.take("AND"):
            conditions.append(_condition(parser))
    order, start, limit = _tail(parser)
    return Query(entity, count, fields, tuple(conditions), order, start, limit)


def _selection(parser: _Parser) -> tuple[bool, tuple[str, ...]]:
    if parser.take("*"):
        return False, ()
    if parser.take("COUNT"):
        for sign in ("(", "*", ")"):
            parser.need(sign)
        return True, ()
    fields = [parser.name()]
    while parser.take(","):
        if not parser.take("*"):
            fields.append(parser.name())
    return False, tuple(fields)


def _condition(parser: _Parser) -> Condition:
    property = parser.name()
    operator = parser.next.word
    if operator not in _OPERATORS:
        raise parser.fail()
    parser.at += 1
    if operator != "IN":
        return Condition(property, operator, (parser.value(),))
    parser.need("(")
    values = [parser.value()]
    while parser.take(","):
        values.append(parser.value())
    parser.need(")")
    return Condition(property, "IN", tuple(values))


def _tail(parser: _Parser) -> tuple[tuple[tuple[str, bool], ...], int, int]:
    order: list[tuple[str, bool]] = []
    ordered = parser.take("ORDERBY")
    if not ordered and parser.take("ORDER"):
        parser.need("BY")
        ordered = True
    if ordered:
        order.append(_ordering(parser))
        while parser.take(","):
            order.append(_ordering(parser))
    start, limit = 1, 100
    while parser.next.kind != "end":
        if parser.take("STARTPOSITION"):
            start = parser.whole()
        else:
            parser.need("MAXRESULTS")
            limit = parser.whole()
    for value in (start, limit):
        if value < 1:
            raise refusals.query_invalid(f"value {value} is too small. Min allowed value is 1")
    if limit > 1000:
        raise refusals.query_invalid(f"value {limit} is too large. Max allowed value is 1000")
    return tuple(order), start, limit


def _ordering(parser: _Parser) -> tuple[str, bool]:
    """A property and whether it goes down."""
    property = parser.name()
    down = parser.take("DESC")
    if not down:
        parser.take("ASC")
    return property, down
