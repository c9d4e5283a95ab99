"""The queue of exceptions: what waits, what each side says, and what a clerk does about it."""

from __future__ import annotations

from tests.backoffice.office import action, blocked, jobs_of, posting_of, rejected, words
from tests.portal.doors import Door


def test_a_refused_posting_stands_with_the_erps_own_words_and_what_is_safe(door: Door) -> None:
    payment = rejected(door)

    page = words(door.clerk().get("/office/exceptions"))

    for expected in (
        "1 waiting", f"The ERP refused payment {payment.number}", "Posting refused", "locked",
        "What is safe", "nobody pays them twice", "Not posted", "Suggested",
    ):  # fmt: skip
        assert expected in page


def test_the_comparison_marks_what_differs(door: Door) -> None:
    payment = rejected(door)

    text = door.clerk().get(f"/office/exceptions/posting/{posting_of(payment).pk}").content.decode()
    marked = [row.split("</tr>")[0] for row in text.split(' class="diff">')[1:]]

    assert len(marked) == 1
    assert "Amount" in marked[0]
    assert "differs" in marked[0]


def test_the_largest_comes_first_and_the_oldest_when_asked(door: Door) -> None:
    old, large = rejected(door, "80.00"), rejected(door, "900.00")
    client = door.clerk()

    by_size, by_age = (
        client.get(f"/office/exceptions?sort={sort}").content.decode()
        for sort in ("largest", "oldest")
    )

    assert by_size.index(str(posting_of(large).pk)) < by_size.index(str(posting_of(old).pk))
    assert by_age.index(str(posting_of(old).pk)) < by_age.index(str(posting_of(large).pk))


def test_a_retry_posts_it_once_the_cause_is_mended(door: Door) -> None:
    payment = rejected(door)
    client = door.clerk()
    retry = action(client.get("/office/exceptions"), "retry")

    answer = client.post(retry)
    assert jobs_of(payment), "nobody would post it"
    door.ground.advance(payment)
    again = client.post(retry)

    assert answer["Location"] == "/office/exceptions?done=retried"
    assert "on its way to the ERP again" in words(client.get(answer["Location"]))
    shown = words(client.get(f"/office/payments/{payment.number}"))
    assert f"Posted as {payment.number}" in shown
    assert "Posting retried" in shown
    assert again.status_code == 409
    assert "Nothing waits for you" in words(client.get("/office/exceptions"))


def test_the_second_clerk_is_told_politely(door: Door) -> None:
    payment = rejected(door)
    one, two = door.clerk(), door.signed_in(email="mo@example.test", role="clerk")
    retry = action(two.get(f"/office/exceptions/posting/{posting_of(payment).pk}"), "retry")

    first, second = one.post(retry), two.post(retry)

    assert (first.status_code, second.status_code) == (303, 409)
    assert "somebody was faster, or it was mended" in words(second)
    assert "on its way" not in words(second)


def test_a_row_that_is_gone_is_said_to_be_gone(door: Door) -> None:
    payment = rejected(door)
    client, where = door.clerk(), f"/office/exceptions/posting/{posting_of(payment).pk}"
    client.post(f"/office/postings/{posting_of(payment).pk}/retry")

    answer = client.get(where)

    assert answer.status_code == 404
    assert "somebody was faster, or it was mended" in words(answer)


def test_a_remark_stands_among_the_exceptions_until_somebody_has_seen_to_it(door: Door) -> None:
    invoice = door.ground.bill("100.00")
    payment = door.ground.pay((invoice, "100.00"))
    door.ground.on_page(payment)
    door.ground.world.clerk("post-payment", invoice=invoice.number, amount="50.00")
    door.ground.advance(payment)
    client = door.clerk()
    listed = client.get("/office/exceptions")
    settle = action(listed, "settle")

    answer = client.post(settle)

    assert "$50.00 was open" in words(listed)
    assert answer["Location"] == "/office/exceptions?done=settled"
    assert "Nothing waits for you" in words(client.get("/office/exceptions"))
    assert client.post(settle).status_code == 409


def test_an_auditor_sees_a_rejection_but_no_way_out(door: Door) -> None:
    payment = rejected(door)
    client = door.signed_in(email="audit@example.test", role="auditor")

    page = client.get("/office/exceptions")

    assert payment.number in words(page)
    assert "Send it again" not in words(page)
    assert 'method="post" action="/office/' not in page.content.decode()


def test_who_looks_after_a_row_is_seen_in_the_list(door: Door) -> None:
    payment = rejected(door)
    client = door.clerk()
    colleague = door.person(email="mo@example.test", role="clerk")
    page = client.get(f"/office/exceptions/posting/{posting_of(payment).pk}")

    answer = client.post(action(page, "hand"), {"owner": str(colleague.pk)})
    after = words(client.get(answer["Location"]))

    assert "looked after by Dana Okafor" not in words(page)
    assert "looked after by Dana Okafor" in after
    assert "Handed over" in after


def test_somebody_who_is_none_of_the_team_gets_nothing_handed(door: Door) -> None:
    payment = rejected(door)
    client, buyer = door.clerk(), door.person(email="luca@example.test")

    answer = client.post(
        f"/office/exceptions/posting/{posting_of(payment).pk}/hand", {"owner": str(buyer.pk)}
    )

    assert answer.status_code == 409
    assert "Choose somebody of your team" in words(answer)


def test_the_count_stands_beside_the_page_in_the_navigation(door: Door) -> None:
    client = door.clerk()
    before = client.get("/office/payments").content.decode()
    with blocked(door):
        pass
    rejected(door)

    after = client.get("/office/payments").content.decode()

    assert 'class="count hot"' not in before
    assert 'class="count hot">1<' in after
