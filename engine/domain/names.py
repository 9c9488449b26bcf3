"""When two names of businesses may be one: without case, accents, punctuation and the words for a company's form."""

import re

from engine.domain.fields import without_accents

FORMS = frozenset(
    ("inc", "incorporated", "llc", "llp", "ltd", "limited", "co", "corp", "corporation", "company", "gmbh", "plc")
)
"""Words at the end of a name that only say what form the company has."""

_WORDS = re.compile(r"[\W_]+")


def name_key(text: str) -> str:
    """`Bloom & Co., Inc.` and `BLOOM AND CO` have the same key, `bloom`. A name of nothing but such words keeps them."""
    spoken = (
        without_accents(text).casefold().replace("&", " and ").replace(".", "").replace("'", "").replace("\u2019", "")
    )
    words = [word for word in _WORDS.split(spoken) if word]
    kept = list(words)
    while kept and (kept[-1] in FORMS or kept[-1] == "and"):
        kept.pop()
    return "".join(kept or words)
