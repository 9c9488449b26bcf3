"""When things are read, what that costs, what came of it, and having them read now, as a person asks for it."""

from typing import Any

import pytest

from tests.adapters.command_line import ask, done, refused, told
from tests.shop import Shop
from tests.world import CONNECTION, World

STOCK = ("schedule", "acme", "stock")
ADMIN = ("--as", "admin")


def line(text: str, what: str) -> str:
    """The line of a report that is about a pull."""
    [found] = [one for one in text.splitlines() if one.split()[:1] == [what]]
    return found


def pull(world: World, what: str) -> dict[str, Any]:
    """A line of the time table, as JSON has it."""
    [connection] = told(world, "schedule", CONNECTION, what)
    found: dict[str, Any] = connection["pulls"][0]
    return found


# ---- the time table ------------------------------------------------------------------------------------------------------


def test_the_time_table_shows_how_often_what_came_of_it_and_what_it_costs(shop: Shop) -> None:
    for number in range(2):
        shop.item(f"TALL-{number}", on_hand=1)
    shop.pull("stock")

    said, [table] = done(shop.world, "schedule"), told(shop.world, "schedule")

    costs = {row["what"]: row["quickbooks_reads_a_month"] for row in table["pulls"]}
    stock, orders = line(said, "stock"), line(said, "orders")
    assert "QuickBooks" in stock and "15m (default)" in stock and "2 read, 2 changed" in stock and "2880" in stock
    assert "WizCommerce" in orders and "1m (default)" in orders and "found nothing" in orders
    assert (costs["changes"], costs["products"], costs["everything"], costs["facts"]) == (2_880, 1_440, 60, 60)
    assert f"In all {sum(costs.values())} QuickBooks reads a month" in said
    assert table["quickbooks_reads_a_month"] == sum(costs.values()) and table["time_zone"] == "America/Los_Angeles"


def test_a_person_chooses_how_often_and_is_told_when_it_is_due_and_what_it_costs(shop: Shop) -> None:
    world = shop.world

    said = done(world, *ADMIN, *STOCK, "--every", "30m", "--quiet", "22:00-06:00")
    row = pull(world, "stock")

    assert said.startswith("stock of acme: 30m quiet 22:00-06:00; due 2") and "960 QuickBooks reads a month" in said
    assert (row["how_often"], row["quickbooks_reads_a_month"]) == ("30m quiet 22:00-06:00", 960)
    assert "schedule-stock" in done(world, "policy", "acme") and "by admin" in done(world, "policy", "acme")

    assert "15m (default)" in done(world, *ADMIN, *STOCK, "--every", "")
    assert "off; never by itself; 0 QuickBooks reads" in done(world, *ADMIN, *STOCK, "--every", "off")
    assert "never" in line(done(world, *STOCK), "stock") and pull(world, "stock")["next_at"] is None


def test_what_nothing_is_said_of_stays_as_it_was(shop: Shop) -> None:
    def chosen(*words: str) -> str:
        return str(told(shop.world, *ADMIN, *STOCK, *words)["every"])

    assert chosen("--quiet", "22:00-06:00") == "15m quiet 22:00-06:00"
    assert chosen("--every", "30m") == "30m quiet 22:00-06:00"
    assert chosen("--quiet", "23:00-05:00") == "30m quiet 23:00-05:00"
    assert chosen("--every", "30m quiet 21:00-05:00") == "30m quiet 21:00-05:00"
    assert chosen("--quiet", "") == "30m"
    assert chosen("--quiet", "22:00-06:00") and chosen("--every", "daily 02:00") == "daily 02:00"


def test_a_shorter_time_holds_at_once_and_a_longer_one_from_the_next_run(shop: Shop) -> None:
    world = shop.world
    was = pull(world, "stock")["next_at"]

    shorter = told(world, *ADMIN, *STOCK, "--every", "5m")
    longer = told(world, *ADMIN, *STOCK, "--every", "2h")

    assert shorter["next_at"] < was and shorter["quickbooks_reads_a_month"] == 8_640
    assert longer["next_at"] == shorter["next_at"] and longer["quickbooks_reads_a_month"] == 360


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("acme", "stock", "--every", "soon"), "'soon' is no time table. Write 15m, 2h"),
        (("acme", "stock", "--every", "1m"), "stock is run every 5 minutes at most."),
        (("acme", "changes", "--every", "off"), "changes is never off"),
        (("acme", "stock", "--every", "30m", "--quiet", "late"), "is no time table"),
        (("acme", "stock", "--quiet", "late"), "is no time table"),
        (("acme", "--every", "30m"), "Say of which connection and what"),
        (("nobody", "stock", "--every", "30m"), "There is no connection 'nobody'"),
        (("nobody",), "There is no connection 'nobody'"),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_a_sentence(world: World, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(world, *ADMIN, "schedule", *words)


def test_whoever_chooses_is_named_and_whoever_looks_need_not_be(world: World) -> None:
    assert "Say who acts" in refused(world, *STOCK, "--every", "30m")
    assert "15m (default)" in done(world, *STOCK)


def test_what_is_left_alone_costs_nothing_and_says_so(world: World) -> None:
    row = pull(world, "stock")

    assert row["quickbooks_reads_a_month"] == 0 and "left alone" in row["not_now"]
    assert "  stock waits: Products, categories and stock are left alone on acme" in done(world, *STOCK)
    assert pull(world, "changes")["not_now"] == ""


# ---- now -----------------------------------------------------------------------------------------------------------------


def test_a_new_item_appears_after_refreshing_though_every_webhook_is_lost(shop: Shop) -> None:
    shop.quickbooks.set_switches(webhooks_on=False)
    shop.item("NEW-01", on_hand=3)
    shop.world.settle()
    before = set(shop.products())

    said = done(shop.world, *ADMIN, "refresh", "products")
    shop.world.settle()

    assert "NEW-01" not in before and shop.stock("NEW-01") == (3, 0, 3)
    assert "products: 4 read, 1 changed, 0 held, 1 QuickBooks read; next 2" in said
    assert "shop-products: nothing new; next 2" in said
    [run] = told(shop.world, "runs", "--what", "products", "-n", "1")[0]["runs"]
    assert (run["asked_by"], run["changed"], run["complete"]) == ("admin", 1, True)


@pytest.mark.parametrize(
    ("what", "pulls"),
    [
        ("categories", ["categories"]),
        ("stock", ["stock", "shop-stock"]),
        ("customers", ["changes", "customers"]),
        ("orders", ["orders"]),
        ("invoices", ["changes"]),
        ("terms", ["first-term"]),
    ],
)
def test_all_that_people_name_is_read_by_its_pulls(shop: Shop, what: str, pulls: list[str]) -> None:
    came = told(shop.world, *ADMIN, "refresh", what)

    assert [run["what"] for run in came["runs"]] == pulls and all(run["complete"] for run in came["runs"])


def test_a_problem_is_said_each_time_it_is_met_and_nothing_is_called_done(shop: Shop) -> None:
    shop.quickbooks.add_fault("status", status=503, body="", operation="query Item", times=0)

    first = ask(shop.world, *ADMIN, "refresh", "categories")
    again = ask(shop.world, *ADMIN, "refresh", "categories")

    for result in (first, again):
        assert result.exit_code == 1 and "Traceback" not in result.output
        assert "categories: not to the end. " in result.stdout and "; next 2" in result.stdout
    [one] = told(shop.world, "runs", "--problems")[0]["runs"]  # a problem that stands is recorded once
    assert one["what"] == "categories" and one["problem"] and one["problem"] in first.stdout
    assert "not to the end: " in done(shop.world, "runs", "--problems")


def test_why_nothing_is_read_is_said(world: World) -> None:
    left_alone = refused(world, *ADMIN, "refresh", "stock")
    world.choose(products="pull")
    world.quickbooks.fill({"company": {"NameValue": [{"Name": "ItemCategoriesFeature", "Value": "false"}]}})
    world.engine.schedule.now(CONNECTION, "facts")
    unused = refused(world, *ADMIN, "refresh", "categories")
    world.engine.people.consent_ended(CONNECTION, "tester")
    gone = refused(world, *ADMIN, "refresh", "invoices")

    assert "left alone on acme: `wizqbo --as NAME set acme products pull`" in left_alone
    assert "does not use categories" in unused
    assert "QuickBooks is not connected on acme: `wizqbo connect acme`." in gone
    assert "Say who acts" in refused(world, "refresh", "orders")
    assert "orders: nothing new" in done(world, *ADMIN, "refresh", "orders")  # WizCommerce is asked for those


def test_before_the_first_sync_is_accepted_nothing_is_refreshed(bare_world: World) -> None:
    bare_world.connect(goods=True)

    assert "first sync of acme is not accepted yet: `wizqbo first-sync acme`" in refused(
        bare_world, *ADMIN, "refresh", "products"
    )


# ---- one record ----------------------------------------------------------------------------------------------------------


def test_one_record_is_looked_up_by_what_people_call_it(shop: Shop) -> None:
    world = shop.world
    shop.quickbooks.set_switches(webhooks_on=False)
    item, vases = shop.item("NEW-01", on_hand=3), shop.category("Vases")
    world.quickbooks.add_customer("Paper Lane")
    unseen = [
        done(world, *ADMIN, "refresh", what, "--id", ident)
        for what, ident in (("stock", item), ("categories", vases), ("customers", "2"))
    ]
    world.settle()
    shop.count(item, 7)
    seen = done(world, *ADMIN, "refresh", "stock", "--id", "NEW-01")
    world.settle()

    assert unseen[0].startswith("product NEW-01: waiting")
    assert unseen[1] == "category Vases: read; its products say it in their path\n"
    assert unseen[2].startswith("customer Paper Lane: ")
    assert seen.startswith("product NEW-01: ") and shop.stock("NEW-01") == (7, 0, 7)
    assert done(world, *ADMIN, "refresh", "customers", "--id", "Bloom & Co").startswith("customer Bloom & Co: sent")


def test_one_order_and_one_invoice_are_looked_up(shop: Shop) -> None:
    world = shop.world
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 1, "25.00")])
    order = done(world, *ADMIN, "refresh", "orders", "--id", "WC-1001")
    world.settle()
    [invoice] = world.invoices()

    assert order.startswith("order WC-1001: waiting")
    assert done(world, *ADMIN, "refresh", "invoices", "--id", invoice.id) == "order WC-1001: sent: invoice WC-1001\n"


@pytest.mark.parametrize(
    ("what", "ident", "sentence"),
    [
        ("products", "NOPE", "No product 'NOPE' was ever seen"),
        ("products", "999", "QuickBooks shows no product '999' on acme."),
        ("orders", "nope", "WizCommerce shows no order 'nope' on acme."),
        ("invoices", "99", "QuickBooks shows no invoice '99' on acme."),
        ("invoices", "INV-1", "'INV-1' is no id of QuickBooks"),
        ("terms", "1", "there is no --id"),
    ],
)
def test_what_is_not_there_is_said_and_not_looked_for_again(shop: Shop, what: str, ident: str, sentence: str) -> None:
    assert sentence in refused(shop.world, *ADMIN, "refresh", what, "--id", ident)
    assert shop.world.rows("SELECT remote_id FROM signals") == []


def test_a_record_that_cannot_be_shown_now_says_why(shop: Shop) -> None:
    shop.quickbooks.add_fault("status", status=503, body="", operation="read item", times=0)

    said = refused(shop.world, *ADMIN, "refresh", "products", "--id", "VASE-01")

    assert "QuickBooks could not show product 'VASE-01': " in said and "It is looked at again." in said


# ---- what came of it -----------------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first_with_what_they_came_to(shop: Shop) -> None:
    world = shop.world
    done(world, *ADMIN, "refresh", "products")
    shop.item("FREE-01", on_hand=1, price="0")
    done(world, *ADMIN, "refresh", "products")

    [shown] = told(world, "runs", "acme", "-n", "3")
    [of_products] = told(world, "runs", "acme", "--what", "products")

    assert len(shown["runs"]) == 3 and shown["runs"][0] == of_products["runs"][0]
    assert [run["ended_at"] for run in shown["runs"]] == sorted((r["ended_at"] for r in shown["runs"]), reverse=True)
    assert {run["what"] for run in of_products["runs"]} == {"products"} and len(of_products["runs"]) == 2
    newest = of_products["runs"][0]
    assert (newest["asked_by"], newest["changed"], newest["held"], newest["quickbooks_reads"]) == ("admin", 1, 1, 1)
    text = done(world, "runs", "acme")
    assert text.splitlines()[3].split()[3:5] == ["products", "admin"] and text.splitlines()[3].endswith("done")
    assert "first-product" not in done(world, "runs", "--what", "products")


def test_runs_that_found_nothing_are_counted_and_one_under_way_comes_first(shop: Shop) -> None:
    world = shop.world
    for _ in range(3):
        done(world, *ADMIN, "refresh", "orders")
    world.engine.schedule.cursors.take_one(CONNECTION, "stock", "admin")

    [shown], said = told(world, "runs"), done(world, "runs", "acme").splitlines()

    [orders] = [one for one in shown["found_nothing"] if one["what"] == "orders"]
    assert orders["runs"] >= 3
    assert any(one.startswith(f"  orders: {orders['runs']} more that found nothing, the last at 2") for one in said)
    assert [one["what"] for one in shown["under_way"]] == ["stock"]
    assert said[1].startswith("  under way: stock, began at 2") and "asked for by admin; 0 read" in said[1]
    assert "under way since 2" in line(done(world, *STOCK), "stock")


def test_a_pull_that_never_ran_has_no_runs_and_nothing_problematic_is_no_list(world: World) -> None:
    assert "No such run was recorded." in done(world, "runs", "--problems")
    assert "No such run was recorded." in done(world, "runs", "--what", "stock")
    assert "There is no connection 'nobody'" in refused(world, "runs", "nobody")


def test_without_a_connection_the_first_step_is_said(bare_world: World) -> None:
    for command in ("schedule", "runs"):
        assert "`wizqbo connect NAME` begins one" in done(bare_world, command)
    assert "there is none" in refused(bare_world, *ADMIN, "refresh", "orders")


@pytest.mark.parametrize("command", ["schedule", "refresh", "runs"])
def test_each_command_says_how_it_is_typed(bare_world: World, command: str) -> None:
    assert f"wizqbo {'--as admin ' * (command == 'refresh')}{command} " in " ".join(
        done(bare_world, command, "--help").split()
    )
