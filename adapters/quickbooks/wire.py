"""QuickBooks' JSON as it is: only what we read, everything optional that may be missing, unknown fields passed over.

Names are theirs, in our spelling (`TotalAmt` is `total_amt`). Numbers are Decimal. Ids and SyncTokens are strings
there, and numbers are tolerated. Source: QuickBooks reference, sections 2.3, 4.2 and 7.
"""

from decimal import Decimal

import msgspec

Id = int | str


class Wire(msgspec.Struct, kw_only=True, rename="pascal"):
    """The base of what is theirs."""


class Ref(msgspec.Struct, kw_only=True):
    """A reference. `name` is optional and never authoritative."""

    value: Id = ""
    name: str | None = None


class MetaData(Wire):
    create_time: str | None = None
    last_updated_time: str | None = None


class Stub(Wire):
    """What every record has, a deleted one too: enough to say which one it is."""

    id: Id | None = None
    sync_token: Id | None = None
    meta_data: MetaData | None = None
    status: str | None = msgspec.field(default=None, name="status")


class EmailAddress(Wire):
    address: str | None = None


class Phone(Wire):
    free_form_number: str | None = None


class PhysicalAddress(Wire):
    line1: str | None = None
    line2: str | None = None
    line3: str | None = None
    line4: str | None = None
    line5: str | None = None
    city: str | None = None
    country_sub_division_code: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Named(Stub):
    """What customers, vendors and employees share: a name that no other of them bears."""

    display_name: str | None = None
    active: bool = True


class Customer(Named):
    fully_qualified_name: str | None = None
    company_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    primary_email_addr: EmailAddress | None = None
    primary_phone: Phone | None = None
    bill_addr: PhysicalAddress | None = None
    ship_addr: PhysicalAddress | None = None
    sales_term_ref: Ref | None = None
    customer_type_ref: Ref | None = None
    parent_ref: Ref | None = None
    bill_with_parent: bool = False
    is_project: bool = False
    currency_ref: Ref | None = None
    taxable: bool | None = None
    tax_exemption_reason_id: Id | None = None
    resale_num: str | None = None
    notes: str | None = None


class Memo(msgspec.Struct, kw_only=True):
    """A text that stands in an object of its own."""

    value: str | None = None


class FormField(Wire):
    """A field of a company's sales forms, as one of its documents shows it."""

    definition_id: Id | None = None
    string_value: str | None = None


class CustomField(Wire):
    """A field that the company made. Values are still as text, empty where there is none."""

    name: str | None = None
    string_value: msgspec.Raw = msgspec.Raw()
    number_value: msgspec.Raw = msgspec.Raw()


class ItemGroupLine(Wire):
    item_ref: Ref | None = None
    qty: Decimal | None = None


class ItemGroupDetail(Wire):
    """The parts of a bundle."""

    item_group_line: list[ItemGroupLine] = []


class Item(Stub):
    name: str | None = None
    fully_qualified_name: str | None = None
    sku: str | None = None
    type: str | None = None
    active: bool = True
    description: str | None = None
    unit_price: Decimal | None = None
    purchase_cost: Decimal | None = None
    track_qty_on_hand: bool = False
    qty_on_hand: Decimal | None = None
    inv_start_date: str | None = None
    item_group_detail: ItemGroupDetail | None = None
    custom_field: msgspec.Raw = msgspec.Raw()


class SalesItemLineDetail(Wire):
    item_ref: Ref | None = None
    qty: Decimal | None = None
    unit_price: Decimal | None = None


class GroupLineDetail(Wire):
    line: list["Line"] = []


class Line(Wire):
    """A line of a sales form. Which detail is there is said by `detail_type`."""

    detail_type: str | None = None
    amount: Decimal | None = None
    description: str | None = None
    sales_item_line_detail: SalesItemLineDetail | None = None
    group_line_detail: GroupLineDetail | None = None


class TxnTaxDetail(Wire):
    total_tax: Decimal | None = None


class LinkedTxn(Wire):
    """Another document that this one is tied to."""

    txn_id: Id = ""
    txn_type: str | None = None


class Invoice(Stub):
    doc_number: str | None = None
    txn_date: str | None = None
    due_date: str | None = None
    customer_ref: Ref | None = None
    line: list[Line] = []
    total_amt: Decimal | None = None
    balance: Decimal | None = None
    txn_tax_detail: TxnTaxDetail | None = None
    private_note: str | None = None
    linked_txn: list[LinkedTxn] = []
    bill_addr: PhysicalAddress | None = None
    ship_addr: PhysicalAddress | None = None
    sales_term_ref: Ref | None = None
    customer_memo: Memo | None = None
    currency_ref: Ref | None = None
    custom_field: list[FormField] | None = None
    tracking_num: str | None = None
    ship_method_ref: Ref | None = None
    ship_date: str | None = None


class Entry(Stub):
    """An entry of a short list: a payment term, a customer type."""

    name: str | None = None
    active: bool = True


class PaymentLine(Wire):
    """What of a payment goes to which document."""

    amount: Decimal | None = None
    linked_txn: list[LinkedTxn] = []


class Payment(Stub):
    payment_ref_num: str | None = None
    txn_date: str | None = None
    customer_ref: Ref | None = None
    total_amt: Decimal | None = None
    unapplied_amt: Decimal | None = None
    line: list[PaymentLine] = []
    linked_txn: list[LinkedTxn] = []
    private_note: str | None = None


class CreditMemo(Stub):
    doc_number: str | None = None


class NameValue(Wire):
    name: str | None = None
    value: str | None = None


class CompanyInfo(Stub):
    company_name: str | None = None
    country: str | None = None
    default_time_zone: str | None = None
    name_value: list[NameValue] = []


class SalesFormsPrefs(Wire):
    custom_txn_numbers: bool = False
    allow_shipping: bool = False
    allow_discount: bool = False


class TaxPrefs(Wire):
    using_sales_tax: bool = False
    partner_tax_enabled: bool = False


class CurrencyPrefs(Wire):
    multi_currency_enabled: bool = False
    home_currency: Ref | None = None


class AccountingInfoPrefs(Wire):
    book_close_date: str | None = None


class ProductAndServicesPrefs(Wire):
    quantity_on_hand: bool = False


class Preferences(Stub):
    sales_forms_prefs: SalesFormsPrefs | None = None
    tax_prefs: TaxPrefs | None = None
    currency_prefs: CurrencyPrefs | None = None
    accounting_info_prefs: AccountingInfoPrefs | None = None
    product_and_services_prefs: ProductAndServicesPrefs | None = None


class FaultError(Wire):
    """One error of a fault, whichever spelling its keys came in."""

    message: str | None = None
    detail: str | None = None
    code: str | int | None = msgspec.field(default=None, name="code")
    element: str | None = msgspec.field(default=None, name="element")


class Fault(Wire):
    error: list[FaultError] = []
    type: str | None = msgspec.field(default=None, name="type")


class FaultEnvelope(Wire):
    fault: Fault


class GatewayError(msgspec.Struct, kw_only=True):
    """The gateway writes its keys in lower case. Source: section 1.7."""

    message: str | None = None
    detail: str | None = None
    code: str | int | None = None
    element: str | None = None


class GatewayFault(msgspec.Struct, kw_only=True):
    error: list[GatewayError] | None = None
    type: str | None = None


class GatewayEnvelope(msgspec.Struct, kw_only=True):
    fault: GatewayFault


class Block(msgspec.Struct, kw_only=True):
    """One entity's rows in an answer, each still as text. `total` is their count of all, None when they did not say."""

    entity: str
    rows: list[bytes]
    total: int | None = None


NOT_ENTITIES = frozenset({"startPosition", "maxResults", "totalCount", "time"})


def entity(body: bytes, name: str) -> bytes | None:
    """The text of the entity `name` in an answer's envelope; None when it has none. Raises msgspec.DecodeError."""
    tree = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    found = tree.get(name)
    return None if found is None or bytes(found).strip() == b"null" else bytes(found)


def query_rows(body: bytes) -> Block:
    """The rows of a query's answer. Raises msgspec.DecodeError when it is not one."""
    return _block(msgspec.json.decode(body, type=_QueryEnvelope).query_response)


def change_blocks(body: bytes) -> list[Block]:
    """The blocks of a change data capture answer, those without an entity left out. Raises msgspec.DecodeError."""
    answer = msgspec.json.decode(body, type=_ChangesEnvelope)
    return [_block(block) for part in answer.cdc_response for block in part.query_response if block]


def answered_at(body: bytes) -> str:
    """The `time` an answer says it was made, '' when it says none."""
    time = msgspec.json.decode(body, type=_Time).time
    return time if isinstance(time, str) else ""


class _Time(msgspec.Struct):
    time: str | int | None = None


class _QueryEnvelope(msgspec.Struct, rename="pascal"):
    query_response: dict[str, msgspec.Raw]


class _ChangesPart(msgspec.Struct, rename="pascal"):
    query_response: list[dict[str, msgspec.Raw]] = []


class _ChangesEnvelope(msgspec.Struct):
    cdc_response: list[_ChangesPart] = msgspec.field(name="CDCResponse")


def _block(tree: dict[str, msgspec.Raw]) -> Block:
    for name, raw in tree.items():
        if name not in NOT_ENTITIES:
            rows = msgspec.json.decode(raw, type=list[msgspec.Raw])
            total = tree.get("totalCount")
            return Block(
                entity=name,
                rows=[bytes(row) for row in rows],
                total=None if total is None else msgspec.json.decode(total, type=int),
            )
    return Block(entity="", rows=[])
