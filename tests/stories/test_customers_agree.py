"""Whatever people do to customers on both sides, both agree in the end, or the model foretold why not.

More seeds by hand: `python -m tests.agreeing 0-59`.
"""

import pytest

from tests.agreeing import run
from tests.customers_at_random import plan
from tests.world import World


@pytest.mark.parametrize("seed", [3, 13, 17])
def test_both_sides_agree_after_random_edits_merges_ends_and_lost_signals(bare_world: World, seed: int) -> None:
    assert run(bare_world, plan(seed)) == []
