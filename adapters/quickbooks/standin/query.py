"""The query language, read: SELECT … FROM … WHERE … ORDERBY … STARTPOSITION … MAXRESULTS.

Source: QuickBooks reference, section 3.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.tokens import END, NAME, NUMBER, TEXT, Token, image_of, tokens_of, unexpected

Value = str | bool | Decimal

PAGE, LARGEST_PAGE = 100, 1000
_OPERATORS = ("=", "<", ">", "<=", ">=", "IN", "LIKE")


class Condition(NamedTuple):
    """`property operator values`; only IN has more than one value."""

    property: str
    operator: str
    values: tuple[Value, ...]


class Query(NamedTuple):
    """One statement. `fields` is empty for `*`; `start` counts from 1; `paged` is whether it named a page."""

    entity: str
    counting: bool
    fields: tuple[str, ...]
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: int = 1
    limit: int = PAGE
    paged: bool = False


class _Parser:
    """Reads from left to right, and remembers what it would have taken at the present place."""

    def __init__(self, statement: str) -> None:
        self.statement = statement
        self.tokens = tokens_of(statement)
        self.at = 0
        self.wanted: list[str] = []

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def fail(self) -> refusals.Fault:
        return unexpected(self.statement, self.next, self.wanted)

    def step(self) -> str:
        self.at += 1
        self.wanted.clear()
        return self.tokens[self.at - 1].text

    def take(self, word: str) -> bool:
        """Step over a keyword or sign if it is the next; keywords in any case."""
        if self.next.image == image_of(word):
            self.step()
            return True
        self.wanted.append(image_of(word))
        return False

    def need(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                raise self.fail()

    def need_kind(self, image: str) -> str:
        if self.next.image != image:
            self.wanted.append(image)
            raise self.fail()
        return self.step()

    def name(self) -> str:
        return self.need_kind(NAME)

    def whole(self) -> int:
        if "." in self.next.text:
            self.wanted.append(NUMBER)
            raise self.fail()
        return int(self.need_kind(NUMBER))

    def value(self) -> Value:
        if self.next.image == TEXT:
            return re.sub(r"\\(.)", r"\1", self.step()[1:-1], flags=re.DOTALL)
        if self.next.image == NUMBER:
            return Decimal(self.step())
        for word in ("true", "false"):
            if self.take(word):
                return word == "true"
        self.wanted += [TEXT, NUMBER]
        raise self.fail()


def parse(statement: str) -> Query:
    """Raises Fault 4000 for what is not in the grammar, 4001 for positions out of range."""
    parser = _Parser(statement)
    parser.need("SELECT")
    counting, fields = _selection(parser)
    parser.need("FROM")
    entity = parser.name()
    conditions: list[Condition] = []
    if parser.take("WHERE"):
        conditions.append(_condition(parser))
        while parser.take("AND"):
            conditions.append(_condition(parser))
    order = _order(parser)
    start, limit = _page(parser)
    return Query(
        entity,
        counting,
        fields,
        tuple(conditions),
        order,
        start=_within(start, None) if start is not None else 1,
        limit=_within(limit, LARGEST_PAGE) if limit is not None else PAGE,
        paged=(start, limit) != (None, None),
    )


def _selection(parser: _Parser) -> tuple[bool, tuple[str, ...]]:
    """Whether to count, and the properties to show: none for all of them, which `*` means among names too."""
    if parser.take("COUNT"):
        parser.need("(", "*", ")")
        return True, ()
    fields: list[str] = []
    whole = False
    while True:
        if parser.take("*"):
            whole = True
        else:
            fields.append(parser.name())
        if not parser.take(","):
            return False, () if whole else tuple(fields)


def _condition(parser: _Parser) -> Condition:
    property = parser.name()
    for operator in _OPERATORS:
        if parser.take(operator):
            break
    else:
        raise parser.fail()
    if operator != "IN":
        return Condition(property, operator, (parser.value(),))
    parser.need("(")
    values = [parser.value()]
    while parser.take(","):
        values.append(parser.value())
    parser.need(")")
    return Condition(property, operator, tuple(values))


def _order(parser: _Parser) -> tuple[tuple[str, bool], ...]:
    if parser.take("ORDER"):
        parser.need("BY")
    elif not parser.take("ORDERBY"):
        return ()
    order = [_ordering(parser)]
    while parser.take(","):
        order.append(_ordering(parser))
    return tuple(order)


def _ordering(parser: _Parser) -> tuple[str, bool]:
    """A property and whether it goes down."""
    property = parser.name()
    down = parser.take("DESC")
    if not down:
        parser.take("ASC")
    return property, down


def _page(parser: _Parser) -> tuple[int | None, int | None]:
    """The first position and the most rows, in either order and each at most once; None for what was not said."""
    start: int | None = None
    limit: int | None = None
    while parser.next.image != END:
        if start is None and parser.take("STARTPOSITION"):
            start = parser.whole()
        elif limit is None and parser.take("MAXRESULTS"):
            limit = parser.whole()
        else:
            parser.wanted.append(END)
            raise parser.fail()
    return start, limit


def _within(value: int, most: int | None) -> int:
    if value < 1:
        raise refusals.query_invalid(f"value {value} is too small. Min allowed value is 1")
    if most is not None and value > most:
        raise refusals.query_invalid(f"value {value} is too large. Max allowed value is {most}")
    return value
