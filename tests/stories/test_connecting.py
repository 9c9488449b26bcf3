"""Connecting: the administrator's link, the consent, and how it ends, is renewed, and is taken back."""

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapters.wiring import wire
from engine.clock import SystemClock
from engine.domain.events import ConsentEnded, ConsentGranted, ConsentLapsing, ConsentRefused, ConsentRegained
from engine.people import NotPossible
from tests.tables import attention, contents, count_of, queue, writes
from tests.world import CONNECTION, NO_LIMITS, World

BLOOM = "Bloom & Co"
LINES = [("VASE-01", 4, "25.00")]
DAY = timedelta(days=1).total_seconds()


def link(world: World, connection: str = CONNECTION) -> str:
    return world.engine.connecting.make_link(connection, "tester")


def opened(address: str) -> httpx.Response:
    """What the administrator sees in the end."""
    return httpx.get(address, follow_redirects=True)


def callback_of(address: str) -> str:
    """The address QuickBooks sends the browser back to, not visited yet."""
    consent = httpx.get(address).headers["location"]
    return httpx.get(consent).headers["location"]


def refreshes(world: World) -> int:
    """Refresh calls that QuickBooks' token endpoint saw."""
    return sum(1 for call in world.quickbooks.calls.all() if call.path.endswith("/tokens/bearer"))


# ---- the link ---------------------------------------------------------------------------------------------------------------


def test_the_link_works_for_seven_days(bare_world: World) -> None:
    address = link(bare_world)
    bare_world.move(7 * DAY - 60)

    answer = opened(address)

    assert "is connected" in answer.text and count_of(bare_world, ConsentGranted) == 1


def test_an_expired_link_and_an_unknown_one_say_what_to_do(bare_world: World) -> None:
    address = link(bare_world)
    bare_world.move(7 * DAY + 1)

    expired, unknown = opened(address), opened(address[:-1] + "_")

    assert expired.status_code == 410 and "expired" in expired.text and "new one" in expired.text
    assert unknown.status_code == 404 and "not one of ours" in unknown.text
    assert count_of(bare_world, ConsentGranted) == 0


# ---- state and callback -----------------------------------------------------------------------------------------------------


def test_a_state_works_once(bare_world: World) -> None:
    callback = callback_of(link(bare_world))

    first, second = opened(callback), opened(callback)

    assert "is connected" in first.text and "used already" in second.text
    assert count_of(bare_world, ConsentGranted) == 1


def test_an_expired_state_and_a_forged_one_connect_nothing(bare_world: World) -> None:
    callback = callback_of(link(bare_world))
    bare_world.move(601)
    state = parse_qs(urlsplit(callback).query)["state"][0]

    expired, forged = opened(callback), opened(callback.replace(state, "f" * len(state)))

    assert "longer than 10 minutes" in expired.text and "does not belong to a link we made" in forged.text
    assert count_of(bare_world, ConsentGranted) == 0


def test_the_callback_redirects_and_shows_no_token_code_or_state(bare_world: World) -> None:
    callback = callback_of(link(bare_world))
    query = parse_qs(urlsplit(callback).query)

    answer = httpx.get(callback)
    page = opened(f"{bare_world.settings.address}{answer.headers['location']}")

    secrets = bare_world.quickbooks.issued_secrets() | {query["state"][0], query["code"][0]}
    shown = answer.text + str(answer.headers) + page.text + str(page.headers) + str(page.url)
    assert answer.status_code == 302 and answer.headers["location"].startswith("/connected?outcome=granted")
    assert [secret for secret in secrets if secret in shown] == [] and "is connected" in page.text


# ---- refusals ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switches", "hand", "sentence", "step"),
    [
        ({"authorize": "deny"}, "", "The consent was declined in QuickBooks.", "Open the link again"),
        ({}, "take-admin-rights", "The consent was declined in QuickBooks.", "administrator of the company"),
        ({}, "drop-api-plan", "plan does not let apps in", "Choose a QuickBooks Online plan"),
        ({"plan_refusal": "120-403"}, "drop-api-plan", "plan does not let apps in", "Choose a QuickBooks Online plan"),
        ({"plan_refusal": "5020"}, "drop-api-plan", "plan does not let apps in", "Choose a QuickBooks Online plan"),
    ],
)
def test_who_may_not_connect_is_told_what_to_do(
    bare_world: World, switches: dict[str, str], hand: str, sentence: str, step: str
) -> None:
    bare_world.quickbooks.set_switches(**switches)
    if hand:
        bare_world.quickbooks.by_hand(hand)

    answer = opened(link(bare_world))
    bare_world.settle()

    assert sentence in answer.text and step in answer.text
    [refused] = contents(bare_world, ConsentRefused)
    assert sentence in refused["reason"] and count_of(bare_world, ConsentGranted) == 0
    assert bare_world.rows("SELECT count(*) FROM credentials") == [(0,)] and "consent" in attention(bare_world)


def test_a_consent_of_somebody_without_the_right_says_who_must_give_it(bare_world: World) -> None:
    bare_world.quickbooks.add_fault("403", path="/v3/company", times=1)

    answer = opened(link(bare_world))

    assert "not an administrator of that company" in answer.text and "administrator of the company" in answer.text
    assert count_of(bare_world, ConsentGranted) == 0


def test_another_company_than_before_is_refused_with_both_names_and_its_tokens_revoked(world: World) -> None:
    other = world.quickbooks.by_hand("add-company", CompanyName="Dune Trading")["realm"]
    world.quickbooks.set_switches(authorize_realm=other)

    answer = opened(link(world))

    [refused] = contents(world, ConsentRefused)
    assert "Dune Trading" in answer.text and "Sandbox Company" in refused["reason"] and "Dune" in refused["reason"]
    assert not world.quickbooks.office.grants.connected(other)
    assert world.rows("SELECT quickbooks, company FROM gates")[0][0] == "open"
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_a_company_belongs_to_one_connection_for_ever(world: World) -> None:
    answer = opened(link(world, "second"))

    assert "belongs to the connection &#x27;acme&#x27; already" in answer.text
    assert count_of(world, ConsentGranted) == 1


def test_trying_to_take_a_connected_company_elsewhere_does_not_disconnect_it(world: World) -> None:
    opened(link(world, "second"))

    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.move(3600)
    world.settle()

    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]
    assert world.rows("SELECT stream FROM attention") == [("connection-second",)] and count_of(world, ConsentEnded) == 0


def test_a_tenant_belongs_to_one_connection_for_ever(world: World) -> None:
    with pytest.raises(NotPossible, match="belongs to the connection 'acme' already"):
        world.engine.connecting.join_tenant("second", "tester", token=world.wizcommerce.standin.token)

    assert world.rows("SELECT count(*) FROM credentials WHERE system = 'wizcommerce'") == [(1,)]


# ---- again, and no more -----------------------------------------------------------------------------------------------------


def test_reconnecting_regains_the_consent_and_drains_what_waited(world: World) -> None:
    world.quickbooks.by_hand("disconnect")
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()
    waiting = queue(world)[0]

    answer = opened(link(world))
    world.settle()

    assert waiting == 1 and "is connected" in answer.text
    assert count_of(world, ConsentRegained) == 1 and count_of(world, ConsentEnded) == 1
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_disconnecting_revokes_at_quickbooks_and_forgets_the_tokens(world: World) -> None:
    sentence = world.engine.connecting.disconnect(CONNECTION, "tester")
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.settle()

    assert not world.quickbooks.office.grants.connected(world.quickbooks.company().realm)
    assert world.rows("SELECT system FROM credentials") == [("wizcommerce",)]
    assert "QuickBooks was told." in sentence and writes(world) == [] and queue(world)[0] == 1
    assert [ended["reason"] for ended in contents(world, ConsentEnded)] == ["disconnected by tester"]


def test_a_consent_about_to_lapse_is_said_once(world: World) -> None:
    world.quickbooks_running.stop()  # nothing refreshes it any more
    world.move(95 * DAY)
    for _ in range(2):
        world.engine.schedule.due_now(CONNECTION, "expiries")
        world.clock.move(3600)
        while world.engine.schedule.step():
            pass
    for follower in world.engine.followers:
        follower.step()

    assert count_of(world, ConsentLapsing) == 1 and "ends on" in attention(world)["consent-lapsing"]


# ---- refreshing -------------------------------------------------------------------------------------------------------------


def test_any_number_of_threads_and_processes_make_one_refresh(world: World) -> None:
    other = wire(world.settings, world.database, world.clock, budgets=NO_LIMITS)
    world.move(3600)
    before, found = refreshes(world), set()
    tokens = [engine.tokens for engine in (world.engine, other) for _ in range(8)]
    threads = [threading.Thread(target=lambda t=one: found.add(t.bearer(CONNECTION))) for one in tokens]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()

    assert refreshes(world) - before == 1 and len(found) == 1


def test_a_rotated_refresh_token_is_stored_before_it_is_used(world: World) -> None:
    world.move(DAY + 60)  # the next refresh rotates, and the old value is dead at once
    first = world.engine.tokens.bearer(CONNECTION)
    world.engine.close()

    engine = world.restarted_engine()
    world.move(3600)
    second = engine.tokens.bearer(CONNECTION)

    assert first != second and isinstance(world.clock, SystemClock)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)
    world.wizcommerce.switch(webhooks=False)
    world.settle()
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]
    assert count_of(world, ConsentEnded) == 0


def test_a_token_that_is_rejected_is_refreshed_once_and_the_call_goes(world: World) -> None:
    before = refreshes(world)
    world.quickbooks.add_fault("401", operation="create invoice", times=1)
    world.wizcommerce.confirm_order("WC-1001", BLOOM, LINES)

    world.settle()

    assert refreshes(world) - before == 1
    assert [invoice.doc_number for invoice in world.invoices()] == ["WC-1001"]


def test_a_connection_keeps_its_tenant_for_ever(world: World) -> None:
    seller = world.wizcommerce.standin
    login = {"email": seller.email, "password": seller.password}
    world.engine.connecting.join_tenant(CONNECTION, "tester", **login)
    world.wizcommerce.do(seller.state.tenant.update, {"id": "another-tenant"})

    with pytest.raises(NotPossible) as refused:
        world.engine.connecting.join_tenant(CONNECTION, "tester", **login)

    assert "another WizCommerce tenant" in str(refused.value)
