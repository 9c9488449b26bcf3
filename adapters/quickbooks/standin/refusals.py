"""Every refusal the stand-in can give, by its documented code and in its documented words.

Source: QuickBooks reference, section 6 (codes), 2.4 (envelope), 1.7 (the gateway's own shape), 5 (throttling).
"""

from __future__ import annotations

from typing import NamedTuple

INACTIVE = (
    "Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)


class Error(NamedTuple):
    """One entry of `Fault.Error`; a detail or element that is None is left out of the body."""

    code: str
    message: str
    detail: str | None = None
    element: str | None = ""


class Fault(Exception):
    """A refusal in the `Fault` envelope."""

    def __init__(
        self, *errors: Error, status: int = 400, type: str = "ValidationFault", with_time: bool = True
    ) -> None:
        super().__init__("; ".join(f"{error.code} {error.message}" for error in errors))
        self.errors = errors
        self.status = status
        self.type = type
        self.with_time = with_time


class GatewayFault(Exception):
    """A 401 or 403 of the gateway, whose body has lower-case keys and echoes what it disliked."""

    def __init__(self, status: int, code: str, name: str, detail: str, type: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = f"message={name}; errorCode={code.zfill(6)}; statusCode={status}"
        self.detail = detail
        self.type = type


def unauthenticated(detail: str) -> GatewayFault:
    return GatewayFault(401, "3200", "AuthenticationFailed", detail, "AUTHENTICATION")


def not_authorised(detail: str = "The application is not authorised for this company") -> GatewayFault:
    return GatewayFault(403, "3100", "ApplicationAuthorizationFailed", detail, "SERVICE")


def throttled() -> Fault:
    message = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    detail = "The request limit was reached.  Try again later"
    return Fault(Error("3001", message, detail, None), status=429, type="SERVICE")


def no_such_path(path: str) -> Fault:
    return unsupported_operation(f"Operation Could not find resource for relative : {path} is not supported.")


def unsupported_operation(detail: str) -> Fault:
    return Fault(Error("500", "Unsupported Operation", detail))


def unsupported_media(given: str, wanted: str = "application/json") -> Fault:
    detail = f"Content-Type {given or '(none)'} is not supported here: send {wanted}"
    return Fault(Error("500", "Unsupported Operation", detail), status=415)


def system_failure() -> Fault:
    detail = "An application error has occurred while processing your request"
    return Fault(Error("10000", "System Failure Error: " + detail, detail), status=500, type="SystemFault")


def unknown_property(name: str, java_class: str, known: list[str]) -> Fault:
    listed = ",".join(f'"{each}"' for each in known[:7])
    detail = (
        f'Property Name:Unrecognized field "{name}" (class com.intuit.schema.finance.v3.{java_class}), '
        f"not marked as ignorable ({len(known)} known properties: {listed} [truncated]) "
        "specified is unsupported or invalid"
    )
    return Fault(Error("2010", "Request has invalid or unsupported property", detail, None))


def unreadable(reason: str) -> Fault:
    detail = f"Property Name:{reason} specified is unsupported or invalid"
    return Fault(Error("2010", "Request has invalid or unsupported property", detail, None))


def missing(*names: str) -> Fault:
    message = "Required param missing, need to supply the required value for the API"
    return Fault(
        *(Error("2020", message, f"Required parameter {name} is missing in the request", name) for name in names)
    )


def invalid_id(value: str, element: str = "Id") -> Fault:
    detail = f"{element} should be a valid number. Supplied value:{value}"
    return Fault(Error("2030", "Invalid ID", detail, element), with_time=False)


def bad_text(element: str, reason: str) -> Error:
    return Error("2040", "Invalid String", f"Invalid String : {element} {reason}", element)


def bad_length(element: str, limit: int, length: int) -> Error:
    detail = (
        "String length specified does not match the supported length. "
        f"Min:0 Max:{limit} supported. Supplied length:{length}"
    )
    return Error("2050", "String length is either shorter or longer than supported by specification", detail, element)


def bad_date(element: str, value: str) -> Error:
    return Error("2060", "Invalid Date", f"Date value should be YYYY-MM-DD. Supplied value:{value}", element)


def bad_number(element: str, value: str) -> Error:
    return Error("2080", "Invalid Number", f"{element} should be a valid number. Supplied value:{value}", element)


def too_large(element: str, value: str) -> Error:
    return Error("2090", "Number too large", f"{element} is larger than supported. Supplied value:{value}", element)


def too_precise(element: str, places: int) -> Error:
    return Error("2110", "Invalid precision", f"{element} supports at most {places} decimal places", element)


def bad_choice(element: str, value: str) -> Error:
    return Error("2170", "Invalid Enumeration", f"Invalid Enumeration : {value} is not a value of {element}", element)


def bad_request_id(length: int, most: int = 50) -> Fault:
    detail = f"The request id must have 1 to {most} characters. Supplied length:{length}"
    return Fault(Error("2130", "Invalid Request Id format", detail, "requestid"))


def invalid_currency(value: str, wanted: str) -> Fault:
    detail = f"The currency must be that of the customer, {wanted}. Supplied value:{value}"
    return Fault(Error("2220", "Invalid Currency", detail, "CurrencyRef"))


def bad_email(element: str) -> Error:
    return Error("2210", "Invalid Email Address format", "Email Address does not conform to the syntax rules", element)


def lines_missing() -> Fault:
    return Fault(Error("2250", "Line is missing", "At least one line is required", "Line"))


def negative(element: str) -> Fault:
    return Fault(Error("2290", "Negative value not allowed", f"{element} may not be negative", element))


def invalid_reference(kind: str, id: str) -> Fault:
    detail = f"Invalid Reference Id : {kind} element id {id} not found"
    return Fault(Error("2500", "Invalid Reference Id", detail))


def inactive_reference(code: str) -> Fault:
    if code == "610":
        return Fault(Error("610", "Object Not Found", f"Object Not Found : {INACTIVE}"))
    return Fault(Error("2500", "Invalid Reference Id", f"Invalid Reference Id : {INACTIVE}"))


def category_on_a_line() -> Fault:
    detail = "An item in this transaction is set up as a category instead of a product or service"
    return Fault(Error("2500", "Invalid Reference Id", f"Invalid Reference Id : {detail}"))


def not_found(deleted: bool = False) -> Fault:
    reason = "Another user has deleted this transaction." if deleted else INACTIVE
    return Fault(Error("610", "Object Not Found", f"Object Not Found : {reason}"))


def cannot_be_linked(id: str) -> Fault:
    return Fault(Error("620", "Transaction cannot be linked", f"Txn ID {id} cannot be linked"))


def has_dependencies(detail: str) -> Fault:
    return Fault(Error("800", "Object has dependencies", detail))


def duplicate_request_id(id: str) -> Fault:
    return Fault(Error("600", "Duplicate Request ID", f"Duplicate Request ID : {id} was sent with another body"))


def stale(who: str) -> Fault:
    detail = (
        f"Stale Object Error : You and {who} were working on this at the same time. "
        f"{who} finished before you did, so your work was not saved."
    )
    return Fault(Error("5010", "Stale Object Error", detail))


def no_access(code: str, status: int) -> Fault:
    if code == "120":
        detail = "–11014 You do not have access to use QuickBooks Online Plus"
        return Fault(Error("120", "Authorization Failure", detail), status=status, type="AuthorizationFault")
    detail = "Permission Denied Error : This feature is not part of the company's plan"
    return Fault(Error("5020", "Permission Denied Error", detail), status=status)


def unsupported_feature(what: str) -> Fault:
    return Fault(Error("5030", "Feature Not Supported Error", f"Feature Not Supported Error : {what}"))


def business(reason: str) -> Fault:
    detail = f"Business Validation Error: {reason}"
    return Fault(Error("6000", "A business validation error has occurred while processing your request", detail))


def amount_mismatch(supplied: str, element: str) -> Fault:
    detail = f"Amount is not equal to UnitPrice * Qty. Supplied value:{supplied}"
    return Fault(Error("6070", "Amount calculation incorrect in the request", detail, element))


def name_missing() -> Fault:
    detail = "At least one of Title, GivenName, MiddleName, FamilyName, Suffix or DisplayName is required"
    return Fault(Error("6080", "Name is missing", detail))


def discount_incomplete() -> Fault:
    return Fault(Error("6090", "Discount line needs an amount or a percentage", "Neither was supplied", "Line"))


def bad_tax_code(value: str) -> Fault:
    detail = f"Line TaxCode must be TAX or NON. Supplied value:{value}"
    return Fault(Error("6100", "Invalid tax code for a US company", detail, "TaxCodeRef"))


def unknown_tax_code(value: str) -> Fault:
    return Fault(Error("6150", "Invalid tax code", f"Tax code {value} is not in this company", "TxnTaxCodeRef"))


def unknown_line_tax_code(value: str) -> Fault:
    return Fault(Error("6160", "Invalid tax code on a line", f"Tax code {value} is not in this company", "TaxCodeRef"))


def duplicate_number(number: str, txn_type: str, txn_id: str) -> Fault:
    detail = (
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        f"DocNumber={number} is assigned to TxnType={txn_type} with TxnId={txn_id}"
    )
    return Fault(Error("6140", "Duplicate Document Number Error", detail))


def subscription_ended() -> Fault:
    detail = "Invalid Company Status : The subscription period has ended or was cancelled"
    return Fault(Error("6190", "Invalid Company Status", detail))


def period_closed() -> Fault:
    message = "Account Period Closed, Cannot Update Through Services API"
    return Fault(Error("6200", message, message))


def period_closed_with_password() -> Fault:
    message = "Account Period Closed, Cannot Update Through Services API"
    return Fault(Error("6210", message, "The books are closed with a password, which the API cannot give"))


def has_balance() -> Fault:
    detail = "Delete List Has Balance Error : This customer cannot be deleted because it has a non-zero balance"
    return Fault(Error("6220", "Delete List Has Balance Error", detail))


def duplicate_name(detail: str) -> Fault:
    return Fault(Error("6240", "Duplicate Name Exists Error", f"The name supplied already exists. : {detail}"))


def before_inventory_start(item: str) -> Fault:
    detail = f"The date of the transaction is before the inventory start date of {item}"
    return Fault(Error("6270", "Transaction date is prior to the start date of an inventory item", detail, "TxnDate"))


def email_required() -> Fault:
    return Fault(Error("6420", "Email required", "BillEmail is required when EmailStatus is NeedToSend", "BillEmail"))


def invalid_account_type(name: str) -> Fault:
    return Fault(Error("6430", "Invalid account type", f"Invalid account type : {name} cannot be used here"))


def payment_settled() -> Fault:
    detail = "The transaction cannot be voided: a payment of it was processed and is settled"
    return Fault(Error("6450", "Void not allowed", detail))


def quantity_missing(item: str) -> Fault:
    return Fault(Error("6520", "Quantity missing", f"A quantity is required to sell {item}", "Qty"))


def deposited() -> Fault:
    detail = "The transaction is part of a deposit: remove it from the deposit before you change or delete it"
    return Fault(Error("6540", "Deposited transaction cannot be changed", detail))


def query_unparsable(reason: str) -> Fault:
    return Fault(Error("4000", "Error parsing query", f"QueryParserError: {reason}", None))


def query_invalid(reason: str) -> Fault:
    return Fault(Error("4001", "Invalid query", f"QueryValidationError: {reason}", None))


def query_failed() -> Fault:
    detail = "QueryProcessingError: An application error has occurred while processing your request"
    return Fault(Error("4002", "Error processing query", detail, None))


def result_too_large(rows: int, most: int) -> Fault:
    return Fault(Error("10100", "Result too large", f"{rows} objects were found; at most {most} can be returned here"))


def batch_too_large(items: int, most: int) -> Fault:
    detail = f"The batch has {items} items; at most {most} are allowed"
    return Fault(Error("1040", "Batch size exceeds allowed limit", detail, None))


def conflicting(detail: str) -> Fault:
    return Fault(Error("2600", "Conflicting parameters", detail))
