"""A query statement as words, literals and signs, and the sentence for one that cannot be read.

The sentences are those of the parser generator that QuickBooks' own parser was made with. Source: QuickBooks
reference, section 3.2, and the recorded refusal of `SELECT * FROM NULL`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from adapters.quickbooks.standin import refusals

KEYWORDS = frozenset({"SELECT", "COUNT", "FROM", "WHERE", "IN", "LIKE", "ORDERBY", "ORDER", "BY", "ASC", "DESC"}) | {
    *("STARTPOSITION", "MAXRESULTS", "AND", "OR", "NOT", "TRUE", "FALSE", "NULL")
}
_SHOUTED = frozenset({"AND", "OR", "NOT"})
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<sign><=|>=|<|>|=|\(|\)|,|\*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = {"text": "<STRING_LITERAL>", "number": "<NUMBER>"}
END, ILLEGIBLE = "<EOF>", "<?>"
NAME = "<IDENTIFIER>"
TEXT, NUMBER = _KINDS["text"], _KINDS["number"]


class Token(NamedTuple):
    """One piece of a statement. `image` is what messages call its kind; for a keyword or a sign that says it all."""

    image: str
    text: str
    at: int


def tokens_of(statement: str) -> list[Token]:
    """All tokens up to the end, or to a character that begins none. Raises Fault 4000 for an empty statement."""
    if not statement.strip():
        raise refusals.query_unparsable("The query provided was empty")
    found: list[Token] = []
    at, end = 0, len(statement.rstrip())
    while at < end:
        match = _TOKEN.match(statement, at)
        if match is None:
            blank = len(statement[at:]) - len(statement[at:].lstrip())
            return [*found, Token(ILLEGIBLE, statement[at + blank], at + blank)]
        kind = str(match.lastgroup)
        text = match.group(kind)
        found.append(Token(_image(kind, text), text, match.start(kind)))
        at = match.end()
    return [*found, Token(END, "", end - 1)]


def image_of(word: str) -> str:
    """How messages write a keyword or a sign."""
    return f"<{word.upper()}>" if word.upper() in _SHOUTED else f'"{word.lower()}"'


def unexpected(statement: str, token: Token, wanted: Iterable[str]) -> refusals.Fault:
    """Fault 4000 for a token that is none of the `wanted` images."""
    if token.image == ILLEGIBLE:
        found = f'"{token.text}" ({ord(token.text)}), after : ""'
        place = _place(statement, token.at)
        return refusals.query_unparsable(f"Invalid content. Lexical error at {place}.  Encountered: {found}")
    shown = token.image if token.image == END else f' {token.image} "{token.text} "'
    hopes = sorted(set(wanted), key=lambda image: (image != END, image.strip('<>"').lower()))
    listed = "".join(f"{image} {'' if image == END else '...'}\n    " for image in hopes)
    expecting = "Was expecting one of:" if len(hopes) > 1 else "Was expecting:"
    return refusals.query_unparsable(
        f'Encountered "{shown}" at {_place(statement, token.at)}.\n{expecting}\n    {listed}'
    )


def _image(kind: str, text: str) -> str:
    if kind == "word" and text.upper() not in KEYWORDS:
        return NAME
    return _KINDS.get(kind) or image_of(text)


def _place(statement: str, at: int) -> str:
    before = statement[:at]
    return f"line {before.count(chr(10)) + 1}, column {at - before.rfind(chr(10))}"
