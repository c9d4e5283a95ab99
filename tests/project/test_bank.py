"""``quittance bank``: a statement is read from a file, bank accounts go out and in again."""

from __future__ import annotations

import io
from pathlib import Path

from quittance.project import bank
from quittance.project.terminal import Terminal
from quittance.tenancy.rows import reading
from quittance.transfers.models import Announcement, BankAccount
from tests.ground import Ground
from tests.transfers.bank import NUMBER, Came, announced, bank_account, statement


def run(ground: Ground, *arguments: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it said."""
    to = io.StringIO()
    chosen = bank.options([*arguments, "--organization", str(ground.organization_id)], explained="")
    code = bank.run(chosen, Terminal(source=io.StringIO(), to=to, asks=False))
    return code, to.getvalue()


def test_a_statement_is_read_from_a_file(ground: Ground, tmp_path: Path) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("90.00"))
    file = tmp_path / "camt.xml"
    file.write_bytes(statement(Came("90.00", text=told.reference), Came("1.00", status="PDNG")))

    code, said = run(ground, "read", str(file))

    assert (code, said.splitlines()[0]) == (0, "1 movements, 1 new, 1 booked.")
    assert "1 are not booked at the bank yet" in said
    with reading():
        assert Announcement.objects.get().status == Announcement.Status.MATCHED
    file.write_bytes(b"<a/>")
    code, said = run(ground, "read", str(file))
    assert (code, "Nothing was changed." in said) == (1, True)
    assert run(ground, "read", str(tmp_path / "none"))[0] == 1


def test_bank_accounts_go_out_as_a_file_and_in_again(ground: Ground, tmp_path: Path) -> None:
    bank_account(ground)
    file = tmp_path / "accounts.toml"
    assert run(ground, "export", str(file))[0] == 0
    text = file.read_text("utf-8")
    assert f'number = "{NUMBER}"' in text
    second = text[text.rindex("[[account]]") :].replace(f'"{NUMBER}"', '"42"')
    file.write_text(text.replace("active = true", "active = false") + second, "utf-8")

    code, said = run(ground, "import", str(file))

    assert code == 0, said
    with reading():
        rows = dict(BankAccount.objects.values_list("number", "is_active"))
    assert rows == {NUMBER: False, "42": True}
    for wrong in (
        text.replace('"USD"', '"U"'),
        text.replace("owner", "colour"),
        "[[account]]",
        "?",
    ):
        file.write_text(wrong, "utf-8")
        code, said = run(ground, "import", str(file))
        assert (code, "Nothing was changed." in said) == (1, True), said
