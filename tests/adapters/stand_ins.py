"""What the tests of the stand-ins share: a seed of WizCommerce, how both are spoken to, how a refusal is read."""

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


def customer_id(client: httpx.Client) -> str:
    return str(client.get("/v1/customers").json()["data"][0]["id"])


def new_customer(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    return {
        "reference_id": "QBO-CUST-58",
        "company_name": "Acme Gifts LLC",
        "display_name": "Acme Gifts",
        "assigned_sales_rep_ids": [client.get("/v1/sales-reps").json()["data"][0]["id"]],
        "assigned_price_list_id": client.get("/v1/price-lists").json()["data"][0]["id"],
        **changes,
    }


def fields_refused(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] and answer.json()["message"]
    return [one["field"] for one in answer.json()["details"]]


def seen(client: httpx.Client, path: str, **query: str) -> Any:
    """What a read shows: the rows of a list, or one record."""
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def switched(client: httpx.Client, **switches: Any) -> None:
    client.post("/_standin/switches", json=switches).raise_for_status()


def error_in(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 400, answer.text
    [error] = answer.json()["Fault"]["Error"]
    found: dict[str, Any] = error
    return found
