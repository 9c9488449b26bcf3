"""What we ask QuickBooks' query language, as text. Source: QuickBooks reference, section 3."""

from datetime import datetime

from adapters.quickbooks.translate import ENTITIES, NAME_LISTS

ROWS_AT_MOST = 1000


def quoted(text: str) -> str:
    """A string literal of the query language. Source: section 3.1."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def named(entity: str, name: str) -> str:
    """Everyone of an entity who has this display name, inactive ones too."""
    return f"SELECT * FROM {entity} WHERE DisplayName = {quoted(name)} AND Active IN (true, false) MAXRESULTS 1000"


def page(
    kind: str,
    *,
    since: datetime | None = None,
    types: tuple[str, ...] = (),
    start: int = 1,
    rows: int = ROWS_AT_MOST,
) -> str:
    """A page of a kind, inactive records too, in an order that stands still: of those changed since then, and of items
    those of `types`, where they are given."""
    entity = ENTITIES[kind]
    if kind == "preferences":  # one record, without paging
        return f"SELECT * FROM {entity}"
    asked = []
    if since is not None and kind != "term":  # the handful of terms cannot be filtered by time
        asked.append(f"MetaData.LastUpdatedTime >= '{since.isoformat(timespec='seconds')}'")
    if types:
        one, several = quoted(types[0]), ", ".join(quoted(each) for each in types)
        asked.append(f"Type = {one}" if len(types) == 1 else f"Type IN ({several})")
    if kind in NAME_LISTS:
        asked.append("Active IN (true, false)")
    where = f" WHERE {' AND '.join(asked)}" if asked else ""
    return f"SELECT * FROM {entity}{where} ORDERBY Id STARTPOSITION {start} MAXRESULTS {rows}"
