"""A list may name invoices by the buyer's own purchase orders."""

from __future__ import annotations

from quittance.receivables.models import Invoice
from tests.ground import ALPINE, HARBORLINE
from tests.portal.doors import Door, fields_of
from tests.portal.mirrored import put_invoice
from tests.portal.test_remittance import paste, shown


def fits(*invoices: Invoice) -> dict[str, str]:
    """What the page says of lines that fit."""
    return {each.number: f"{each.number}, {each.purchase_order}" for each in invoices}


def test_a_purchase_order_names_the_invoice_that_is_open_of_it(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    one = put_invoice(own, 25_000, purchase_order="PO-77191")
    put_invoice(own, 0, total_minor=900, erp_status="paid", purchase_order="PO-77191")
    client = door.buyer()

    page = paste(client, "po-77191;250,00")
    answer = client.post("/remittance/check", {**fields_of(page.content), "pay": "USD"})

    assert shown(page) == fits(one)
    assert answer.status_code == 303


def test_of_several_invoices_of_an_order_the_amount_tells_which_or_all_are_named(
    door: Door,
) -> None:
    own = door.ground.account(HARBORLINE)
    one, two = (put_invoice(own, minor, purchase_order="PO-2") for minor in (25_000, 30_000))
    client = door.buyer()

    told = shown(paste(client, "PO-2;300,00\nPO-2;250,00"))
    untold = shown(paste(client, "PO-2;100,00"))["PO-2"]

    assert told == fits(two, one)
    assert one.number in untold
    assert two.number in untold


def test_a_column_of_orders_helps_where_a_line_has_no_number(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    one = put_invoice(own, 25_000, purchase_order="PO-3")
    two = put_invoice(own, 30_000, purchase_order="PO-4")

    mixed = f"invoice;PO number;amount\n;PO-3;250,00\n{two.number};;300,00\n;;1,00"
    told = shown(paste(door.buyer(), mixed))

    assert "no invoice number" in told.pop("")
    assert told == fits(one, two)


def test_a_list_of_orders_alone_is_read(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    one = put_invoice(own, 25_000, purchase_order="7001")
    client = door.buyer()

    assert shown(paste(client, "Purchase Order;Amount\n7001;250,00")) == fits(one)
    assert shown(paste(client, "250,00;7001\n10,00;7002")) == {
        **fits(one), "7002": "You have no invoice with this number or purchase order. Correct"
        " it, or leave the line out.",
    }  # fmt: skip


def test_the_order_of_what_is_paid_says_so(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    paid = put_invoice(own, 0, total_minor=9, erp_status="paid", purchase_order="PAID-1")

    assert "paid already" in shown(paste(door.buyer(), "PAID-1;1,00"))[paid.number]


def test_the_order_of_somebody_else_is_nobodys(door: Door) -> None:
    put_invoice(door.ground.account(ALPINE), 25_000, purchase_order="PO-9")

    assert "no invoice with this number" in shown(paste(door.buyer(), "PO-9;250,00"))["PO-9"]
