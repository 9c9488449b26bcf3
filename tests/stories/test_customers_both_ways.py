"""Customers travel both ways: what one side changed reaches the other, what both changed goes by its owner, and is said."""

import pytest

from engine.domain.events import ConflictSettled
from tests.customers import BLOOM, edit_here, edit_there, here, later, logged, there
from tests.world import CONNECTION, World

ADDRESS = {
    "reference_id": "BLOOM-SHIP",
    "type": "shipping",
    "address_line_1": "1 Harbour St",
    "city": "Portland",
    "state": "OR",
    "zip_code": "97201",
    "country": "US",
    "is_default": True,
}


def test_what_one_side_changed_reaches_the_other(world: World) -> None:
    edit_here(world, phone="+14155550100", last_name="Vale")
    edit_there(
        world, BillAddr={"Line1": "9 Mill Rd", "City": "Dover", "CountrySubDivisionCode": "DE", "PostalCode": "19901"}
    )
    later(world)

    assert there(world)["PrimaryPhone"]["FreeFormNumber"] == "+14155550100" and there(world)["FamilyName"] == "Vale"
    [address] = here(world)["addresses"]
    assert (address["address_line_1"], address["city"], address["type"]) == ("9 Mill Rd", "Dover", "billing")


def test_a_field_changed_on_both_sides_goes_by_its_owner_and_can_be_put_back(world: World) -> None:
    edit_here(world, phone="+14155550100")
    later(world)
    edit_here(world, phone="+14155550111")
    edit_there(world, PrimaryPhone={"FreeFormNumber": "(415) 555-0122"})
    later(world)
    [conflict] = logged(world).conflicts
    shows = there(world)["PrimaryPhone"]["FreeFormNumber"], here(world)["phone"]

    world.engine.decisions.undo(logged(world).stream, conflict.version, "a person")
    later(world)

    event = conflict.event
    assert isinstance(event, ConflictSettled) and (event.field, event.winner) == ("phone", "wizcommerce")
    assert (str(event.base), str(event.quickbooks)) == ("+14155550100", "(415) 555-0122")
    assert "changed on both sides" in event.rule and shows == ("+14155550111", "+14155550111")
    assert there(world)["PrimaryPhone"]["FreeFormNumber"] == "(415) 555-0122"
    assert here(world)["phone"] == "+14155550122"


def test_nothing_is_written_for_an_echo_or_a_moved_balance(world: World) -> None:
    edit_here(world, phone="+14155550100")
    later(world)
    before = len([c for c in world.quickbooks.calls.all() if c.method == "POST"])
    for number in range(3):
        world.wizcommerce.confirm_order(f"WC-{number}", BLOOM, [("VASE-01", 1, "25.00")])
        later(world)
    world.move(1_000)
    world.settle()

    posts = [c for c in world.quickbooks.calls.all() if c.method == "POST"][before:]
    assert len(posts) == 3 and len(world.invoices()) == 3


def test_a_new_customer_of_quickbooks_is_made_in_wizcommerce_with_the_defaults(world: World) -> None:
    world.quickbooks.by_hand(
        "add-customer",
        DisplayName="Cedar Shop",
        PrimaryEmailAddr={"Address": "desk@cedar.example"},
        BillAddr={"Line1": "9 Mill Rd", "City": "Dover", "PostalCode": "19901"},
    )
    later(world)
    later(world)
    waits = world.rows("SELECT reason FROM pending_work")
    [(rep, _, _), *_] = world.engine.commerce.sales_reps(CONNECTION)
    [(prices, _, _), *_] = world.engine.commerce.price_lists(CONNECTION)
    world.choose(sales_rep=rep, price_list=prices)
    later(world)

    made = here(world, "Cedar Shop")
    assert "sales rep" in waits[0][0] and "price list" in waits[0][0]
    assert made["reference_id"].startswith("QBO:acme:customer:") and made["email"] == "desk@cedar.example"
    assert made["addresses"][0]["city"] == "Dover" and [one["id"] for one in made["assigned_sales_reps"]] == [rep]
    assert world.rows("SELECT topic FROM attention WHERE topic = 'defaults-applied'")


@pytest.mark.parametrize("status", ["accepted", "ignored"])
def test_made_inactive_and_active_again_in_quickbooks_is_the_same_customer(world: World, status: str) -> None:
    world.wizcommerce.switch(**{"A-28": status})
    world.quickbooks.by_hand("deactivate-customer", Id="1")
    later(world)
    world.wizcommerce.confirm_order("WC-1", BLOOM, [("VASE-01", 1, "25.00")])
    later(world)
    waiting = world.where("WC-1")
    topics = {t for (t,) in world.rows("SELECT topic FROM attention")}
    world.wizcommerce.do(world.wizcommerce.standin.by_hand, "deactivate-customer", customer=here(world)["id"])
    later(world)
    world.quickbooks.by_hand("reactivate-customer", Id="1", DisplayName=BLOOM)
    later(world)

    assert "inactive in QuickBooks" in waiting and "inactive-in-quickbooks" in topics
    assert len(world.invoices()) == 1 and len(world.wizcommerce.do(world.wizcommerce.standin.customers)) == 1
    assert here(world)["status"] == ("active" if status == "accepted" else "inactive")
    if status == "ignored":
        [(state, step)] = world.rows("SELECT status, next_step FROM pending_work")
        assert state == "refused" and "set it to active" in step


def test_a_customer_merged_in_quickbooks_moves_to_the_winner(world: World) -> None:
    winner = world.quickbooks.add_customer("Bloom and Daughters")
    world.choose(new_customers_in_wizcommerce="none")
    later(world)
    world.quickbooks.by_hand("merge-customers", Id="1", into=winner["Id"])
    later(world)
    world.wizcommerce.confirm_order("WC-1", "Bloom and Daughters", [("VASE-01", 1, "25.00")])
    later(world)

    [invoice] = world.invoices()
    [one] = world.wizcommerce.do(world.wizcommerce.standin.customers)
    assert (invoice.customer, one["display_name"]) == ("Bloom and Daughters", "Bloom and Daughters")
    assert len(world.quickbooks.customers()) == 2 and logged(world).links["quickbooks"] == winner["Id"]


@pytest.mark.parametrize("choice", ["notice", "create"])
def test_a_term_that_quickbooks_does_not_have_is_said_or_made_and_then_goes(world: World, choice: str) -> None:
    world.choose(missing_terms=choice)
    edit_here(world, payment_term="Net 17")
    later(world)
    noticed = [t for (t,) in world.rows("SELECT topic FROM attention")]
    if choice == "notice":
        world.quickbooks.by_hand("add-term", Name="net-17", DueDays=17)
    later(world)
    later(world)

    [term] = [one for one in world.quickbooks.company().all("Term") if one.wire.get("DueDays") == 17]
    assert there(world)["SalesTermRef"]["value"] == term.id
    assert noticed == (["field:quickbooks:term"] if choice == "notice" else [])
    assert world.rows("SELECT topic FROM attention") == []


def test_a_us_company_is_sent_what_it_takes(world: World) -> None:
    world.quickbooks.set_switches(us_characters="2040")
    world.wizcommerce.add_customer("\u0141\u00f3d\u017a Glass", email="desk@lodz.example")
    later(world)
    later(world)

    assert [one["DisplayName"] for one in world.quickbooks.customers()][1:] == ["L\u00f3dz Glass"]
    assert world.rows("SELECT status FROM pending_work") == [] and here(world, "\u0141\u00f3d\u017a Glass")


def test_the_default_term_of_a_new_customer_is_no_answer_to_its_own(world: World) -> None:
    world.choose(term="Net 30")
    world.wizcommerce.add_customer("Fern Ltd", email="a@fern.example", payment_term="Net 45 EOM")
    later(world)
    [fern] = [one for one in world.quickbooks.customers() if one["DisplayName"] == "Fern Ltd"]
    noticed = [topic for (topic,) in world.rows("SELECT topic FROM attention")]
    added = world.quickbooks.by_hand("add-term", Name="Net 45 EOM", DueDays=45)
    later(world)
    later(world)

    assert fern["SalesTermRef"]["value"] and here(world, "Fern Ltd")["payment_term"] == "Net 45 EOM"
    assert noticed == ["field:quickbooks:term"] and there(world, fern["Id"])["SalesTermRef"]["value"] == added["Id"]
