"""The operations about people: customers and their parts, and what customers are assigned to or described by."""

from __future__ import annotations

from adapters.wizcommerce.standin import accounts, attributes, customers, payment_methods, price_lists
from adapters.wizcommerce.standin.desk import Answer
from adapters.wizcommerce.standin.parts import ADDRESSES, PARTS, Part


def _of_part(part: Part) -> tuple[tuple[str, str, str, Answer], ...]:
    path = f"/customers/{{customer_id}}/{part.key}"
    return (
        ("GET", f"/v1{path}", f"list {part.key}", part.list_all),
        ("POST", f"/v1{path}", f"create {part.noun}", part.create),
        ("GET", f"/v1{path}/{{id}}", f"read {part.noun}", part.read),
        ("PUT", f"/v1{path}/{{id}}", f"replace {part.noun}", part.replace),
        ("DELETE", f"/v1{path}/{{id}}", f"delete {part.noun}", part.delete),
    )


OPERATIONS: tuple[tuple[str, str, str, Answer], ...] = (
    ("GET", "/v1/customers", "list customers", customers.list_customers),
    ("POST", "/v1/customers", "create customer", customers.create_customer),
    ("GET", "/v1/customers/{id}", "read customer", customers.read_customer),
    ("PATCH", "/v1/customers/{id}", "update customer", customers.update_customer),
    ("DELETE", "/v1/customers/{id}", "delete customer", customers.delete_customer),
    *(operation for part in PARTS for operation in _of_part(part)),
    ("POST", "/v2/customers/{customer_id}/addresses", "create address", ADDRESSES.create),
    ("GET", "/v1/price-lists", "list price lists", price_lists.list_price_lists),
    ("POST", "/v1/price-lists", "create price list", price_lists.create_price_list),
    ("GET", "/v1/price-lists/{id}", "read price list", price_lists.read_price_list),
    ("PATCH", "/v1/price-lists/{id}", "update price list", price_lists.update_price_list),
    ("DELETE", "/v1/price-lists/{id}", "delete price list", price_lists.delete_price_list),
    ("GET", "/v1/sales-reps", "list sales reps", accounts.list_sales_reps),
    ("GET", "/v1/attributes", "list attributes", attributes.list_attributes),
    ("POST", "/v1/attributes", "create attribute", attributes.create_attribute),
    ("GET", "/v1/payment-methods", "list payment methods", payment_methods.list_payment_methods),
    ("POST", "/v1/payment-methods", "create payment method", payment_methods.create_payment_method),
    ("DELETE", "/v1/payment-methods/{id}", "delete payment method", payment_methods.delete_payment_method),
)
"""Method, path, name in the call log, and what answers. Source: WizCommerce reference, section 1.4."""
