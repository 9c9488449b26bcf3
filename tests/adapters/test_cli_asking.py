"""What a person asks for about one record."""

from tests.adapters.command_line import done, refused, told
from tests.world import World


def refuse_once(world: World, number: str) -> None:
    """QuickBooks says no to the order of this number."""
    world.quickbooks.add_fault("fault", method="POST", path="/invoice", code="2500", message="Invalid Reference Id")
    world.wizcommerce.confirm_order(number, "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.settle()
    assert world.invoices() == []


def test_a_refused_order_goes_when_it_is_tried_again(world: World) -> None:
    refuse_once(world, "WC-1001")
    story = done(world, "history", "order", "WC-1001")
    assert "QuickBooks said no (code 2500)" in story
    assert story.partition("Next: ")[2].count("`wizqbo retry order WC-1001`") == 1
    assert "`wizqbo retry`" not in story.partition("Next: ")[2]
    assert "`wizqbo retry order WC-1001`" in done(world, "status")

    said = done(world, "--as", "admin", "retry", "order", "WC-1001")
    world.settle()

    assert said.startswith("order WC-1001: waiting")
    assert len(world.invoices()) == 1
    assert "(anew, the 2nd time)" in done(world, "history", "order", "WC-1001")
    assert "arrived already" in refused(world, "--as", "admin", "retry", "order", "WC-1001")


def test_an_order_of_the_baseline_is_pushed_by_name(world: World) -> None:
    world.wizcommerce.confirm_order(
        "WC-0001", "Bloom & Co", [("VASE-01", 1, "25.00")], created_at="2026-01-01T10:00:00Z"
    )
    world.settle()
    assert "wizqbo push order WC-0001" in done(world, "history", "order", "WC-0001")

    done(world, "--as", "admin", "push", "order", "WC-0001")
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-0001"]
    assert "admin asked for it to be sent, by name" in done(world, "history", "order", "WC-0001")
    assert "already" in refused(world, "--as", "admin", "push", "order", "WC-0001")


def test_an_order_that_was_never_seen_is_looked_up_and_pushed(world: World) -> None:
    world.wizcommerce.do(
        world.wizcommerce.standin.seed,
        {"orders": [{"display_id": "WC-7", "status": "draft", "customer_name": "Bloom & Co"}]},
    )

    said = done(world, "--as", "admin", "push", "order", "WC-7")

    assert said.startswith("order WC-7: ") and "draft" in said
    assert (
        "looked up by admin" in world.rows("SELECT causation_id FROM log_readable WHERE event = 'order-observed'")[0][0]
    )
    assert "WizCommerce shows no order 'WC-8'" in refused(world, "--as", "admin", "push", "order", "WC-8")


def test_never_send_is_kept_until_somebody_pushes(world: World) -> None:
    world.wizcommerce.confirm_order("WC-1004", "Bloom & Co", [("GLASS-9", 1, "10.00")])
    world.settle()

    said = done(world, "--as", "admin", "never-send", "order", "WC-1004", "--because", "paid in cash")
    world.quickbooks.add_item("GLASS-9", price="10.00")
    world.settle()

    assert "never send: paid in cash" in said
    assert world.invoices() == []
    assert "settled" in refused(world, "--as", "admin", "never-send", "order", "WC-1004", "--because", "again")


def weak_match(world: World) -> None:
    """A new customer whose name QuickBooks knows, and nothing else of it."""
    world.quickbooks.add_customer("Paper Lane", PrimaryEmailAddr={"Address": "old@paperlane.example"})
    world.settle()
    world.move(20)
    world.settle()
    world.wizcommerce.add_customer("Paper Lane", email="new@lane.example")
    world.wizcommerce.confirm_order("WC-1001", "Paper Lane", [("VASE-01", 1, "25.00")])
    world.settle()


def test_a_weak_match_is_shown_with_its_reason_and_chosen(world: World) -> None:
    weak_match(world)

    [row] = told(world, "match", "acme")["waiting"]
    listed = done(world, "match")
    said = done(world, "--as", "admin", "match", "choose", row["id"], row["candidates"][0]["id"])
    world.settle()

    assert row["name"] == "Paper Lane" and "same name" in row["candidates"][0]["because"]
    assert "Paper Lane" in listed and "match choose ID OTHER_ID" in listed
    assert "It is QuickBooks customer 2" in said
    assert [invoice.customer_id for invoice in world.invoices()] == ["2"]
    assert len(world.quickbooks.customers()) == 2
    assert "No match waits for a decision" in done(world, "match")
    story = done(world, "history", "customer", "2")  # QuickBooks' own stream was merged; its story is read through
    assert story == done(world, "history", "customer", row["id"])
    assert "old@paperlane.example" in story and "turned out to be one record" in story
    assert "admin chose QuickBooks record 2" in story and "admin chose" in done(world, "history", "order", "WC-1001")


def test_an_order_whose_customer_is_in_question_names_the_answer_as_its_next_step(world: World) -> None:
    weak_match(world)
    [row] = told(world, "match")["waiting"]

    answer = f"`wizqbo match choose {row['id']} {row['candidates'][0]['id']}`"

    assert f"Next: say which it is: {answer}" in done(world, "history", "order", "WC-1001")
    [order] = [one for one in told(world, "pending")["pending"] if one["kind"] == "order"]
    assert order["state"] == "waiting" and order["next_step"].startswith(f"Say which it is: {answer}")


def test_an_order_whose_customer_was_refused_names_the_customer_to_try_again(world: World) -> None:
    world.quickbooks.add_fault("fault", method="POST", path="/customer", code="2500", message="Invalid Reference Id")
    world.wizcommerce.add_customer("Paper Lane", email="new@lane.example")
    world.wizcommerce.confirm_order("WC-1001", "Paper Lane", [("VASE-01", 1, "25.00")])
    world.settle()

    next_step = done(world, "history", "order", "WC-1001").partition("Next: ")[2]
    [pending] = [one for one in told(world, "pending")["pending"] if one["kind"] == "order"]

    assert "`wizqbo retry customer " in next_step and "goes by itself" in next_step
    assert pending["next_step"].strip() == next_step.strip()
    assert '`wizqbo retry customer "Paper Lane"`' in done(world, "status")


def test_a_rejected_match_is_created_under_its_own_name(world: World) -> None:
    weak_match(world)
    [row] = told(world, "match")["waiting"]
    assert "never seen" in refused(world, "--as", "admin", "match", "choose", row["id"], "999")

    said = done(world, "--as", "admin", "match", "reject", "Paper Lane")

    assert "none of them" in said
    assert "admin said that none of them in QuickBooks is it" in done(world, "history", "customer", row["id"])


def test_a_stream_that_is_not_parked_is_not_let_go(world: World) -> None:
    assert "not parked" in refused(world, "--as", "admin", "unpark", "order-acme:6e1c7f6e-52a4-5d7c-9a55-0d3b6a1f7f10")


def test_a_parked_stream_is_shown_and_let_go(world: World) -> None:
    stream = "order-acme:6e1c7f6e-52a4-5d7c-9a55-0d3b6a1f7f10"
    with world.engine.pool.connection() as c:
        sql = (
            "INSERT INTO parked (step, stream, position, problem, parked_at) VALUES ('dispatch', %s, 1, 'a bug', now())"
        )
        c.execute(sql, (stream,))
    assert f"stuck: {stream}" in done(world, "status")

    assert done(world, "--as", "admin", "unpark", stream) == "It goes on.\n"

    assert "stuck" not in done(world, "status")


def test_erasing_asks_first(world: World) -> None:
    assert "Nothing was done." in refused(world, "--as", "admin", "erase", "customer", "Bloom & Co", answer="n\n")
    assert "Bloom & Co" in done(world, "history", "customer", "Bloom & Co")
