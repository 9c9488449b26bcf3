"""The same answers in XML, for a caller that did not ask for JSON by name. Source: QuickBooks reference, section 2.2.

Which properties are attributes follows Intuit's own samples: `<Customer domain="QBO" sparse="false">`,
`<CurrencyRef name="United States Dollar">USD</CurrencyRef>`, `<QueryResponse startPosition="1" maxResults="2">`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Wire = dict[str, Any]

_ATTRIBUTES = frozenset({"domain", "sparse", "status", "bId", "startPosition", "maxResults", "totalCount"})
_ATTRIBUTES_OF = {"Fault": frozenset({"type"}), "Error": frozenset({"code", "element"})}
_FIRST = ("Id", "SyncToken", "MetaData")
# What XML 1.0 cannot hold.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_xml(tree: Wire) -> bytes:
    """The body of an answer, given as the tree its JSON form is made of; `time` becomes an attribute of the root."""
    time = f" time={quoteattr(tree['time'])}" if "time" in tree else ""
    content = "".join(_element(name, value) for name, value in tree.items() if name != "time")
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"{time}>{content}</IntuitResponse>'
    ).encode()


def _element(name: str, value: Any) -> str:
    """One element; an array is as many elements of one name, and what is null is left out."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_extended(each) if name == "any" else _element(name, each) for each in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(_text(value))}</{name}>"
    if "value" in value:
        others = {key: each for key, each in value.items() if key != "value"}
        return f"<{name}{_attributes(others)}>{escape(_text(value['value']))}</{name}>"
    named = _ATTRIBUTES | _ATTRIBUTES_OF.get(name, frozenset())
    attributes = _attributes({key: each for key, each in value.items() if key in named})
    content = "".join(_element(key, value[key]) for key in _in_order(value) if key not in named)
    return f"<{name}{attributes}>{content}</{name}>" if content else f"<{name}{attributes}/>"


def _in_order(properties: Wire) -> list[str]:
    """As in Intuit's schema an entity begins with what it is known by; the others stay as they are in JSON."""
    return [key for key in _FIRST if key in properties] + [key for key in properties if key not in _FIRST]


def _extended(each: Wire) -> str:
    """An entry of `LineEx.any`, whose `name` is that of the element: `{namespace}NameValue`."""
    return _element(str(each["name"]).rpartition("}")[2], each["value"])


def _attributes(values: Wire) -> str:
    return "".join(f" {name}={quoteattr(_text(value))}" for name, value in values.items() if value not in (None, ""))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return _NOT_IN_XML.sub("", str(value))
