"""Sales tax on a document: none, by hand, automated, or the tax of another country, as the company is set up.

Source: QuickBooks reference, section 7.5, "Tax"; the rates are switches.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Literal

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.references import value_of
from adapters.quickbooks.standin.sums import NOTHING, Sums, cents

Wire = dict[str, Any]
TaxMode = Literal["none", "manual", "automated", "global"]

# The company's own code, whose rate is the switch `tax_percent`.
OWN_CODE = "2"
# Tax rates have ids of their own; these two pairs are in recorded replies, any other code shares its id with its rate.
RATE_IDS = {"2": "3", "5": "2"}
_STATE_AND_ZIP = re.compile(r", ([A-Z]{2})  \S")


def tax_mode(write: Write) -> TaxMode:
    """How the company taxes its sales, by its TaxPrefs and its country."""
    preferences = write.company.preferences.get("TaxPrefs", {})
    if preferences.get("UsingSalesTax") is not True:
        return "none"
    if not write.in_the_us:
        return "global"
    return "automated" if preferences.get("PartnerTaxEnabled") is True else "manual"


def percent_of(write: Write, code: str) -> Decimal | None:
    """The rate of a tax code of this company; None for a code it does not have."""
    return {**write.switches.tax_codes, OWN_CODE: write.switches.tax_percent}.get(code)


def global_tax(write: Write, fields: Wire) -> str:
    """How amounts and tax go together; empty where tax is not that of another country. Raises Fault 2020."""
    if tax_mode(write) != "global":
        return ""
    if "GlobalTaxCalculation" not in fields:
        raise refusals.missing("GlobalTaxCalculation")
    return str(fields["GlobalTaxCalculation"])


def line_code(write: Write, detail: Wire, calculation: str) -> str | None:
    """The tax code a line is sold under, None when none applies. Raises Fault 6100, 6000, 6160."""
    code = value_of(detail, "TaxCodeRef")
    if write.in_the_us:
        detail["TaxCodeRef"] = {"value": code or "NON"}
        if code not in (None, "TAX", "NON"):
            raise refusals.bad_tax_code(str(code))
        return "TAX" if code == "TAX" else None
    if calculation in ("", "NotApplicable"):
        return None
    if not code:
        raise refusals.business("Make sure all your transactions have a tax code before you save.")
    if percent_of(write, code) is None:
        raise refusals.unknown_line_tax_code(code)
    detail["TaxCodeRef"] = {"value": code}
    return code


def without_tax(write: Write, sums: Sums, gross: Decimal, code: str | None) -> Decimal:
    """The net of an amount that contains the tax of its code; the tax is remembered."""
    if code is None:
        return gross
    net = cents(gross / (1 + (percent_of(write, code) or NOTHING) / 100))
    sums.contained[code] = sums.contained.get(code, NOTHING) + gross - net
    return net


def tax_and_total(write: Write, wire: Wire, sums: Sums, customer: Wire, before: Wire | None, sent: bool) -> None:
    """Put TxnTaxDetail and TotalAmt on a document whose other properties are there.

    `sent` says whether this request brought a TxnTaxDetail of its own. Raises Fault 6150, 6000.
    """
    mode = tax_mode(write)
    if mode == "manual":
        detail = _by_hand(write, wire, sums, customer)
    elif mode == "automated":
        detail = _automated(write, wire, sums, customer, before, sent)
    elif mode == "global":
        detail = _of_another_country(write, wire, sums)
    else:
        detail = {"TotalTax": NOTHING}
    if mode != "global":
        wire.pop("GlobalTaxCalculation", None)
    wire["TxnTaxDetail"] = detail
    wire["TotalAmt"] = sums.total + detail["TotalTax"]
    if wire["TotalAmt"] < 0:
        raise refusals.business("Transaction amount must be 0 or greater.")
    if "ExchangeRate" in wire:
        wire["HomeTotalAmt"] = cents(wire["TotalAmt"] * wire["ExchangeRate"])


def _by_hand(write: Write, wire: Wire, sums: Sums, customer: Wire) -> Wire:
    """The document's code picks the rate; without one the customer's, then the company's (switch)."""
    given = value_of(wire.get("TxnTaxDetail"), "TxnTaxCodeRef")
    if given is not None and percent_of(write, given) is None:
        raise refusals.unknown_tax_code(given)
    code = given
    if code is None and write.switches.tax_without_code == "company":
        preferred = write.company.preferences["TaxPrefs"].get("TaxGroupCodeRef", {}).get("value", OWN_CODE)
        code = next(one for one in (value_of(customer, "DefaultTaxCodeRef"), preferred, OWN_CODE) if _known(write, one))
    net = sums.taxable("TAX", after_discount=wire["ApplyTaxAfterDiscount"])
    if code is None or (not net and given is None):
        return {"TotalTax": NOTHING}
    named = {"TxnTaxCodeRef": {"value": code}}
    return {**named, **_detail([_tax_line(write, code, net)] if net else [])}


def _known(write: Write, code: str | None) -> bool:
    return code is not None and percent_of(write, code) is not None


def _automated(write: Write, wire: Wire, sums: Sums, customer: Wire, before: Wire | None, sent: bool) -> Wire:
    """Reckoned from the address; a code that was sent is not echoed, a total that was sent may stand (switch).

    Without an address, or for an exempt customer, the tax is 0 whatever was sent.
    """
    net = sums.taxable("TAX", after_discount=wire["ApplyTaxAfterDiscount"])
    address = wire.get("ShipAddr") or wire.get("BillAddr")
    if not net or not address or customer.get("TaxExemptionReasonId"):
        return {"TotalTax": NOTHING}
    percent = write.switches.tax_by_state.get(_state(address), write.switches.tax_percent)
    line = _tax_line(write, OWN_CODE, net, percent)
    old = (before or {}).get("TxnTaxDetail", {})
    asked = wire.get("TxnTaxDetail", {}).get("TotalTax")
    # A total once overridden stays until what is taxed changes; one sent back as it was read overrides nothing.
    same = [one["TaxLineDetail"]["NetAmountTaxable"] for one in old.get("TaxLine", ())] == [net]
    if write.switches.tax_override and asked is not None and (same or (sent and asked != old.get("TotalTax"))):
        line["Amount"] = cents(asked)
    return _detail([line])


def _state(address: Wire) -> str:
    """The state of an address, also of one written free-form."""
    found = _STATE_AND_ZIP.search(" ".join(str(address.get(f"Line{place}", "")) for place in range(1, 6)))
    return str(address.get("CountrySubDivisionCode") or (found.group(1) if found else ""))


def _of_another_country(write: Write, wire: Wire, sums: Sums) -> Wire:
    """One tax line for each code that was used."""
    if wire["GlobalTaxCalculation"] == "NotApplicable":
        return {"TotalTax": NOTHING}
    codes = dict.fromkeys([*sums.taxed, *_shipping_code(sums)])
    lines = []
    for code in codes:
        line = _tax_line(write, code, sums.taxable(code, after_discount=wire["ApplyTaxAfterDiscount"]))
        lines.append({**line, "Amount": sums.contained[code]} if code in sums.contained else line)
    return _detail(lines)


def _shipping_code(sums: Sums) -> list[str]:
    code = value_of(sums.shipping["SalesItemLineDetail"], "TaxCodeRef") if sums.shipping else None
    return [] if code is None else [code]


def _tax_line(write: Write, code: str, net: Decimal, percent: Decimal | None = None) -> Wire:
    rate = (percent_of(write, code) or NOTHING) if percent is None else percent
    detail = {
        "NetAmountTaxable": net,
        "TaxPercent": rate,
        "TaxRateRef": {"value": RATE_IDS.get(code, code)},
        "PercentBased": True,
    }
    return {"DetailType": "TaxLineDetail", "Amount": cents(net * rate / 100), "TaxLineDetail": detail}


def _detail(lines: list[Wire]) -> Wire:
    total = sum((line["Amount"] for line in lines), NOTHING)
    return {"TotalTax": total, **({"TaxLine": lines} if lines else {})}
