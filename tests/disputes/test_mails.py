"""What mails about a dispute say, and to whom in which language and by which name."""

from __future__ import annotations

import pytest

from quittance.disputes.conversation import say
from quittance.disputes.rules import keep_rules
from quittance.notifications.models import Message
from quittance.notifications.words import Words, write
from quittance.tenancy.rows import reading
from quittance.ui.language import speaking
from tests.disputes.quarrels import disputed, person, said
from tests.ground import Ground


def mail(kind: str, act: str, language: str = "en") -> Words:
    """The one mail of this kind about this act, as it is written in a language."""
    with speaking(language), reading():
        (message,) = Message.objects.filter(kind=kind, facts__act=act)
        return write(message.kind, message.facts)


@pytest.mark.parametrize("spoken", ["de", "ar"])
def test_the_team_reads_the_reason_in_english_whatever_the_buyer_speaks(
    ground: Ground, spoken: str
) -> None:
    person(role="clerk")
    with speaking(spoken):
        disputed(ground.bill("250.00"), person(), reason="quantity")

    assert "Wrong quantity" in mail("dispute_team", "opened").text


def test_reasons_of_the_sellers_own_are_told_as_they_wrote_them(ground: Ground) -> None:
    person(role="clerk")
    keep_rules(reasons=["Pallet 100% wet"], leaves_out="part", closes_itself=True)
    disputed(ground.bill("250.00"), person(), reason="Pallet 100% wet")

    assert "Pallet 100% wet" in mail("dispute_team", "opened").text


@pytest.mark.parametrize(("asks", "act"), [(True, "asked"), (False, "said")])
def test_the_buyer_reads_the_sellers_name_and_the_team_the_persons(
    ground: Ground, asks: bool, act: str
) -> None:
    clerk = person(role="clerk", name="Priya Nair")
    dispute = disputed(ground.bill("250.00"), person(name="Dana Okafor"))

    say(dispute.pk, said(clerk, "Which cases?"), asks=asks)
    words = mail("dispute_buyer", act)

    assert "Priya" not in words.subject + words.text
    assert words.text.startswith(f"{words.head.seller} ")
    assert words.head.seller
    assert mail("dispute_team", "opened").text.startswith("Dana Okafor disputes")
