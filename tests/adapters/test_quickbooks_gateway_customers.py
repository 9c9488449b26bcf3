"""What the QuickBooks gateway writes and asks about customers, against the strict stand-in over real HTTP."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from engine.domain.drafts import CustomerUpdate
from engine.domain.values import Address, CustomerContent, CustomerField, OtherContent, Personal
from engine.ports import Holder, Outdated, Refused, Remote, Unknown
from tests.adapters.quickbooks_world import LONG_AGO, MARK, World, a_customer, a_world

OTHER_MARK = "f" * 32


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def there(world: World, remote_id: str) -> dict[str, Any]:
    """A customer as the stand-in has it."""
    return next(one for one in world.stand_in.customers() if one["Id"] == remote_id)


def changed(remote: Remote, *fields: CustomerField, **changes: object) -> CustomerUpdate:
    """A change of `fields` of what was read, against the revision it was read at."""
    assert isinstance(remote.content, CustomerContent)
    content = msgspec.structs.replace(remote.content, **changes)
    return CustomerUpdate(
        target="quickbooks",
        remote_id=remote.remote_id,
        revision=remote.revision,
        fields=fields,
        content=content,
        mark=OTHER_MARK,
    )


def full(world: World) -> Remote:
    """A customer with something in every field, read."""
    term = world.stand_in.by_hand("add-term", Name="Net 45", DueDays=45)["Id"]
    added = world.stand_in.add_customer(
        "Bloom & Co",
        CompanyName="Bloom Ltd",
        GivenName="Vorname",
        FamilyName="Nachname",
        PrimaryEmailAddr={"Address": "ap@bloom.example"},
        PrimaryPhone={"FreeFormNumber": "555 0100"},
        BillAddr={"Line1": "1 Pier", "City": "Dover", "PostalCode": "19901"},
        ShipAddr={"Line1": "2 Pier", "Line2": "Rear", "City": "Dover"},
        SalesTermRef={"value": term},
        CustomerTypeRef={"value": world.stand_in.by_hand("add-customer-type", Name="Florist")["Id"]},
        Notes="called twice",
    )
    return world.gateway.fetch("acme", "customer", added["Id"])


# ---- changed ---------------------------------------------------------------------------------------------------------

CHANGES: dict[CustomerField, tuple[str, Any, dict[str, Any]]] = {
    "name": ("DisplayName", "Bloom & Daughters", {"display_name": Personal("Bloom & Daughters")}),
    "company": ("CompanyName", "Bloom Inc", {"company_name": Personal("Bloom Inc")}),
    "given_name": ("GivenName", "Prénom", {"given_name": Personal("Prénom")}),
    "family_name": ("FamilyName", "Nom", {"family_name": Personal("Nom")}),
    "phone": ("PrimaryPhone", {"FreeFormNumber": "555 0199"}, {"phone": Personal("555 0199")}),
    "billing": (
        "BillAddr",
        {"Line1": "9 Quay", "City": "Lewes", "CountrySubDivisionCode": "DE", "Country": "USA"},
        {"billing": Address(lines=Personal("9 Quay"), city="Lewes", region="DE", country="USA")},
    ),
    "shipping": (
        "ShipAddr",
        {"Line1": "9 Quay", "PostalCode": "19958"},
        {"shipping": Address(lines=Personal("9 Quay"), postal_code="19958")},
    ),
    "term": ("SalesTermRef", {"value": "term"}, {"payment_term": "term"}),
    "customer_type": ("CustomerTypeRef", {"value": "type"}, {"type_id": "type"}),
}
NONE: dict[CustomerField, dict[str, Any]] = {
    "company": {"company_name": Personal("")},
    "given_name": {"given_name": Personal("")},
    "family_name": {"family_name": Personal("")},
    "phone": {"phone": Personal("")},
    "billing": {"billing": None},
    "shipping": {"shipping": None},
    "term": {"payment_term": ""},
    "customer_type": {"type_id": ""},
}
_OF_THEMSELVES = {"SyncToken", "MetaData", "FullyQualifiedName", "PrintOnCheckName"}


def apart(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """What differs, but for what QuickBooks writes by itself."""
    keys = before.keys() | after.keys()
    return {key for key in keys if before.get(key) != after.get(key)} - _OF_THEMSELVES


@pytest.mark.parametrize("field", CHANGES)
def test_each_field_is_changed_and_no_other_then_emptied_where_it_can_be(world: World, field: CustomerField) -> None:
    ids = {
        "term": world.stand_in.by_hand("add-term", Name="Net 7", DueDays=7)["Id"],
        "type": world.stand_in.by_hand("add-customer-type", Name="Hotel")["Id"],
    }
    key, value, changes = CHANGES[field]
    changes = {name: ids.get(one, one) if isinstance(one, str) else one for name, one in changes.items()}
    seen = full(world)
    before = there(world, seen.remote_id)

    answer = world.send(changed(seen, field, **changes), command_id="1" * 32)

    after = there(world, seen.remote_id)
    wanted = {"value": ids[value["value"]]} if "value" in value and isinstance(value, dict) else value
    written = {k: v for k, v in after[key].items() if k != "Id"} if isinstance(wanted, dict) else after[key]
    assert written == wanted and apart(before, after) == {key} and int(after["SyncToken"]) == int(seen.revision) + 1
    assert isinstance(answer.content, CustomerContent) and answer.revision == after["SyncToken"]
    assert {name: getattr(answer.content, name) for name in changes} == changes

    if field in NONE:
        emptied = world.send(changed(answer, field, **NONE[field]), command_id="2" * 32)
        assert key not in there(world, seen.remote_id) and apart(after, there(world, seen.remote_id)) == {key}
        assert isinstance(emptied.content, CustomerContent)
        assert {name: getattr(emptied.content, name) for name in NONE[field]} == NONE[field]


def test_an_update_of_a_newer_record_is_outdated_and_changes_nothing(world: World) -> None:
    seen = full(world)
    world.stand_in.by_hand("edit-customer", Id=seen.remote_id, GivenName="Anders")
    before = there(world, seen.remote_id)
    with pytest.raises(Outdated) as ended:
        world.send(changed(seen, "name", display_name=Personal("Bloom & Daughters")))
    assert (ended.value.code, ended.value.ran) == ("5010", False) and ended.value.trace_id and ended.value.next_step
    assert there(world, seen.remote_id) == before


def test_the_same_fault_of_a_create_is_a_refusal(world: World) -> None:
    world.stand_in.add_fault("fault", path="/customer", code="5010", detail="Stale Object Error")
    with pytest.raises(Refused) as ended:
        world.send(a_customer())
    assert ended.value.code == "5010"


def test_an_update_that_changes_nothing_does_not_move_the_revision(world: World) -> None:
    seen = full(world)
    before = there(world, seen.remote_id)
    same = world.send(changed(seen, *CHANGES, "active"))
    assert same.revision == seen.revision and same.content == seen.content
    assert there(world, seen.remote_id) == before


def test_an_update_sent_again_has_the_same_answer_though_it_is_outdated_by_itself(world: World) -> None:
    seen = full(world)
    update = changed(seen, "phone", phone=Personal("555 0199"))
    first = world.send(update)
    assert world.send(update) == first and first.revision == there(world, seen.remote_id)["SyncToken"]


def test_whoever_is_made_inactive_and_active_again_has_the_name_that_was_wanted(world: World) -> None:
    seen = full(world)
    off = world.send(changed(seen, "active", active=False), command_id="1" * 32)
    assert there(world, seen.remote_id)["DisplayName"] == "Bloom & Co (deleted)"
    assert isinstance(off.content, CustomerContent) and (off.content.active, off.content.display_name.text) == (
        False,
        "Bloom & Co",
    )
    again = world.send(changed(off, "active", active=True), command_id="2" * 32)
    assert isinstance(again.content, CustomerContent) and again.content.active
    back = there(world, seen.remote_id)
    assert (back["DisplayName"], back["FullyQualifiedName"], back["Active"]) == ("Bloom & Co", "Bloom & Co", True)


def test_a_renamed_sub_customer_stays_below_its_parent(world: World) -> None:
    parent = world.stand_in.add_customer("Bloom & Co")["Id"]
    child = world.stand_in.add_customer("West", Job=True, ParentRef={"value": parent}, BillWithParent=True)["Id"]
    seen = world.gateway.fetch("acme", "customer", child)
    answer = world.send(changed(seen, "name", display_name=Personal("East"))).content
    assert isinstance(answer, CustomerContent) and answer.bill_with_parent
    assert (answer.parent, answer.full_name.text) == (parent, "Bloom & Co:East")


def test_whoever_owes_something_is_not_made_inactive(world: World) -> None:
    draft = world.draft()
    world.send(draft)
    seen = world.gateway.fetch("acme", "customer", draft.customer_remote_id)
    with pytest.raises(Refused) as ended:
        world.send(changed(seen, "active", active=False), command_id="1" * 32)
    assert ended.value.code == "6220" and "balance" in ended.value.sentence


@pytest.mark.parametrize("wording", ["610", "2500"])
def test_a_term_that_was_made_inactive_is_refused(world: World, wording: str) -> None:
    world.stand_in.set_switches(inactive_reference=wording)
    seen = full(world)
    term = world.stand_in.by_hand("add-term", Name="Net 90", DueDays=90)["Id"]
    world.stand_in.by_hand("deactivate-term", Id=term)
    with pytest.raises(Refused) as ended:
        world.send(changed(seen, "term", payment_term=term))
    assert ended.value.code == wording and "payment term" in ended.value.sentence


def test_an_answer_about_another_customer_leaves_an_update_unknown(world: World) -> None:
    seen = full(world)
    another = '{"Customer": {"Id": "9999", "SyncToken": "1", "DisplayName": "Bloom & Co"}}'
    world.stand_in.add_fault("status", path="/customer", status=200, body=another)
    with pytest.raises(Unknown) as ended:
        world.send(changed(seen, "phone", phone=Personal("555 0199")))
    assert ended.value.code == "not-understood"


def test_an_update_is_looked_for_in_the_record_itself_by_one_read(world: World) -> None:
    seen = full(world)
    update = changed(seen, "phone", phone=Personal("555 0199"))
    before = world.metered()
    assert world.gateway.look("acme", update, LONG_AGO) == [seen] and world.metered() - before == 1
    sent = world.send(update)
    assert [one.content for one in world.gateway.look("acme", update, LONG_AGO)] == [sent.content]
    absent = msgspec.structs.replace(update, remote_id="9999")
    [tombstone] = world.gateway.look("acme", absent, LONG_AGO)
    assert (tombstone.remote_id, tombstone.content, tombstone.problem) == ("9999", None, "")


# ---- created ---------------------------------------------------------------------------------------------------------


def test_a_customer_is_made_with_its_term_type_currency_and_tax(world: World) -> None:
    world.stand_in.by_hand("set-preferences", CurrencyPrefs={"MultiCurrencyEnabled": True})
    like = full(world).content
    assert isinstance(like, CustomerContent)
    content = msgspec.structs.replace(
        like,
        display_name=Personal("Juniper Home LLC"),
        currency="CAD",
        taxable=False,
        exemption="9",
        resale_number=Personal("DE-77"),
    )
    draft = msgspec.structs.replace(a_customer(), content=content)
    made = world.send(draft).content
    assert made == msgspec.structs.replace(content, mark=MARK)


# ---- who has a name --------------------------------------------------------------------------------------------------


def holders(world: World, name: str) -> tuple[list[Holder], int]:
    """Who has a name, and how many metered reads it took to say so."""
    before = world.metered()
    found = world.gateway.holders_of_name("acme", name)
    return found, world.metered() - before


@pytest.mark.parametrize(("entity", "reads"), [("customer", 1), ("vendor", 2), ("employee", 3)])
def test_whoever_has_a_name_is_found_whatever_its_case_and_form(world: World, entity: str, reads: int) -> None:
    added = world.stand_in.by_hand(f"add-{entity}", DisplayName="O'Hara \\ Sons")
    with pytest.raises(Refused) as ended:
        world.send(a_customer("O'HARA: \\ sons"))
    [holder], took = holders(world, "O'HARA: \\ sons")
    assert ended.value.code == "6240" and took == reads
    assert (holder.entity, holder.remote_id, holder.active) == (entity, added["Id"], True)
    assert (holder.remote is not None) == (entity == "customer")
    if holder.remote is not None:
        assert holder.remote == world.gateway.fetch("acme", "customer", added["Id"])


@pytest.mark.parametrize("entity", ["customer", "vendor"])
def test_a_name_that_was_freed_has_no_holder_until_it_is_borne_again(world: World, entity: str) -> None:
    added = world.stand_in.by_hand(f"add-{entity}", DisplayName="Bloom & Co")
    world.stand_in.by_hand(f"deactivate-{entity}", Id=added["Id"])
    assert holders(world, "Bloom & Co") == ([], 3)
    world.stand_in.by_hand(f"edit-{entity}", Id=added["Id"], DisplayName="Bloom & Co")
    [holder], _ = holders(world, "Bloom & Co")
    assert (holder.remote_id, holder.active) == (added["Id"], False)


def test_no_name_is_asked_for_nowhere(world: World) -> None:
    assert holders(world, " : ") == ([], 0)


# ---- the lists a customer refers to ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "word"), [("term", "term"), ("customertype", "customer-type")])
def test_terms_and_types_are_read_one_by_one_and_all_of_them_inactive_ones_too(
    world: World, kind: str, word: str
) -> None:
    more: dict[str, Any] = {"DueDays": 5} if kind == "term" else {}
    kept = world.stand_in.by_hand(f"add-{word}", Name="Five", **more)
    gone = world.stand_in.by_hand(f"add-{word}", Name="Six", **more)
    world.stand_in.by_hand(f"deactivate-{word}", Id=gone["Id"])
    found = {one.remote_id: one.content for one in world.everything(kind)}
    assert found[kept["Id"]] == OtherContent(title="Five")
    assert found[gone["Id"]] == OtherContent(title="Six", active=False)
    assert {i: world.gateway.fetch("acme", kind, i).content for i in (kept["Id"], gone["Id"])}.items() <= found.items()
