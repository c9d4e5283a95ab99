"""The short programs of the how-to pages do what the pages say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from quittance.project import commands
from tests.ground import HARBORLINE, World

HOW_TO = Path(__file__).resolve().parents[2] / "docs/how-to"
HOST = "pay.fabrikam.example"


def programs_of(page: str) -> list[str]:
    """The Python programs of a page, in their order."""
    return re.findall(r"```python\n(.*?)```", (HOW_TO / page).read_text("utf-8"), re.DOTALL)


def run(program: str, **changes: str) -> None:
    """Run a program, some of its texts changed, as the operator would change them."""
    for before, after in changes.items():
        program, times = re.subn(f'"{before}": .*', f'"{before}": {after!r},', program)
        assert times == 1, before
    exec(compile(program, "how-to", "exec"), {})


def command_of(page: str) -> list[str]:
    """The words behind ``quittance connect`` on a page."""
    text = (HOW_TO / page).read_text("utf-8").replace("\\\n", " ")
    return shlex.split(re.findall(r"quittance connect (business-central .*)", text)[0])


@pytest.mark.slow
def test_the_programs_add_an_organization_connect_it_and_let_its_people_in(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from quittance.connections.open import close_adapters
    from quittance.receivables.models import Contact, Invoice
    from quittance.receivables.pull import pull_changes
    from quittance.tenancy.hosts import find_organization
    from quittance.tenancy.models import LegalEntity
    from quittance.tenancy.rows import reading
    from quittance.tenancy.scope import working_for

    organization, gateway, people = programs_of("add-an-organization.md")
    (tmp_path / "client-secret").write_text("sandbox-secret\n")
    monkeypatch.chdir(tmp_path)

    run(organization)
    with pytest.raises(SystemExit) as connected:
        commands.connect(
            [
                *command_of("connect-business-central.md"),
                "--no-input", f"--url={world.erp.url}", f"--organization={HOST}",
                "--tenant=contoso.example", "--clearing-account=2910",
                "--company=Northwind Traders",
                "--client-id=11111111-1111-1111-1111-111111111111",
            ]
        )  # fmt: skip
    said = capsys.readouterr().out
    run(gateway, address=world.gateway.url)
    hook = capsys.readouterr().out
    found = find_organization(HOST)

    assert connected.value.code == 0, said
    assert "ok    Company:                     We work in Northwind Traders." in said
    assert hook.startswith(f"https://{HOST}/hooks/gateway/")
    assert found is not None
    with working_for(found[0], actor="test"):
        with reading():
            entity = LegalEntity.objects.get()
        pull_changes(entity.pk)  # what the worker does
        run(people)
        with reading():
            accounts = set(Contact.objects.values_list("customer_account__number", flat=True))
            assert HARBORLINE in accounts
            assert Invoice.objects.filter(customer_account__number=HARBORLINE).count() > 50
    close_adapters()
