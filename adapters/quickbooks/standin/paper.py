"""A sales document as a PDF of one page: small, plain and valid."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.sums import every_line

Wire = dict[str, Any]

MOST_ROWS = 45


def pdf_of(record: Record) -> bytes:
    """The number, the customer, the lines and the total; lines beyond one page are left out."""
    content = _content(_rows(record)).encode("cp1252", errors="replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def _rows(record: Record) -> list[str]:
    wire = record.wire
    rows = [f"{record.entity} {wire.get('DocNumber', '')}", wire["CustomerRef"]["name"], wire["TxnDate"], ""]
    for line in every_line(wire["Line"]):
        if "LineNum" in line:
            item = line.get("SalesItemLineDetail", {}).get("ItemRef", {}).get("name", "")
            rows.append(f"{line.get('Description') or item} {line.get('Amount', '')}")
    return [*rows[:MOST_ROWS], "", f"Total {wire['TotalAmt']}"]


def _content(rows: list[str]) -> str:
    written = "\n".join(f"({_escaped(row)}) Tj T*" for row in rows)
    return f"BT /F1 11 Tf 15 TL 54 738 Td\n{written}\nET"


def _escaped(row: str) -> str:
    flat = " ".join(row.split())
    return flat.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
