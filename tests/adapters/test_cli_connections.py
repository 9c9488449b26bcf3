"""Connecting, starting, pausing, ending: by a person, at the command line."""

import httpx

from tests.adapters.command_line import ask, done, refused, told
from tests.world import World


def test_connecting_takes_the_token_from_the_settings_and_prints_a_link_that_works(bare_world: World) -> None:
    token = bare_world.wizcommerce.standin.token

    result = ask(bare_world, "--as", "admin", "connect", "acme", "--json", WIZQBO_WIZCOMMERCE_TOKEN=token)

    assert result.exit_code == 0, result.output
    link = httpx.Response(200, text=result.stdout).json()["link"]
    assert "is connected" in httpx.get(link, follow_redirects=True).text
    assert token not in result.output
    [row] = told(bare_world, "connections")
    assert (row["connection"], row["company"], row["quickbooks"]) == ("acme", "Sandbox Company", "open")
    assert "before the first sync is accepted" in row["state"]


def test_connecting_by_e_mail_and_password_of_the_settings(bare_world: World) -> None:
    seller = bare_world.wizcommerce.standin

    result = ask(
        bare_world,
        *("--as", "admin", "connect", "acme"),
        WIZQBO_WIZCOMMERCE_EMAIL=seller.email,
        WIZQBO_WIZCOMMERCE_PASSWORD=seller.password,
    )

    assert result.exit_code == 0, result.output
    assert "/connect/" in result.stdout and "wizqbo start acme" in result.stdout
    assert seller.password not in result.output


def test_connecting_again_asks_for_nothing_it_has(world: World) -> None:
    said = done(world, "--as", "admin", "connect", "acme")

    assert "/connect/" in said
    assert len(world.rows("SELECT 1 FROM log WHERE topic = 'tenant-joined'")) == 1


def test_what_cannot_be_connected_is_one_sentence(bare_world: World) -> None:
    nothing = refused(bare_world, "--as", "admin", "connect", "acme")
    wrong = refused(bare_world, "--as", "admin", "connect", "acme", WIZQBO_WIZCOMMERCE_TOKEN="not-one-of-theirs")
    name = refused(bare_world, "--as", "admin", "connect", "Acme Ltd")

    assert "WIZQBO_WIZCOMMERCE_TOKEN" in nothing
    assert "does not accept this token" in wrong and "not-one-of-theirs" not in wrong
    assert "small letters, digits and hyphens" in name
    assert done(bare_world, "connections") == ""


def test_a_tenant_under_a_second_name_is_refused_and_leaves_no_connection_behind(world: World) -> None:
    seller = world.wizcommerce.standin
    login = {"WIZQBO_WIZCOMMERCE_EMAIL": seller.email, "WIZQBO_WIZCOMMERCE_PASSWORD": seller.password}
    first = ask(world, "--as", "admin", "connect", "acme", **login)
    assert first.exit_code == 0, first.output

    said = refused(world, "--as", "admin", "connect", "beta", **login)

    assert "belongs to the connection 'acme' already" in said and "`wizqbo connect acme`" in said
    assert [row["connection"] for row in told(world, "connections")] == ["acme"]


def test_a_system_that_is_away_is_for_the_person_to_try_again(bare_world: World) -> None:
    away = {"WIZQBO_WIZCOMMERCE_API_URL": "http://127.0.0.1:1", "WIZQBO_WIZCOMMERCE_TOKEN": "any"}

    said = refused(bare_world, "--as", "admin", "connect", "acme", **away)

    assert "could not be reached" in said and "Try again in a while." in said
    assert "it is tried again" not in said


def test_a_start_by_date_is_midnight_where_the_company_is(world: World) -> None:
    said = done(world, "--as", "admin", "start", "acme", "--from", "2026-11-01")

    assert "2026-11-01 07:00 UTC" in said  # Los Angeles, before the clocks went back that morning
    assert told(world, "connections")[0]["push_from"] == "2026-11-01T07:00:00Z"
    with_time = told(world, "--as", "admin", "start", "acme", "--from", "2026-11-02T09:30+01:00")
    assert with_time["push_from"] == "2026-11-02T08:30:00Z"


def test_a_start_says_how_many_orders_it_lets_go(world: World) -> None:
    world.wizcommerce.confirm_order(
        "WC-0900", "Bloom & Co", [("VASE-01", 1, "25.00")], created_at="2026-10-15T10:00:00Z"
    )
    world.settle()
    assert world.invoices() == []

    said = done(world, "--as", "admin", "start", "acme", "--from", "2026-10-01")
    world.settle()

    assert "1 recorded order made since then will go now." in said
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-0900"]


def test_a_start_that_names_no_date_or_no_connection_is_refused(world: World) -> None:
    assert "Write a date as 2026-11-01" in refused(world, "--as", "admin", "start", "acme", "--from", "monday")
    assert "There is no connection 'acne'. There are: acme." in refused(
        world, "--as", "admin", "start", "acne", "--from", "2026-11-01"
    )


def test_a_pause_holds_writes_and_says_so_until_it_is_lifted(world: World) -> None:
    done(world, "--as", "admin", "pause", "acme", "--because", "month end")
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.settle()

    pending = done(world, "pending")
    assert world.invoices() == []
    assert "writes are paused: month end. wizqbo resume acme (1 wait)" in pending
    assert "paused: month end" in done(world, "connections")
    assert "wizqbo resume acme" in done(world, "history", "order", "WC-1001")

    assert "go on" in done(world, "--as", "admin", "resume", "acme")
    world.settle()
    assert len(world.invoices()) == 1
    assert "It is not paused." in done(world, "--as", "admin", "resume", "acme")


def test_disconnecting_asks_first_then_revokes(world: World) -> None:
    assert "Nothing was done." in refused(world, "--as", "admin", "disconnect", "acme", answer="n\n")
    assert told(world, "connections")[0]["quickbooks"] == "open"

    said = done(world, "--as", "admin", "disconnect", "acme", "--yes")

    assert "QuickBooks was told" in said
    assert told(world, "connections")[0]["quickbooks"] == "ended"
    assert "disconnected by admin" in done(world, "connections")
    assert "not connected" in refused(world, "doctor", "acme")
