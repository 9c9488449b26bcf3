"""What is put into WizCommerce of a QuickBooks item, what is held, and why: pure, asked twice nothing more."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.drafts import ProductDraft, ProductUpdate, StockDraft
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandIssued,
    PushWithheld,
    RecordGone,
    RecordMergedThere,
)
from engine.domain.product_drafts import draft_of, product_fields
from engine.domain.product_policies import decide_product
from engine.domain.values import Attribute, ListPrice, Personal
from tests.goods import (
    FACTS,
    LINKED,
    THERE,
    VASE,
    accepted,
    around,
    in_shop,
    issued,
    item,
    on_hand,
    product_after,
    refused,
    sent,
    there,
)

SHOWN = (item(), on_hand("10"), LINKED, there(), in_shop("10", "10"))
"""A vase that both sides show alike, ten of them."""


def withheld(*events: Any, **beside: Any) -> PushWithheld:
    [said] = [e for e in decide_product(product_after(*events), around(**beside)) if isinstance(e, PushWithheld)]
    return said


# ---- made ----------------------------------------------------------------------------------------------------------------


def test_an_item_is_put_into_wizcommerce_as_one_variant_in_a_group_of_its_own() -> None:
    product = product_after(item(description="A tall vase"), on_hand("10"))
    command = issued(decide_product(product, around()))
    _, draft = sent(product, around(), command)

    assert command.verb == "PutProduct" and command.target == "wizcommerce"
    assert draft == ProductDraft(
        sku="VASE-01",
        name="Vase",
        group_code="QBO:acme:item:7",
        reference="QBO:acme:item:7",
        category="Decor::Vases",
        price=Decimal("25.00"),
        price_list="pl_01",
        attributes=(Attribute(name="Description", value=Personal("A tall vase")),),
    )


def test_asked_again_nothing_more_follows() -> None:
    product = product_after(item(), on_hand("10"))
    again = product_after(*decide_product(product, around()), product=product)

    assert decide_product(again, around()) == []


def test_once_made_its_stock_is_told_and_then_nothing_is_left() -> None:
    product = product_after(item(), on_hand("10"))
    put = issued(decide_product(product, around()))
    product, _ = sent(product, around(), put)
    product = product_after(accepted(put), LINKED, there(), product=product)
    stock = issued(decide_product(product, around()))
    product, draft = sent(product, around(), stock)

    assert stock.verb == "SetStock" and isinstance(draft, StockDraft)
    assert (draft.sku, draft.level.on_hand, draft.level.available) == ("VASE-01", Decimal(10), Decimal(10))
    assert decide_product(product_after(accepted(stock), product=product), around()) == []


@pytest.mark.parametrize(
    "beside", [{"decides": False}, {"said": {"products": "off"}}], ids=["first sync not accepted", "products off"]
)
def test_nothing_is_decided_before_a_person_lets_it(beside: Any) -> None:
    assert decide_product(product_after(item(), on_hand("10")), around(**beside)) == []


def test_a_category_is_no_product() -> None:
    assert decide_product(product_after(item(item_type="Category")), around()) == []


def test_the_sku_comes_from_where_the_connection_says() -> None:
    product = product_after(item(sku=""), on_hand("1"))

    drafts = [draft_of(product, "PutProduct", around(said={"sku-source": one})) for one in ("name", "full-name")]

    assert [draft.sku for draft in drafts if isinstance(draft, ProductDraft)] == ["Vase", "Decor:Vases:Vase"]


def test_where_companies_have_no_categories_none_is_sent() -> None:
    draft = draft_of(product_after(item()), "PutProduct", around(facts=replace(FACTS, categories=False)))

    assert isinstance(draft, ProductDraft) and draft.category == ""


def test_cost_travels_only_where_a_connection_wants_it_shown() -> None:
    product = product_after(item(cost=Decimal("11.50")))
    plain, shown = (draft_of(product, "PutProduct", around(said=s)) for s in ({}, {"cost-attribute": "Cost"}))

    assert isinstance(plain, ProductDraft) and plain.attributes == ()
    assert isinstance(shown, ProductDraft)
    assert shown.attributes == (Attribute(name="Cost", value=Personal("11.50")),)


# ---- held, left alone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "beside", "reason", "needs_person"),
    [
        ({"active": False}, {}, "inactive", False),
        ({"item_type": "Group"}, {}, "type", False),
        ({"item_type": "Service"}, {"said": {"item-types": "Inventory"}}, "type", False),
        ({"sku": " "}, {}, "no-sku", True),
        ({}, {"others": 1}, "duplicate-sku", True),
        ({}, {"taken_by": "product-acme:other"}, "taken-sku", True),
        ({"unit_price": None}, {}, "no-price", True),
        ({"unit_price": Decimal(0)}, {}, "no-price", True),
        ({}, {"said": {"price-list": ""}}, "price-list", True),
    ],
)
def test_what_cannot_be_put_waits_with_its_reason(change: Any, beside: Any, reason: str, needs_person: bool) -> None:
    said = withheld(item(**change), **beside)

    assert (said.reason, said.needs_person) == (reason, needs_person)
    assert said.sentence and (said.next_step or not needs_person)


def test_a_reason_is_said_once_and_the_product_goes_when_it_is_gone() -> None:
    product = product_after(item(sku=""))
    product = product_after(*decide_product(product, around()), product=product)

    assert decide_product(product, around()) == []
    assert issued(decide_product(product_after(item(content_hash="hash-2"), product=product), around()))


@pytest.mark.parametrize("said", [{"zero-prices": "publish"}, {"prices": "never"}])
def test_a_choice_lets_what_has_no_price_go(said: dict[str, str]) -> None:
    draft = draft_of(product_after(item(unit_price=None)), "PutProduct", around(said=said))

    assert issued(decide_product(product_after(item(unit_price=None)), around(said=said)))
    assert isinstance(draft, ProductDraft)
    assert draft.price == (Decimal(0) if "zero-prices" in said else None)


def test_a_bundle_becomes_a_product_that_nobody_counts_where_a_choice_says_so() -> None:
    bundle = item(item_type="Group", tracked=False, sellable=False)
    product = product_after(bundle, LINKED, there())
    draft = draft_of(product, "SetStock", around(said={"bundles": "product"}))

    assert issued(decide_product(product_after(bundle), around(said={"bundles": "product"})))
    assert isinstance(draft, StockDraft) and not draft.level.tracked and draft.level.standing == "IN_STOCK"


def test_what_was_shown_stays_as_it_was_while_something_stands_in_the_way() -> None:
    product = product_after(*SHOWN, item(unit_price=None, name="Tall vase"))
    said = decide_product(product, around())

    assert [type(e) for e in said] == [PushWithheld]
    assert decide_product(product_after(*said, product=product), around()) == []


def test_a_product_nobody_is_to_send_is_not_sent() -> None:
    product = product_after(item(), on_hand("10"))
    command = issued(decide_product(product, around()))
    product = product_after(command, product=product)
    never = CommandAbandoned(command_id=command.command_id, why="not for the shop")
    product = product_after(never, product=product, who="admin")

    assert decide_product(product_after(item(name="Other", content_hash="hash-2"), product=product), around()) == []


# ---- kept equal ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": "Tall vase"}, ("name",)),
        ({"unit_price": Decimal("26.00")}, ("price",)),
        ({"full_name": "Home:Vases:Vase"}, ("category",)),
        ({"full_name": ""}, ("category",)),
        ({"description": "Blue"}, ("attributes",)),
        ({"sku": "VASE-02"}, ("sku",)),
        ({"name": "Tall vase", "unit_price": Decimal(30)}, ("name", "price")),
        ({"unit_price": Decimal("25")}, ()),
    ],
)
def test_only_what_differs_is_sent(change: Any, fields: tuple[str, ...]) -> None:
    product = product_after(*_put(), item(content_hash="hash-2", **change))

    assert product_fields(product, around()) == fields
    assert bool(fields) == any(isinstance(e, CommandIssued) for e in decide_product(product, around()))


def _put() -> tuple[Any, ...]:
    """The events of a vase that we put there ourselves."""
    product = product_after(item(), on_hand("10"))
    command = issued(decide_product(product, around()))
    begun, _ = sent(product, around(), command)
    assert begun.commands[command.command_id].first is not None
    return (item(), on_hand("10"), command, begun.commands[command.command_id].first, accepted(command), *SHOWN[2:])


@pytest.mark.parametrize("rule", ["creation", "never"])
def test_a_price_that_is_not_pulled_always_stays_as_people_set_it(rule: str) -> None:
    product = product_after(*SHOWN, item(unit_price=Decimal(99), content_hash="hash-2"))

    assert decide_product(product, around(said={"prices": rule})) == []


def test_prices_of_other_lists_and_categories_by_hand_are_none_of_ours() -> None:
    shown = there(
        categories=("Handmade", "Decor::Vases"),
        prices=(*THERE.prices, ListPrice(price_list="pl_02", price=Decimal(19))),
        attributes=(Attribute(name="Finish", value=Personal("glazed")),),
    )

    assert product_fields(product_after(*_put(), shown), around()) == ()


def test_a_category_shown_by_its_last_element_is_ours_when_we_put_the_path() -> None:
    last = there(categories=("Vases",))
    moved = item(full_name="Home:Vases:Vase", content_hash="hash-2")

    assert product_fields(product_after(*_put(), last), around()) == ()
    assert product_fields(product_after(*_put(), last, moved), around()) == ("category",)


def test_a_description_we_put_goes_when_quickbooks_has_none_any_more() -> None:
    described = product_after(item(description="Blue"), on_hand("10"))
    command = issued(decide_product(described, around()))
    described, _ = sent(described, around(), command)
    shown = there(attributes=(Attribute(name="Description", value=Personal("Blue")),))
    described = product_after(accepted(command), LINKED, shown, in_shop("10", "10"), product=described)
    bare = product_after(item(content_hash="hash-2"), product=described)
    update = draft_of(bare, "PutProduct", around())

    assert product_fields(described, around()) == ()
    assert isinstance(update, ProductUpdate)
    assert update.attributes == (Attribute(name="Description", value=Personal("")),)


def test_one_that_people_wrote_there_stays() -> None:
    shown = there(attributes=(Attribute(name="Description", value=Personal("By hand")),))

    assert product_fields(product_after(*_put(), shown), around()) == ()


def test_what_wizcommerce_refused_is_asked_again_only_for_something_else() -> None:
    product = product_after(*SHOWN, item(name="Tall vase", content_hash="hash-2"))
    command = issued(decide_product(product, around()))
    product, _ = sent(product, around(), command)
    product = product_after(refused(command), product=product)

    assert decide_product(product, around()) == []
    assert issued(
        decide_product(product_after(item(name="Low vase", content_hash="hash-3"), product=product), around())
    )


def test_a_refusal_that_nothing_is_left_of_is_settled() -> None:
    product = product_after(*SHOWN, item(name="Tall vase", content_hash="hash-2"))
    command = issued(decide_product(product, around()))
    product, _ = sent(product, around(), command)
    product = product_after(refused(command), item(content_hash="hash-3"), product=product)
    [ended] = decide_product(product, around())

    assert isinstance(ended, CommandAbandoned) and ended.command_id == command.command_id
    assert decide_product(product_after(ended, product=product), around()) == []


# ---- inactive, gone, merged ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        item(active=False, content_hash="hash-2"),
        RecordGone(system="quickbooks", kind="product", remote_id="7", fetched_after=1, cause="a test"),
        RecordMergedThere(system="quickbooks", kind="product", remote_id="7", into="8"),
    ],
    ids=["inactive", "gone", "merged"],
)
def test_what_quickbooks_ended_is_made_inactive(end: Any) -> None:
    product = product_after(*SHOWN, end)
    command = issued(decide_product(product, around()))
    _, draft = sent(product, around(), command)

    assert command.verb == "DeactivateProduct"
    assert draft == ProductUpdate(remote_id="prod_01", fields=("active",), active=False)
    assert decide_product(product_after(there(active=False, content_hash="hash-b"), product=product), around()) == []


def test_active_again_is_the_same_product_made_active() -> None:
    product = product_after(*SHOWN, there(active=False, content_hash="hash-b"))
    command = issued(decide_product(product, around()))
    _, draft = sent(product, around(), command)

    assert command.verb == "PutProduct"
    assert isinstance(draft, ProductUpdate) and (draft.fields, draft.active) == (("active",), True)


@pytest.mark.parametrize("code", ["status-refused", "status-ignored"])
def test_where_it_cannot_be_made_active_a_person_is_asked_until_it_is(code: str) -> None:
    product = product_after(*SHOWN, there(active=False, content_hash="hash-b"))
    command = issued(decide_product(product, around()))
    product, _ = sent(product, around(), command)
    product = product_after(refused(command, code), product=product)
    said = decide_product(product, around())
    product = product_after(*said, product=product)
    done = decide_product(product_after(there(content_hash="hash-c"), product=product), around())

    assert [type(e) for e in said] == [AttentionNeeded, CommandAbandoned]
    assert decide_product(product, around()) == []
    assert [type(e) for e in done] == [AttentionCleared]


def test_a_renamed_sku_is_the_same_product_and_a_person_is_asked_where_it_cannot_be_renamed() -> None:
    product = product_after(*SHOWN, item(sku="VASE-02", content_hash="hash-2"))
    command = issued(decide_product(product, around()))
    product, draft = sent(product, around(), command)
    product = product_after(refused(command, "sku-refused"), product=product)
    said = decide_product(product, around())

    assert isinstance(draft, ProductUpdate) and (draft.fields, draft.sku) == (("sku",), "VASE-02")
    assert [type(e) for e in said] == [AttentionNeeded, CommandAbandoned]
    product = product_after(*said, there(sku="VASE-02", content_hash="hash-c"), product=product)
    assert [type(e) for e in decide_product(product, around())] == [AttentionCleared, CommandIssued]  # its stock, anew


def test_a_product_deleted_there_waits_for_a_person() -> None:
    gone = RecordGone(system="wizcommerce", kind="product", remote_id="prod_01", fetched_after=1, cause="a test")
    [said] = decide_product(product_after(*SHOWN, gone), around())

    assert isinstance(said, PushWithheld) and said.reason == "deleted-there" and said.needs_person


def test_before_anything_was_sent_a_command_nobody_wants_any_more_ends() -> None:
    product = product_after(item(), on_hand("10"))
    command = issued(decide_product(product, around()))
    product = product_after(command, item(active=False, content_hash="hash-2"), product=product)
    ended, reason = decide_product(product, around())

    assert isinstance(ended, CommandAbandoned) and ended.command_id == command.command_id
    assert isinstance(reason, PushWithheld) and reason.reason == "inactive"


def test_the_vase_of_the_tests_is_as_quickbooks_shows_one() -> None:
    assert VASE.full_name.endswith(VASE.name)
