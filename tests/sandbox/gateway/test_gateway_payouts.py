"""Payouts, and the balance that all entries add up to."""

from __future__ import annotations

from typing import Any

from tests.sandbox.gateway.gateway_caller import SECOND_KEY, Caller


def payouts_of(caller: Caller, **params: str) -> list[dict[str, Any]]:
    return list(caller.api.get("/payouts", params=params).raise_for_status().json()["data"])


def event_kinds(caller: Caller) -> list[str]:
    events = caller.api.get("/events").json()["data"]
    return [event["type"] for event in events if event["type"].startswith("payout")]


def test_a_payout_is_the_sum_of_its_entries_even_below_zero(fresh: Caller) -> None:
    first = fresh.paid_payment(amount_minor=10000)
    fresh.paid_payment(amount_minor=2000, currency="EUR")

    fresh.tell("/payouts")
    fresh.refund(first, 10000)
    fresh.tell("/payouts")

    payouts = fresh.api.get("/payouts").json()["data"]
    assert [(one["currency"], one["amount_minor"]) for one in payouts] == [
        ("EUR", 1912),
        ("USD", 9680),
        ("USD", -10000),
    ]
    for payout in payouts:
        entries = fresh.api.get("/balance_entries", params={"payout": payout["id"]}).json()["data"]
        assert sum(entry["net_minor"] for entry in entries) == payout["amount_minor"]
        assert len(entries) == payout["entries"]


def test_a_payout_is_an_entry_of_its_own_and_empties_the_balance(fresh: Caller) -> None:
    fresh.paid_payment(amount_minor=10000)
    assert fresh.balance() == {"USD": 9680}

    (payout,) = fresh.tell("/payouts")["payouts"]

    own = fresh.entries()[-1]
    assert (own["kind"], own["subject"], own["payment"]) == ("payout", payout, None)
    assert (own["gross_minor"], own["net_minor"], own["payout"]) == (-9680, -9680, payout)
    assert own not in fresh.entries(payout=payout)
    assert fresh.balance() == {"USD": 0}
    assert fresh.tell("/payouts")["payouts"] == []


def test_a_failed_payout_comes_back_and_is_paid_out_again(fresh: Caller) -> None:
    fresh.paid_payment(amount_minor=10000)
    (first,) = fresh.tell("/payouts")["payouts"]

    failed = fresh.tell(f"/payouts/{first}/fail", code="account_closed")
    fresh.paid_payment(amount_minor=1000)
    (second,) = fresh.tell("/payouts")["payouts"]

    assert (failed["state"], failed["failure"]["code"]) == ("failed", "account_closed")
    entries = fresh.entries(payout=second)
    assert [(row["kind"], row["net_minor"]) for row in entries] == [
        ("payout", 9680),
        ("charge", 941),
    ]
    assert entries[0]["subject"] == first
    assert fresh.api.get(f"/payouts/{second}").json()["amount_minor"] == 10621
    assert fresh.balance() == {"USD": 0}
    assert [row["gross_minor"] for row in fresh.control.get("/ledger").json()["payouts"]] == [
        -9680,
        9680,
        -10621,
    ]
    again = fresh.control.post(f"/payouts/{first}/fail", json={})
    assert again.json()["error"]["code"] == "payout_failed"


def test_a_payout_under_way_arrives_or_not(fresh: Caller) -> None:
    fresh.paid_payment()
    fresh.paid_payment(currency="EUR")

    euros, dollars = fresh.tell("/payouts", in_transit=True)["payouts"]

    assert {one["state"] for one in payouts_of(fresh)} == {"in_transit"}
    assert fresh.tell(f"/payouts/{euros}/settle")["state"] == "paid"
    assert fresh.tell(f"/payouts/{dollars}/fail")["state"] == "failed"
    again = fresh.control.post(f"/payouts/{euros}/settle", json={})
    assert again.json()["error"]["code"] == "not_in_transit"
    assert event_kinds(fresh) == [
        "payout.created",
        "payout.created",
        "payout.paid",
        "payout.failed",
    ]


def test_payouts_are_listed_from_a_moment_on(fresh: Caller) -> None:
    fresh.paid_payment()
    fresh.tell("/payouts")
    fresh.tell("/clock", seconds=3600)
    fresh.paid_payment()
    fresh.tell("/payouts")

    first, second = payouts_of(fresh)

    assert payouts_of(fresh, created_after=first["created_at"].replace("Z", "999Z")) == [second]
    assert payouts_of(fresh, created_after="2020-01-01T00:00:00Z") == [first, second]
    for nonsense in ("yesterday", "2026-03-01T09:30:00"):
        answer = fresh.api.get("/payouts", params={"created_after": nonsense})
        assert answer.json()["error"]["param"] == "created_after"


def test_all_entries_of_an_account_and_a_currency_add_up_to_its_balance(fresh: Caller) -> None:
    first, debit = fresh.paid_payment(amount_minor=10000), fresh.settled_debit(currency="EUR")
    refund = fresh.refund(first, 3000).json()
    fresh.tell("/payouts")
    fresh.tell(f"/refunds/{refund['id']}/fail")
    dispute = fresh.tell(f"/payments/{first['id']}/dispute")
    fresh.tell(f"/payments/{debit['id']}/return")
    (euros, dollars) = fresh.tell("/payouts")["payouts"]
    fresh.tell(f"/payouts/{dollars}/fail")
    fresh.tell(f"/disputes/{dispute['id']}/win")
    fresh.tell("/fees", amount_minor=77, currency="EUR")

    sums: dict[str, int] = {}
    for row in fresh.entries(limit=3):
        assert row["net_minor"] == row["gross_minor"] - row["fee_minor"]
        sums[row["currency"]] = sums.get(row["currency"], 0) + row["net_minor"]

    assert fresh.balance() == sums
    assert sums["EUR"] == -77
    assert euros
    for payout in payouts_of(fresh):
        paid_out = fresh.entries(payout=payout["id"])
        assert sum(row["net_minor"] for row in paid_out) == payout["amount_minor"]


def test_another_account_has_its_own_balance_and_payouts(fresh: Caller) -> None:
    fresh.paid_payment()
    (payout,) = fresh.tell("/payouts")["payouts"]
    other = {"Authorization": f"Bearer {SECOND_KEY}"}

    assert fresh.api.get("/balance", headers=other).json()["data"] == []
    assert fresh.api.get(f"/payouts/{payout}", headers=other).status_code == 404
    entries = fresh.api.get("/balance_entries", params={"payout": payout}, headers=other)
    assert entries.status_code == 404
