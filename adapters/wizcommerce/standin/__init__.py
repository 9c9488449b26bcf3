"""The WizCommerce stand-in: a small, strict copy of the public API, its webhooks and a seller's hands."""

from adapters.wizcommerce.standin.standin import WizCommerceStandIn
from adapters.wizcommerce.standin.switches import Switches

__all__ = ["Switches", "WizCommerceStandIn"]
