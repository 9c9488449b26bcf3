"""What an admin expects of customers: rows 2, 9 to 12 and 19 to 21 of the WizCommerce reference, 3.7, and who decides what."""

import json

import pytest

from engine.domain.events import MatchRejected
from engine.people import NotPossible
from tests.customers import (
    BLOOM,
    all_here,
    customer_writes,
    edit_here,
    edit_there,
    hands,
    here,
    later,
    logged,
    names_there,
    there,
    told,
)
from tests.tables import pending, writes
from tests.telling import pass_by
from tests.world import CONNECTION, World

VASES = [("VASE-01", 4, "25.00")]
CEDAR = {"DisplayName": "Cedar Shop", "PrimaryEmailAddr": {"Address": "desk@cedar.example"}}


def choose_defaults(world: World) -> tuple[str, str]:
    """(sales rep, price list) of customers made in WizCommerce."""
    rep, price_list = (
        one(CONNECTION)[0][0] for one in (world.engine.commerce.sales_reps, world.engine.commerce.price_lists)
    )
    world.choose(sales_rep=rep, price_list=price_list)
    return rep, price_list


# ---- rows 2, 9, 10 ---------------------------------------------------------------------------------------------------------


def test_made_active_again_brings_what_changed_meanwhile_and_lets_the_orders_go(world: World) -> None:
    world.wizcommerce.switch(**{"A-28": "accepted"})
    ours = here(world)["id"]
    world.quickbooks.by_hand("deactivate-customer", Id="1")
    hands(world, "deactivate-customer", customer=ours)
    later(world)
    edit_there(world, BillAddr={"Line1": "9 Mill Rd", "City": "Dover", "PostalCode": "19901"})
    world.wizcommerce.confirm_order("WC-1", BLOOM, VASES)
    later(world)
    waits = world.where("WC-1")
    world.quickbooks.set_switches(webhooks_on=False)
    world.quickbooks.by_hand("reactivate-customer", Id="1")
    pass_by(world, 1_000)

    [one] = all_here(world)
    assert (one["id"], one["status"], one["addresses"][0]["city"]) == (ours, "active", "Dover")
    assert "inactive in QuickBooks" in waits and [i.doc_number for i in world.invoices()] == ["WC-1"]
    assert one["display_name"] == BLOOM and len(world.quickbooks.customers()) == 1


def test_different_fields_merge_and_the_owner_of_one_can_be_another(world: World) -> None:
    ours = here(world)["id"]
    edit_here(world, display_name="Bloom and Co", phone="+14155550100")
    edit_there(world, DisplayName="Bloom Company", FamilyName="Desk")
    later(world)
    world.choose(owner_name="wizcommerce")
    edit_here(world, ours, display_name="Bloom of WizCommerce")
    edit_there(world, DisplayName="Bloom of QuickBooks")
    later(world)
    first, second = logged(world).conflicts
    wins = there(world)["DisplayName"], here(world, ours)["display_name"]
    world.engine.decisions.undo(logged(world).stream, second.version, "a person")
    later(world)

    shows, found = there(world), here(world, ours)
    assert (shows["PrimaryPhone"]["FreeFormNumber"], found["last_name"]) == ("+14155550100", "Desk")
    assert (first.event.winner, second.event.winner) == ("quickbooks", "wizcommerce")
    assert "QuickBooks owns the name" in first.event.rule and "WizCommerce owns the name" in second.event.rule
    assert wins == ("Bloom of WizCommerce", "Bloom of WizCommerce")
    assert (shows["DisplayName"], found["display_name"]) == ("Bloom of QuickBooks", "Bloom of QuickBooks")


def test_a_customer_made_at_a_show_goes_before_its_order_which_says_why_it_waits(world: World) -> None:
    world.quickbooks.add_fault("status", status=503, operation="create customer")
    world.wizcommerce.add_customer("Cedar Shop", email="desk@cedar.example")
    world.wizcommerce.confirm_order("WC-1", "Cedar Shop", VASES)
    world.settle()
    waits = world.where("WC-1")
    pass_by(world, 600)

    assert waits.startswith("waiting") and "customer" in waits
    assert [(i.doc_number, i.customer) for i in world.invoices()] == [("WC-1", "Cedar Shop")]
    assert names_there(world).count("Cedar Shop") == 1
    assert writes(world) == ["create customer", "create customer", "create invoice"]


# ---- rows 11, 12 ------------------------------------------------------------------------------------------------------------


def test_a_rep_assigned_by_hand_survives_a_hundred_pulls_and_a_change_of_reps(world: World) -> None:
    default, price_list = choose_defaults(world)
    later(world)
    theirs = world.quickbooks.by_hand("add-customer", **CEDAR)["Id"]
    later(world)
    listed = told(world, theirs)
    rep = hands(world, "add-rep", email="own@sales.example")["id"]
    hands(world, "assign-rep", customer=here(world, "Cedar Shop")["id"], rep=rep)
    world.settle()
    for number in range(100):
        if number % 20 == 0:
            edit_there(world, theirs, PrimaryPhone={"FreeFormNumber": f"(415) 555-01{number:02}"})
        world.engine.schedule.due_now(CONNECTION, "customers", "changes")
        world.move(20)
        world.settle()
    pulled = here(world, "Cedar Shop")
    before = len(writes(world))
    new = hands(world, "replace-rep", rep=rep, email="new@sales.example")["id"]
    later(world)

    assert "default sales rep and price list" in listed["defaults-applied"] and not told(world, theirs)
    assert pulled["phone"] == "+14155550180" and [one["id"] for one in pulled["assigned_sales_reps"]] == [rep]
    assert pulled["assigned_price_list"]["id"] == price_list and default != rep
    moved = here(world, "Cedar Shop")
    assert [one["id"] for one in moved["assigned_sales_reps"]] == [new] and len(writes(world)) == before


# ---- rows 19, 20 ------------------------------------------------------------------------------------------------------------


def test_an_unknown_term_and_type_block_nothing_and_go_when_quickbooks_has_them(world: World) -> None:
    world.choose(term="Net 30")
    later(world)
    world.wizcommerce.add_customer(
        "Cedar Shop",
        email="desk@cedar.example",
        payment_term="47 days",
        attributes=[{"name": "Customer Type", "value": "Florist"}],
    )
    world.wizcommerce.confirm_order("WC-1", "Cedar Shop", VASES)
    later(world)
    made = next(one for one in world.quickbooks.customers() if one["DisplayName"] == "Cedar Shop")
    says = told(world, made["Id"])
    term = world.quickbooks.by_hand("add-term", Name="47 Days", DueDays=47)["Id"]
    kind = world.quickbooks.company().add("CustomerType", {"Name": "florist", "Active": True}).id
    later(world)
    pass_by(world, 86_500)

    assert made["SalesTermRef"]["value"] == "3" and "CustomerTypeRef" not in made
    assert "no payment term '47 days'" in says["field:quickbooks:term"]
    assert "none can be made for it by a program" in says["field:quickbooks:customer_type"]
    assert [i.doc_number for i in world.invoices()] == ["WC-1"]
    now = there(world, made["Id"])
    assert (now["SalesTermRef"]["value"], now["CustomerTypeRef"]["value"]) == (term, kind) and not told(
        world, made["Id"]
    )


# ---- row 21: the first sync ---------------------------------------------------------------------------------------------------


def test_nothing_is_written_before_the_plan_is_accepted_and_everything_goes_after(bare_world: World) -> None:
    world = bare_world
    world.quickbooks.add_customer(**CEDAR)
    world.quickbooks.add_customer("Fern Depot", PrimaryPhone={"FreeFormNumber": "415 555 0133"})
    world.wizcommerce.add_customer("Lark Studio", email="desk@lark.example")
    world.wizcommerce.add_customer("Fern Depot")
    edit_there(world, PrimaryPhone={"FreeFormNumber": "415 555 0100"})
    world.connect()
    world.settle()
    choose_defaults(world)
    world.wizcommerce.confirm_order("WC-1", BLOOM, VASES)
    world.start(accept=False)
    pass_by(world, 4_000)
    plan, held = world.engine.first_sync.counts(CONNECTION)
    before = [*customer_writes(world), *writes(world)]
    waits = world.where("WC-1")
    world.engine.decisions.accept_first_sync(CONNECTION, plan, "a person")
    later(world)
    after, _ = world.engine.first_sync.counts(CONNECTION)

    assert before == [] and "first sync" in waits
    assert plan["to be created in QuickBooks"] == 1 and plan["to be created in WizCommerce"] == 1
    assert plan["to be updated in WizCommerce"] == 1 and plan["held"] == 2
    assert list(held) == ["a person says who it is: same name, nothing else to tell them apart by"]
    assert sorted(names_there(world)) == [BLOOM, "Cedar Shop", "Fern Depot", "Lark Studio"]
    assert sorted(one["display_name"] for one in all_here(world)) == sorted(names_there(world))
    assert here(world)["phone"] == "+14155550100" and [i.doc_number for i in world.invoices()] == ["WC-1"]
    assert (after["linked"], after["held"], after["differences"]) == (3, 2, 0)


# ---- who is who -----------------------------------------------------------------------------------------------------------


def test_two_customers_that_claim_one_are_both_held_until_a_person_says_which(world: World) -> None:
    world.choose(new_customers_in_wizcommerce="none")
    later(world)
    world.quickbooks.set_switches(webhooks_on=False)
    theirs = world.quickbooks.add_customer(**CEDAR)["Id"]
    pass_by(world, 1_000)
    world.wizcommerce.switch(webhooks=False)
    first, second = (world.wizcommerce.add_customer("Cedar Shop", email="desk@cedar.example")["id"] for _ in range(2))
    pass_by(world, 400)
    linked = [one for one in (first, second) if "quickbooks" in logged(world, one).links]
    [other] = {first, second} - set(linked) if linked else {second}
    stands = world.engine.people.where(logged(world, other).stream)

    assert names_there(world) == [BLOOM, "Cedar Shop"], "the second is held, not made"
    assert "for a person to say" in stands and len(linked) <= 1
    candidates = logged(world, other).proposed
    assert [one.remote_id for one in candidates] == [theirs] and candidates[0].strength == "weak"
    world.engine.decisions.reject(logged(world, other).stream, "a person")
    later(world)
    assert len(logged(world, other).links) == 1 and pending(world)[0][0] == "refused"
    assert names_there(world) == [BLOOM, "Cedar Shop"], "and QuickBooks takes no second one of that name"


def test_strong_matches_are_only_proposed_where_a_person_wants_to_be_asked(world: World) -> None:
    world.choose(strong_matches="ask", new_customers_in_wizcommerce="none")
    later(world)
    theirs = world.quickbooks.add_customer(**CEDAR)["Id"]
    later(world)
    ours = world.wizcommerce.add_customer("CEDAR SHOP", email="desk@cedar.example")["id"]
    pass_by(world, 1_000)
    asked = logged(world, ours)
    world.engine.decisions.accept_match(asked.stream, "a person")
    later(world)

    assert "quickbooks" not in asked.links and [one.strength for one in asked.proposed] == ["strong"]
    assert logged(world, ours).links["quickbooks"] == theirs and names_there(world) == [BLOOM, "Cedar Shop"]


def test_a_customer_like_an_inactive_one_is_asked_about_and_not_made_a_second_time(world: World) -> None:
    world.choose(new_customers_in_wizcommerce="none")
    theirs = world.quickbooks.add_customer(**CEDAR)["Id"]
    later(world)
    world.quickbooks.by_hand("deactivate-customer", Id=theirs)
    later(world)
    ours = world.wizcommerce.add_customer("Cedar Shop", email="desk@cedar.example")["id"]
    pass_by(world, 1_000)

    [asked] = logged(world, ours).proposed
    assert (asked.remote_id, asked.strength) == (theirs, "weak") and "inactive" in asked.because
    assert len(world.quickbooks.customers()) == 2


@pytest.mark.parametrize("loser", ["inactive", "gone"])
def test_a_merge_without_its_signal_is_held_and_moves_when_a_person_says_where_to(world: World, loser: str) -> None:
    world.choose(new_customers_in_wizcommerce="none")
    winner = world.quickbooks.add_customer("Bloom and Daughters")["Id"]
    later(world)
    world.quickbooks.set_switches(webhooks_on=False, merge_loser=loser)
    world.quickbooks.by_hand("merge-customers", Id="1", into=winner)
    if loser == "gone":
        edit_here(world, phone="+14155550100")
    pass_by(world, 1_000)
    world.wizcommerce.confirm_order("WC-1", BLOOM, VASES)
    pass_by(world, 1_000)
    waits, stood = world.where("WC-1"), names_there(world)
    world.engine.decisions.choose(logged(world, here(world)["id"]).stream, winner, "a person")
    pass_by(world, 1_000)

    assert world.invoices() and "QuickBooks" in waits and not waits.startswith("sent")
    assert len(stood) == (2 if loser == "inactive" else 1), "it is not made anew"
    assert [i.customer for i in world.invoices()] == [there(world, winner)["DisplayName"]]
    with pytest.raises(NotPossible):
        world.engine.decisions.choose(logged(world, winner).stream, "1", "a person")


def test_sub_customers_are_skipped_or_made_under_their_full_name_and_projects_never(world: World) -> None:
    world.choose(sub_customers="skip")
    choose_defaults(world)
    later(world)
    world.quickbooks.add_customer("North", Job=True, ParentRef={"value": "1"}, BillWithParent=True)
    project = world.quickbooks.add_customer("Fit-out", Job=True, ParentRef={"value": "1"})["Id"]
    record = world.quickbooks.company().find("Customer", project)
    assert record is not None
    record.wire["IsProject"] = True
    later(world)
    skipped = [one["display_name"] for one in all_here(world)]
    world.choose(sub_customers="separate")
    later(world)

    assert skipped == [BLOOM]
    assert [one["display_name"] for one in all_here(world)] == [BLOOM, f"{BLOOM}:North"]


def test_an_answer_given_on_one_side_is_the_answer_on_the_other_too(bare_world: World) -> None:
    world = bare_world
    theirs = world.quickbooks.add_customer("Fern Depot")["Id"]
    ours = world.wizcommerce.add_customer("Fern  Depot")["id"]
    world.connect()
    choose_defaults(world)
    world.start()
    later(world)
    asked = [logged(world, one).proposed for one in (ours, theirs)]
    world.engine.decisions.reject(logged(world, ours).stream, "a person")
    later(world)

    assert [[one.remote_id for one in candidates] for candidates in asked] == [[theirs], [ours]]
    assert logged(world, theirs).rejected == {ours} and len(logged(world, theirs).links) == 2
    story = world.engine.log.story(logged(world, theirs).stream)
    assert [one.who for one in story if isinstance(one.event, MatchRejected)] == ["a person"]
    assert [one["display_name"] for one in all_here(world)].count("Fern Depot") == 1
    assert world.rows("SELECT stream FROM parked") == []


def test_an_answer_on_one_side_makes_nobody_who_is_never_to_be_sent(bare_world: World) -> None:
    world = bare_world
    theirs = world.quickbooks.add_customer("Fern Depot")["Id"]
    world.connect()
    world.start()
    later(world)
    world.engine.people.never_send(logged(world, theirs).stream, "a duplicate", "a person")
    ours = world.wizcommerce.add_customer("Fern  Depot")["id"]
    pass_by(world, 400)
    edit_there(world, theirs, FamilyName="Vale")
    later(world)
    asked = [logged(world, one).decision for one in (ours, theirs)]
    choose_defaults(world)
    world.engine.decisions.reject(logged(world, ours).stream, "a person")
    pass_by(world, 1_000)

    assert asked == ["waiting", "waiting"] and logged(world, theirs).never
    assert len(all_here(world)) == 2 and logged(world, theirs).links == {"quickbooks": theirs}


# ---- tax and currency -------------------------------------------------------------------------------------------------------


def test_a_company_with_several_currencies_waits_for_one_and_an_exempt_reseller_is_not_taxed(world: World) -> None:
    world.quickbooks.by_hand(
        "set-preferences", CurrencyPrefs={"MultiCurrencyEnabled": True}, TaxPrefs={"UsingSalesTax": True}
    )
    world.choose(resale_attribute="Resale number", exempt_attribute="Exempt", currency_attribute="Currency")
    later(world)
    values = {"Resale number": "R-100"}, {"Exempt": "Yes", "Currency": "cad"}, {}
    for name, said in zip(("Cedar", "Fern", "Lark"), values, strict=True):
        attributes = [{"name": key, "value": value} for key, value in said.items()]
        world.wizcommerce.add_customer(name, email=f"desk@{name}.example", attributes=attributes)
    later(world)
    held, made = pending(world), names_there(world)
    world.choose(currency="USD")
    later(world)

    assert [status for status, _, _ in held] == ["held", "held"] and made == [BLOOM, "Fern"]
    assert "several currencies" in held[0][1] and "wizqbo set acme currency" in held[0][1]
    found = {one["DisplayName"]: one for one in world.quickbooks.customers()}
    assert {name: one["CurrencyRef"]["value"] for name, one in found.items()} == {
        BLOOM: "USD",
        "Cedar": "USD",
        "Fern": "CAD",
        "Lark": "USD",
    }
    assert [found[name]["Taxable"] for name in ("Cedar", "Fern", "Lark")] == [False, False, True]
    assert found["Cedar"]["ResaleNum"] == "R-100"


# ---- echoes ----------------------------------------------------------------------------------------------------------------


def test_a_thousand_events_of_what_is_known_and_of_balances_cause_no_write(world: World) -> None:
    ours = here(world)["id"]
    world.quickbooks.set_switches(webhook_duplicates=1)
    world.wizcommerce.switch(webhook_duplicates=True)
    for number in range(3):
        edit_here(world, phone=f"+1415555010{number}")
        later(world)
        edit_there(world, FamilyName=f"Desk {number}")
        later(world)
    edits = customer_writes(world)
    company = world.quickbooks.company()
    record = company.find("Customer", "1")
    assert record is not None
    for _ in range(5):  # what a moved balance leaves: another time, and the same customer
        world.quickbooks_running.call_in_loop(lambda: [company.touch(record, tell=True) for _ in range(200)])
        world.wizcommerce.do(world.wizcommerce.standin.announce, "customer.updated", ours)
        pass_by(world, 3)
    pass_by(world, 1_000)
    told = sum(len(json.loads(one.body)) for one in world.quickbooks.outbox.delivered)

    assert told >= 2_000 and len(edits) == 6 and customer_writes(world) == edits
