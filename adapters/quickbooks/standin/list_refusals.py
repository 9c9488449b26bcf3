"""The refusals that only name lists give, in their documented words. Source: QuickBooks reference, section 6."""

from __future__ import annotations

from adapters.quickbooks.standin.refusals import Error, Fault


def too_deep(levels: int) -> Fault:
    message = "Too many sub-levels"
    return Fault(Error("6180", message, f"{message} : at most {levels} levels below the top are allowed"))


def cannot_be_child(name: str) -> Fault:
    message = "Parent cannot be a child"
    return Fault(Error("900", message, f"{message} : {name} cannot stand below itself"))


def invalid_parent(reason: str) -> Fault:
    return Fault(Error("700", "Invalid Parent", f"Invalid Parent : {reason}", "ParentRef"))


def unbilled_charges() -> Fault:
    message = "Unbilled charges"
    return Fault(Error("6280", message, f"{message} : This customer cannot be deleted because it has unbilled charges"))


def bad_characters(element: str) -> Error:
    return Error("2040", "Invalid String", f"Invalid String : {element} has characters that are not supported", element)


def unknown_currency(code: str) -> Fault:
    detail = f"Invalid Currency : {code} is not a currency of this company"
    return Fault(Error("2220", "Invalid Currency", detail, "CurrencyRef"))


def no_inventory() -> Fault:
    detail = "Permission Denied Error : Inventory is not in this company's plan, or is turned off"
    return Fault(Error("5020", "Permission Denied Error", detail))


def no_categories() -> Fault:
    detail = "Feature Not Supported Error : This company does not use categories"
    return Fault(Error("5030", "Feature Not Supported Error", detail))
