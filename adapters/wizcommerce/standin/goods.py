"""The operations about goods: products and their prices, stock, orders, invoices, shipments."""

from __future__ import annotations

from adapters.wizcommerce.standin import inventory, orders, pricing, products
from adapters.wizcommerce.standin.desk import Answer
from adapters.wizcommerce.standin.documents import INVOICES, SHIPMENTS, Document


def _of_document(document: Document) -> tuple[tuple[str, str, str, Answer], ...]:
    path, noun = f"/v1/{document.noun}s", document.noun
    return (
        ("GET", path, f"list {noun}s", document.list_all),
        ("POST", path, f"create {noun}", document.create),
        ("GET", f"{path}/{{id}}", f"read {noun}", document.read),
        ("PATCH", f"{path}/{{id}}", f"update {noun}", document.update),
        ("DELETE", f"{path}/{{id}}", f"delete {noun}", document.delete),
    )


def _of_orders(version: str) -> tuple[tuple[str, str, str, Answer], ...]:
    path = f"/{version}/orders"
    return (
        ("GET", path, "list orders", orders.list_orders),
        ("POST", path, "create order", orders.create_order),
        ("GET", f"{path}/{{id}}", "read order", orders.read_order),
        ("PUT", f"{path}/{{id}}", "replace order", orders.replace_order),
        ("DELETE", f"{path}/{{id}}", "delete order", orders.delete_order),
        ("PATCH", f"{path}/{{id}}/status", "change order status", orders.change_order_status),
    )


OPERATIONS: tuple[tuple[str, str, str, Answer], ...] = (
    ("GET", "/v1/products", "list products", products.list_products),
    ("POST", "/v1/products", "create products", products.create_products),
    ("POST", "/v2/products", "create products", products.create_products),
    ("GET", "/v1/products/{id}", "read product", products.read_product),
    ("PATCH", "/v1/products/{id}", "update product", products.update_product),
    ("PATCH", "/v2/products/{id}", "update product", products.update_product),
    ("DELETE", "/v1/products/{id}", "delete product", products.delete_product),
    ("GET", "/v1/product-pricings/{id}", "read price", pricing.read_pricing),
    ("PATCH", "/v1/product-pricings/{id}", "update price", pricing.update_pricing),
    ("GET", "/v1/inventories", "list inventories", inventory.list_inventories),
    ("POST", "/v1/inventories", "write inventory", inventory.write_inventory),
    *_of_orders("v1"),
    *_of_orders("v2"),
    *_of_document(INVOICES),
    *_of_document(SHIPMENTS),
)
"""Method, path, name in the call log, and what answers. Source: WizCommerce reference, section 1.4."""
