"""Stand-ins that hold many records: nothing is lost between pages, and the state stays readable. No test is timed."""

from __future__ import annotations

import httpx

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.control import MOST_SHOWN
from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.asking import ids

MANY = MOST_SHOWN + 1


def test_a_sweep_by_pages_of_a_thousand_meets_every_item_once(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    item = {"Type": "NonInventory", "IncomeAccountRef": {"value": "79"}}
    given = intuit.fill({"items": [{"Name": f"Vase {number:05}", **item} for number in range(MANY)]})["items"]
    swept: list[str] = []
    for start in range(1, MANY + 1, 1000):
        swept += ids(books, f"SELECT * FROM Item ORDERBY Id STARTPOSITION {start} MAXRESULTS 1000")
    assert swept == ["1", *given]
    last = "SELECT * FROM Item WHERE Type = 'NonInventory' AND Name LIKE 'vase %' STARTPOSITION 10001 MAXRESULTS 1000"
    assert ids(books, last) == [given[-1]]
    control = httpx.URL(str(books.base_url)).copy_with(raw_path=b"/_standin/state")
    [company] = books.get(control).json()["companies"].values()
    assert company["counts"]["Item"] == MANY + 1 and "Item" not in company["records"]
    assert len(company["records"]["Term"]) == company["counts"]["Term"] == 4
    [company] = books.get(control, params={"entity": "Item"}).json()["companies"].values()
    assert [one["Id"] for one in company["records"]["Item"]] == swept
    refused = books.get(control, params={"entity": "Custmoer"})
    assert refused.status_code == 400 and "Customer" in refused.json()["error"]


def test_a_sweep_by_pages_of_a_hundred_meets_every_product_once(
    client: httpx.Client, standin: WizCommerceStandIn
) -> None:
    standin.state.products.clear()
    given = standin.seed({"products": [{"sku": f"VASE-{number:05}"} for number in range(MANY)]})["products"]
    swept: list[str] = []
    page = 1
    while page:
        answer = client.get("/v1/products", params={"page": page, "page_size": 100, "sort_by": "sku_id", "sort": "asc"})
        swept += [one["id"] for one in answer.json()["data"]]
        page = answer.json()["pagination"]["next_page"]
    assert swept == given
    state = client.get("/_standin/state").json()
    assert (state["counts"]["products"], state["counts"]["customers"], len(state["customers"])) == (MANY, 1, 1)
    assert "products" not in state
    shown = client.get("/_standin/state", params={"entity": "products"}).json()
    assert set(shown) == {"products"} and [one["id"] for one in shown["products"]] == given
    refused = client.get("/_standin/state", params={"entity": "Item"})
    assert refused.status_code == 400 and "products" in refused.json()["error"]
