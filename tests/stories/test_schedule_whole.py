"""Everything is read once more at night: what is new, and what is gone though nothing said so."""

from typing import Any, NamedTuple

import pytest

from engine.domain.events import RunFinished
from tests.crashing import BEFORE_AND_AFTER, LONG_AFTER_SECONDS, Died, Moment, dying_at
from tests.shop import Shop
from tests.world import CONNECTION, World


class Deaf(NamedTuple):
    """A company whose webhooks are all lost, and what is gone from it since."""

    shop: Shop
    world: World
    item: str
    customer: str

    @property
    def gone(self) -> set[tuple[str, str]]:
        return {("product", self.item), ("customer", self.customer)}

    def asked(self, *operations: str) -> int:
        """How often QuickBooks was asked for any of these, by its own log."""
        return sum(call.operation in operations for call in self.shop.quickbooks.calls.all())

    def active(self, kind: str, remote_id: str) -> bool:
        sql = "SELECT active FROM claims WHERE system = 'quickbooks' AND kind = %s AND remote_id = %s"
        return bool(self.world.rows(sql, kind, remote_id)[0][0])

    def looked_for(self) -> set[tuple[str, str]]:
        """What is to be read singly."""
        return {(kind, remote_id) for kind, remote_id in self.world.rows("SELECT kind, remote_id FROM signals")}


@pytest.fixture
def deaf(shop: Shop) -> Deaf:
    item, customer = shop.item("GONE-01", on_hand=1), shop.quickbooks.add_customer("Gone Ltd")["Id"]
    shop.world.settle()
    shop.quickbooks.set_switches(webhooks_on=False, merge_loser="gone")
    shop.quickbooks.by_hand("merge-items", Id=item, into=shop.item("STAYS-01", on_hand=1))
    shop.quickbooks.by_hand("merge-customers", Id=customer, into="1")
    return Deaf(shop, shop.world, item, customer)


def recorded(world: World) -> list[RunFinished]:
    """The runs of everything in the log."""
    sql = "SELECT DISTINCT originator_id FROM log WHERE originator_id LIKE %s"
    streams = sorted(row[0] for row in world.rows(sql, f"run-{CONNECTION}:everything-%"))
    events = [one.event for stream in streams for one in world.engine.log.read(stream)]
    return [event for event in events if isinstance(event, RunFinished)]


def read_whole(world: World) -> None:
    """Steps of the run of everything, and nothing else."""
    while world.engine.schedule.asked_for(CONNECTION, "everything", "admin") is not None:
        pass


def test_what_is_new_is_recorded_and_only_what_is_gone_is_looked_at_singly(deaf: Deaf) -> None:
    new = deaf.shop.quickbooks.add_customer("New Ltd")["Id"]
    singly = deaf.asked("read item", "read customer")

    deaf.world.engine.schedule.ask(CONNECTION, "everything", "admin")
    read_whole(deaf.world)
    looked_for = deaf.looked_for()
    deaf.world.settle()

    [run] = recorded(deaf.world)
    assert looked_for == deaf.gone and deaf.asked("read item", "read customer") - singly == 2
    assert not any(deaf.active(*one) for one in deaf.gone)
    assert deaf.active("customer", new) and "STAYS-01" in deaf.shop.products()
    assert (run.asked_by, run.complete, run.metered_reads) == ("admin", True, 2)


def test_it_comes_by_itself_at_night_and_the_shop_is_read_from_its_beginning_after_it(deaf: Deaf) -> None:
    world = deaf.world
    world.settle()
    [(due_at,)] = world.rows("SELECT due_at FROM cursors WHERE what = 'everything'")
    reached = "SELECT cursor <> '' FROM cursors WHERE what IN ('shop-products', 'shop-stock')"
    before = world.rows(reached)

    world.move((due_at - world.clock.now()).total_seconds() + 1)
    while not recorded(world):
        assert world.engine.schedule.step()

    assert before == [(True,), (True,)] and world.rows(reached) == [(False,), (False,)]
    assert recorded(world)[0].asked_by == "schedule"
    world.move(1_801)
    world.settle()
    assert world.rows(reached) == [(True,), (True,)] and not any(deaf.active(*one) for one in deaf.gone)


@pytest.mark.parametrize("moment", BEFORE_AND_AFTER)
@pytest.mark.parametrize("nth", range(1, 6))
def test_killed_anywhere_it_is_ended_by_another_engine_and_finds_the_same(deaf: Deaf, nth: int, moment: Moment) -> None:
    for number in range(3):
        deaf.shop.quickbooks.add_customer(f"New {number}")
    pages = deaf.asked("query Item", "query Customer")
    deaf.world.engine.schedule.ask(CONNECTION, "everything", "admin")
    dying = deaf.world.restarted_engine(make_log=dying_at(nth, moment))
    with pytest.raises(Died):
        read_whole(deaf.world)
    dying.close()

    deaf.world.restarted_engine()
    deaf.world.move(LONG_AFTER_SECONDS)
    read_whole(deaf.world)

    [run] = recorded(deaf.world)
    assert run.complete and run.metered_reads == deaf.asked("query Item", "query Customer") - pages
    assert deaf.looked_for() == deaf.gone and deaf.world.rows("SELECT * FROM swept") == []


def test_who_reads_the_last_of_several_pages_again_misses_nobody(deaf: Deaf) -> None:
    world = deaf.world
    many: list[dict[str, Any]] = [{"DisplayName": f"Customer {number}"} for number in range(1_000)]
    deaf.shop.quickbooks.fill({"customers": many})
    world.engine.schedule.ask(CONNECTION, "everything", "admin")
    while world.rows("SELECT 1 FROM cursors WHERE what = 'everything' AND cursor IN ('', 'product:', 'customer:')"):
        world.engine.schedule.asked_for(CONNECTION, "everything", "admin")
    appends_of_the_last_page = 1 + 1  # its one customer that is new, and the run's own record
    dying = world.restarted_engine(make_log=dying_at(appends_of_the_last_page, "before its commit"))
    with pytest.raises(Died):
        read_whole(world)
    dying.close()

    world.restarted_engine()
    world.move(LONG_AFTER_SECONDS)
    read_whole(world)

    assert recorded(world)[0].complete and deaf.looked_for() == deaf.gone
