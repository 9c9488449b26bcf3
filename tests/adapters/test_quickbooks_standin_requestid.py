"""What `requestid` promises beside the plain replay. Source: QuickBooks reference, 2.6; checklist, item 10."""

from __future__ import annotations

import threading

import httpx

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.asking import a_line, ids
from tests.adapters.stand_ins import error_in

BLOOM = {"DisplayName": "Bloom & Co"}


def test_the_same_request_at_the_same_time_is_carried_out_once(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    customer = intuit.add_customer("Bloom & Co")["Id"]
    body = {"CustomerRef": {"value": customer}, "Line": [a_line("1", 10)]}
    answers: list[bytes] = []
    start = threading.Barrier(6)

    def post() -> None:
        start.wait()
        answers.append(books.post("/invoice?requestid=r-1", json=body).raise_for_status().content)

    senders = [threading.Thread(target=post) for _ in range(6)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert len(answers) == 6 and len(set(answers)) == 1
    assert ids(books, "SELECT * FROM Invoice") == ["1"]


def test_an_unknown_property_is_refused_before_a_stored_answer_is_looked_for(books: httpx.Client) -> None:
    first = books.post("/customer?requestid=r-1", json=BLOOM)
    assert error_in(books.post("/customer?requestid=r-1", json={**BLOOM, "Shoe": 9}))["code"] == "2010"
    assert books.post("/customer?requestid=r-1", json={"Notes": "no name"}).content == first.content


def test_with_a_switch_lists_do_not_honour_it_and_documents_still_do(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(requestid_for_lists=False)
    books.post("/customer?requestid=r-1", json=BLOOM)
    assert error_in(books.post("/customer?requestid=r-1", json=BLOOM))["code"] == "6240"
    body = {"CustomerRef": {"value": "1"}, "Line": [a_line("1", 10)]}
    first = books.post("/invoice?requestid=r-2", json=body)
    assert books.post("/invoice?requestid=r-2", json=body).content == first.content
