"""What the tests of the stand-ins share: a seed of WizCommerce, and how a QuickBooks fault is read."""

from typing import Any

import httpx

VASE = {"sku": "VASE-01", "name": "Vase", "group_code": "VASE"}
BLOOM = {
    "name": "Bloom & Co",
    "reference_id": "C-1",
    "email": "ap@bloom.example",
    "payment_term": "Net 30",
    "addresses": [{"type": "billing", "address_line_1": "1 Main St", "city": "Austin", "reference_id": "A-1"}],
    "contacts": [{"first_name": "Vorname", "email": "ada@bloom.example", "reference_id": "K-1"}],
}


def error_in(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 400, answer.text
    [error] = answer.json()["Fault"]["Error"]
    found: dict[str, Any] = error
    return found
