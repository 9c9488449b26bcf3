"""What happened, as the stories tell it: QuickBooks' own log of calls, and the events of an order's stream."""

from engine.domain.events import TAG_OF, Event
from tests.world import World

VASES = [("VASE-01", 4, "25.00")]
NOT_YET = 100.0
"""Seconds after an attempt at which QuickBooks may still be at it: nothing may be sent or looked for."""
LONG_AFTER = 300.0
"""Seconds after which the look at an unknown outcome is due: 60 for an answer, 120 of QuickBooks' own, 30 of margin."""


def confirm(world: World, number: str = "WC-1001", customer: str = "Bloom & Co") -> None:
    """A confirmed order of four vases for 100.00, and every loop stepped."""
    world.wizcommerce.confirm_order(number, customer, VASES)
    world.settle()


def by_looking_only(world: World) -> None:
    """QuickBooks' webhooks are lost: what became of a write is found out by looking for it, or not at all."""
    world.quickbooks.set_switches(webhooks_on=False)


def number_by_quickbooks(world: World) -> None:
    """The company lets QuickBooks number its invoices: there is no number to look by."""
    world.quickbooks.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": False})
    pass_by(world, 5)


def pass_by(world: World, seconds: float = LONG_AFTER) -> None:
    """Time passes, and every loop is stepped."""
    world.move(seconds)
    world.settle()


def creates(world: World, what: str = "invoice") -> list[str]:
    """How each call that creates one ended, in QuickBooks' own log."""
    return [call.outcome for call in world.quickbooks.calls.all() if call.operation == f"create {what}"]


def request_ids(world: World, what: str = "invoice") -> list[str]:
    """The request id of each call that creates one."""
    return [call.request_id for call in world.quickbooks.calls.all() if call.operation == f"create {what}"]


def looks(world: World) -> int:
    """How often invoices were looked for."""
    return sum(call.operation == "query Invoice" for call in world.quickbooks.calls.all())


def events(world: World, number: str = "WC-1001") -> list[Event]:
    """The order's stream."""
    return [recorded.event for recorded in world.engine.log.story(world.order_stream(number))]


def tags(world: World, number: str = "WC-1001") -> list[str]:
    """The tags of the order's stream."""
    return [TAG_OF[type(event)] for event in events(world, number)]


def attention(world: World, number: str = "WC-1001") -> dict[str, str]:
    """What a person is asked to look at, topic → sentence."""
    found = world.rows("SELECT topic, sentence FROM attention WHERE stream = %s", world.order_stream(number))
    return {topic: sentence for topic, sentence in found}
