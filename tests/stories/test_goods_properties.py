"""Random edits of a catalogue, webhooks that are lost, answers of change data capture that are cut off: in the end WizCommerce
shows exactly the active, valid products as they are, and every other item has the reason that was foretold."""

import pytest

from tests.goods_at_random import Catalogue
from tests.shop import Shop

EDITS = 45


@pytest.mark.parametrize("seed", [7])
def test_random_edits_end_as_foretold_whatever_was_missed(shop: Shop, seed: int) -> None:
    catalogue = Catalogue(shop, seed)
    shop.quickbooks.set_switches(cdc_most_objects=4)
    for number in range(EDITS):
        shop.quickbooks.set_switches(webhooks_on=catalogue.random.random() < 0.6)
        shop.world.wizcommerce.switch(webhooks=catalogue.random.random() < 0.6)
        catalogue.edit()
        if number % 5 == 4:
            shop.world.move(7)
            shop.world.settle(sending=catalogue.random.random() < 0.7)
    catalogue.settle()

    assert catalogue.disagreements() == []
    assert sum(reason == "" for reason in catalogue.foretold().values()) >= 5
    assert shop.world.rows("SELECT * FROM parked") == []
