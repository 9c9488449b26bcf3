"""One signal is taken up at a time, whatever plan the database makes: what was leased and is not followed waits for minutes."""

from tests.world import World

PLANS = (
    "enable_hashjoin",
    "enable_mergejoin",
    "enable_material",
    "enable_hashagg",
    "enable_memoize",
    "enable_sort",
    "enable_indexscan",
    "enable_bitmapscan",
)
"""Without these a subquery is asked once for every row."""


def test_a_step_leases_the_one_signal_it_follows(world: World) -> None:
    with world.engine.pool.connection() as c:
        for plan in PLANS:
            c.execute(f"ALTER DATABASE {c.info.dbname} SET {plan} = off")
    world.engine.close()
    world.restarted_engine()
    for number in range(5):
        world.wizcommerce.confirm_order(f"WC-{number}", "Bloom & Co", [("VASE-01", 1, "25.00")])
    world.engine.schedule.due_now("acme", "orders")
    world.engine.schedule.step()
    [(signals,)] = world.rows("SELECT count(*) FROM signals")
    assert signals == 5

    for _ in range(signals):
        assert world.engine.observer.step()
        assert world.rows("SELECT count(*) FROM signals WHERE leased_until IS NOT NULL") == [(0,)]
    assert world.rows("SELECT count(*) FROM signals") == [(0,)]
