"""Templates, policy and inventory say the same; everything has an owner and a reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.test import override_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import inventory as check
from quittance.branding.look import look_of
from quittance.branding.theme import css_variables
from quittance.gateways.facts import Origins
from quittance.payment_page.inventory import FIELDS, LINK, hash_of, inventory, read_of_gateway
from quittance.payment_page.judge import Expected, judge
from quittance.payment_page.loaded import read_page
from tests.payment_page.conftest import Till

ROOT = Path(__file__).resolve().parents[2]
PARTS = sorted((ROOT / "quittance/gateways").glob("*/page.toml"))


def test_hashes_and_policy_are_those_of_the_code() -> None:
    assert check.complaints(ROOT) == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.parent.name)
def test_everything_has_an_owner_and_a_reason(part: Path) -> None:
    gateway = read_of_gateway(part.read_text("utf-8"))

    for each in (*inventory().own, *inventory().made, gateway):
        assert len(each.owner) > 5
        assert len(each.purpose) > 10
    assert gateway.source


def test_a_changed_file_is_a_complaint_and_its_hash_is_written_anew(tmp_path: Path) -> None:
    for folder in ("quittance/ui/static", "quittance/payment_page", "quittance/gateways/sandbox"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    script = tmp_path / "quittance/ui/static/ui/app.js"
    module = tmp_path / "quittance/gateways/sandbox/fields.js"
    for file in (script, module):
        file.write_text(file.read_text("utf-8") + "\n// more\n", "utf-8")

    found = check.complaints(tmp_path)

    assert len(found) == 2
    assert "ui/app.js has another hash" in found[0]
    assert "fields.js has another hash" in found[1]
    assert check.write(tmp_path) == 2
    written = (tmp_path / "quittance/payment_page/inventory.toml").read_text("utf-8")
    assert hash_of(script.read_bytes(), kind="script") in written
    part = (tmp_path / "quittance/gateways/sandbox/page.toml").read_text("utf-8")
    assert hash_of(module.read_bytes(), kind="script") in part


def test_over_https_the_pages_are_as_the_inventory_says_and_without_hsts_they_are_not(
    till: Till,
) -> None:
    client, address = till.door.client(), f"https://{till.door.host}"
    brand = css_variables(look_of(till.door.ground.organization_id, name=""))
    expected = Expected(page=LINK, address=f"{address}/pay/any", static="/static/", brand=brand)

    def fetch(file: str) -> bytes:
        path = file.removeprefix(address)
        if not path.startswith("/static/"):
            return bytes(client.get(path, secure=True).content)
        return Path(str(finders.find(path.removeprefix("/static/")))).read_bytes()

    for https, lacks in ((True, 0), (False, 1)):
        with override_settings(HTTPS_ONLY=https):
            page = client.get("/pay/any", secure=True)
        seen = judge(expected, dict(page.headers), page.content.decode(), fetch)
        assert ["Strict-Transport-Security" in each for each in seen.differences] == [True] * lacks


def test_collecting_the_files_stamps_them_and_leaves_their_hash(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "quittance/ui/static", tmp_path, dirs_exist_ok=True)
    storage = ManifestStaticFilesStorage(location=str(tmp_path), base_url="/static/")
    names = [str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file()]
    list(storage.post_process({name: (storage, name) for name in names}))
    stamped = tmp_path / storage.hashed_files["ui/app.css"]
    (own,) = (each for each in inventory().own if each.file == "ui/app.css")

    assert stamped.read_bytes() != (tmp_path / "ui/app.css").read_bytes()
    assert hash_of(stamped.read_bytes(), kind="style") == own.sha256
    changed = stamped.read_bytes().replace(b"{", b"{color:red;", 1)
    assert hash_of(changed, kind="style") != own.sha256


def test_a_real_account_may_name_only_what_the_inventory_has() -> None:
    part = next(each for each in PARTS if read_of_gateway(each.read_text("utf-8")).origins.script)
    gateway = read_of_gateway(part.read_text("utf-8"))

    assert gateway.allowed(Origins(script=("https://evil.example",))) == gateway.origins
    mixed = Origins(script=("http://127.0.0.1:9", "https://evil.example"))
    assert gateway.allowed(mixed) == gateway.origins
    here = Origins(script=("http://127.0.0.1:9",), frame=("http://localhost:8",))
    assert gateway.allowed(here) == here
    assert gateway.allowed(Origins()) == gateway.origins


@pytest.mark.parametrize(
    "text",
    [
        "<",
        "<script",
        "<a href='//['>",
        "<form action='//['>",
        "<link>",
        "<script src>",
        "\0<svg/onload=x>",
        "<!--<script>",
    ],
)
def test_no_markup_breaks_the_reader(text: str) -> None:
    page = read_page(text, address="https://a.example/pay/x")

    assert page.facts == ""


EVIL = '<script src="https://evil.example/s.js"></script>'


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://evil.example/s.js" src="/static/ui/app.js"></script>',
        f"<!-->{EVIL}<!-- -->",
        f"<!--->{EVIL}<!-- -->",
        f"<!-- --!>{EVIL}<!-- -->",
        f"<textarea><!--</textarea>{EVIL}<!-- --></textarea>",
        f"<title><!--</title>{EVIL}<!-- -->",
        f"<![CDATA[>{EVIL}]]>",
        f"<?x >{EVIL}?>",
        f"<!x >{EVIL}",
        '<button formaction="https://evil.example/x">',
        '<a href="\x01java\nscript:go()">',
    ],
)
def test_what_a_browser_reads_otherwise_than_the_reader_is_wrong(text: str) -> None:
    page = read_page(f"<!doctype html>{text}", address="https://a.example/pay/x")

    foreign = [each for each in page.loaded if "evil.example" in each.address]
    assert page.wrong or foreign


def test_the_first_line_of_a_page_is_not_wrong() -> None:
    assert read_page("<!DOCTYPE html><p>", address="https://a.example/pay/x").wrong == []


@settings(derandomize=True, max_examples=150, deadline=None)
@example("[" * 100_000)
@example('{"module": "//[", "script": "//["}')
@example('{"module": 1, "script": "https://a.example"}')
@given(st.text(max_size=80) | st.dictionaries(
    st.sampled_from(["module", "script"]), st.text(max_size=12) | st.none() | st.integers()
).map(json.dumps))  # fmt: skip
def test_no_data_of_a_page_break_the_look(facts: str) -> None:
    part = next(each for each in PARTS if each.parent.name == "sandbox")
    expected = Expected(
        page=FIELDS, address="https://a.example/payments/sample/x", static="/static/", brand="",
        gateway=read_of_gateway(part.read_text("utf-8")),
    )  # fmt: skip
    text = f'<script type="application/json" id="fields-facts">{facts}</script>'

    seen = judge(expected, {}, text, lambda _file: b"")

    assert any("module" in each for each in seen.differences)


def test_both_pages_have_a_title_for_people() -> None:
    assert set(inventory().titles) == {LINK, FIELDS}
