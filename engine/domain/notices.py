"""What only a person can do about a customer, said until it is done. No sentence holds a personal text."""

from engine.domain.customer import EMAIL, Customer, emails
from engine.domain.events import AttentionCleared, AttentionNeeded, Event
from engine.domain.expressing import Problem
from engine.domain.fields import CALLED
from engine.domain.values import CustomerField, System

Notice = tuple[str, str]
"""A sentence and the next step."""

FIELD = "field"
INACTIVE_THERE = "inactive-in-quickbooks"
INACTIVE_HERE = "inactive-in-wizcommerce"
GONE_THERE = "gone-from-quickbooks"
MERGED_THERE = "merged-in-quickbooks"
DEFAULTS = "defaults-applied"
MANAGED = (FIELD, EMAIL, INACTIVE_THERE, INACTIVE_HERE, GONE_THERE, MERGED_THERE)
"""First words of the topics that are raised and cleared here; what else stands at a customer is another's."""
SAYS: dict[System, str] = {"quickbooks": "not said in QuickBooks", "wizcommerce": "not said in WizCommerce"}


def standing_notices(customer: Customer) -> dict[str, Notice]:
    """Whether it is active, there at all, and alone."""
    q, w = customer.shown_by("quickbooks"), customer.shown_by("wizcommerce")
    if customer.merged_there and "wizcommerce" not in customer.links:
        return {}
    if customer.merged_there:
        return {
            MERGED_THERE: (
                f"QuickBooks merged its customer {customer.links.get('quickbooks', '')} into "
                f"{customer.merged_there.get('quickbooks', '')}: orders go there, and the fields are not kept equal any more",
                "If WizCommerce has both customers, keep one of them there.",
            )
        }
    if "quickbooks" in customer.gone:
        return {
            GONE_THERE: (
                "QuickBooks no longer has this customer; it is not made anew, since it may have been merged into another one",
                "If it was merged, say into which: `wizqbo match choose CUSTOMER QBO_ID`. Orders wait meanwhile.",
            )
        }
    if q is None or w is None or "wizcommerce" in customer.gone:
        return {}
    if not q.active and w.active:
        return {
            INACTIVE_THERE: (
                "the customer was made inactive in QuickBooks and is active in WizCommerce; its orders wait",
                "In WizCommerce, open Customers, choose this customer and set it to inactive; or make it active in QuickBooks; "
                "or, if QuickBooks merged it into another one, say which: `wizqbo match choose CUSTOMER QBO_ID`.",
            )
        }
    if q.active and not w.active:
        return {
            INACTIVE_HERE: (
                "the customer is inactive in WizCommerce and active in QuickBooks, where receivables may be open",
                "Make it inactive in QuickBooks by hand once nothing is open; or activate it in WizCommerce.",
            )
        }
    return {}


def defaults_applied() -> Event:
    """What a customer made in WizCommerce has by default: said until a person has looked at it."""
    return AttentionNeeded(
        topic=DEFAULTS,
        sentence="made in WizCommerce with this connection's default sales rep and price list",
        next_step="Assign others in WizCommerce if they are wrong; if they are right, say so: `wizqbo dismiss`.",
    )


def defaults_replaced(customer: Customer, sales_rep: str, price_list: str) -> list[Event]:
    """A person assigned another rep or price list: nothing is to be looked at any more."""
    here = customer.here
    if DEFAULTS not in customer.attention or here is None:
        return []
    if here.sales_reps == (sales_rep,) and here.price_list == price_list:
        return []
    return [AttentionCleared(topic=DEFAULTS, because="a sales rep or price list was assigned in WizCommerce")]


def email_notice(customer: Customer) -> dict[str, Notice]:
    """The e-mail is WizCommerce's own, since it is the buyer's login: a change in QuickBooks is a task, not a write."""
    q, w = customer.shown_by("quickbooks"), customer.shown_by("wizcommerce")
    if q is None or w is None or set(emails(w)) & set(emails(q)) or not emails(q):
        return {}
    if not emails(w):
        return {
            EMAIL: (
                "WizCommerce has no e-mail of this customer; QuickBooks' is not taken over by itself: it is the buyer's login",
                "Enter the login in WizCommerce, or say that it is as it should be: `wizqbo dismiss`.",
            )
        }
    if not customer.email_moved:
        return {}
    return {
        EMAIL: (
            "the e-mail was changed in QuickBooks; in WizCommerce it is the buyer's login, so it is not changed by itself",
            "Change it in WizCommerce if the login should change, or say that it is as it should be: `wizqbo dismiss`.",
        )
    }


def problems_as_notices(target: System, problems: dict[CustomerField, Problem]) -> dict[str, Notice]:
    """Fields that one side has and the other cannot be told."""
    return {
        f"{FIELD}:{target}:{field}": (f"{CALLED[field]} {SAYS[target]}: {problem.sentence}", problem.next_step)
        for field, problem in problems.items()
    }


def notices(customer: Customer, told: dict[str, Notice]) -> list[Event]:
    """What is to be raised and cleared so that just `told` stands, of what is managed here."""
    events: list[Event] = []
    for topic, (sentence, next_step) in told.items():
        standing = customer.attention.get(topic)
        if (topic, sentence) in customer.dismissed:
            continue
        if standing is None or standing.sentence != sentence:
            events.append(AttentionNeeded(topic=topic, sentence=sentence, next_step=next_step))
    managed = [topic for topic in customer.attention if topic.partition(":")[0] in MANAGED]
    return events + [AttentionCleared(topic=t, because="it is settled") for t in managed if t not in told]
