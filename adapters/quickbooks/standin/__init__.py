"""A strict stand-in of QuickBooks Online, spoken to over real HTTP: OAuth, the REST core, webhooks, faults by rule.

What it promises is the behaviour that the QuickBooks reference documents; what is uncertain there is a switch here.
"""

from adapters.quickbooks.standin.seen import InvoiceSeen, LineSeen
from adapters.quickbooks.standin.stand_in import QuickBooksStandIn
from adapters.quickbooks.standin.switches import Switches

__all__ = ["InvoiceSeen", "LineSeen", "QuickBooksStandIn", "Switches"]
