"""Who has no token of a connection learns nothing; whatever is sent, the answer is SCIM's own."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.sso.models import DirectoryToken, IdentityProvider
from quittance.sso.tokens import A_MINUTE, MOST_ALIVE, TooManyTokens, make_token, take_back
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE
from tests.portal.doors import Door
from tests.scim.directory import GROUP, USER, Directory, a_client, connected, user

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def is_scims(answer: httpx.Response) -> bool:
    """Whether an error is said as RFC 7644, section 3.12 wants it."""
    said = answer.json()
    kind = answer.headers["content-type"] == "application/scim+json"
    return kind and said["schemas"] == [ERROR] and said["status"] == str(answer.status_code)


def test_without_a_token_there_is_no_connection_at_all(contoso: Directory, door: Door) -> None:
    there = str(contoso.http.base_url)
    nowhere = there.replace(str(contoso.provider.pk), str(uuid.uuid4()))

    said = {
        httpx.get(f"{base}Users", headers={"host": door.host, **proof}).text
        for base in (there, nowhere)
        for proof in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic YTpi"})
    }

    assert len(said) == 1
    answer = httpx.get(f"{there}Users", headers={"host": door.host})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert is_scims(answer)


def test_a_token_is_kept_as_its_hash_alone(contoso: Directory) -> None:
    token = contoso.http.headers["authorization"].removeprefix("Bearer ")

    with reading():
        rows = list(DirectoryToken.objects.values_list("token_hash", flat=True))
        facts = str(list(AuditEvent.objects.values_list("facts", flat=True)))

    assert len(rows[0]) == 64
    assert token not in f"{rows}{facts}"


def test_a_token_that_was_taken_back_opens_nothing_and_the_next_one_does(
    contoso: Directory, door: Door, server: int
) -> None:
    with a_client(door, server, contoso.provider, make_token(contoso.provider.pk)) as following:
        with reading():
            first = DirectoryToken.objects.order_by("made_at", "pk").values_list("pk", flat=True)[0]
        take_back(contoso.provider.pk, first)

        assert contoso.http.get("/Users").status_code == 401
        assert following.get("/Users").status_code == 200


def test_a_connection_has_two_tokens_at_most(contoso: Directory) -> None:
    for _ in range(MOST_ALIVE - 1):
        make_token(contoso.provider.pk)

    with pytest.raises(TooManyTokens):
        make_token(contoso.provider.pk)


def test_a_connection_that_is_off_answers_nobody(contoso: Directory) -> None:
    with writing():
        IdentityProvider.objects.update(is_active=False)

    assert contoso.http.get("/Users").status_code == 401


def test_who_asks_too_often_is_told_how_long_to_wait(contoso: Directory) -> None:
    with writing():
        DirectoryToken.objects.update(minute_at=clock.now(), asked=A_MINUTE)

    answer = contoso.http.get("/Users")

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert is_scims(answer)


def test_when_a_token_asked_last_is_known(contoso: Directory) -> None:
    contoso.http.get("/Users")

    with reading():
        assert DirectoryToken.objects.get().last_used_at is not None


def test_a_strangers_connection_sees_changes_and_names_nobody(
    contoso: Directory, door: Door, server: int
) -> None:
    row, group = contoso.join()["id"], contoso.group("payers")["id"]
    with connected(door, server, domain="alpine.test", customers=[ALPINE]) as alpine:
        step = {"op": "replace", "path": "displayName", "value": "x"}
        answers = [
            alpine.http.get(f"/Users/{row}"), alpine.http.delete(f"/Users/{row}"),
            alpine.patch("Users", row, step), alpine.patch("Groups", group, step),
            alpine.http.get(f"/Groups/{group}"), alpine.http.delete(f"/Groups/{group}"),
        ]  # fmt: skip
        missing = alpine.http.get(f"/Users/{uuid.uuid4()}")
        member = alpine.http.post(
            "/Groups", json={"displayName": "theirs", "members": [{"value": row}]}
        )

        assert {each.status_code for each in answers} == {404}
        assert {each.text for each in answers} == {missing.text}
        assert alpine.http.get("/Users").json()["totalResults"] == 0
        assert member.status_code == 400
        assert contoso.http.get(f"/Users/{row}").status_code == 200
        with a_client(door, server, contoso.provider, "") as swapped:
            swapped.headers["authorization"] = alpine.http.headers["authorization"]
            assert swapped.get("/Users").status_code == 401
    assert user("wanda@contoso.test").is_active


@pytest.mark.parametrize("asked", ["attributes=a..b", "attributes=id&excludedAttributes=meta"])
def test_who_asks_for_what_cannot_be_told_has_changed_nothing(
    contoso: Directory, asked: str
) -> None:
    row, group = contoso.join()["id"], contoso.group("payers")["id"]
    new = contoso.said("olga")
    other = {"schemas": [GROUP], "displayName": "others"}

    answers = [
        contoso.http.post(f"/Users?{asked}", json=new),
        contoso.http.put(f"/Users/{row}?{asked}", json=new),
        contoso.http.post(f"/Groups?{asked}", json=other),
        contoso.http.put(f"/Groups/{group}?{asked}", json=other),
    ]

    assert [each.status_code for each in answers] == [400] * 4
    people, groups = (contoso.http.get(f"/{kind}").json() for kind in ("Users", "Groups"))
    assert [each["userName"] for each in people["Resources"]] == ["wanda@contoso.test"]
    assert [each["displayName"] for each in groups["Resources"]] == ["payers"]


def test_a_body_that_is_too_large_is_refused_unread(contoso: Directory) -> None:
    answer = contoso.http.post("/Users", content=b"[" * (1024 * 1024 + 1))

    assert answer.status_code == 413
    assert is_scims(answer)


def test_other_addresses_and_methods_are_refused_in_scims_own_words(contoso: Directory) -> None:
    said = {
        path: contoso.http.request(method, path)
        for method, path in (
            ("GET", "/Nothing"), ("GET", "/Users/none"), ("POST", "/Schemas"), ("POST", "/Bulk"),
            ("POST", "/.search"), ("PUT", "/Users"),
        )
    }  # fmt: skip

    assert [each.status_code for each in said.values()] == [404, 404, 405, 501, 501, 405]
    assert all(is_scims(each) for each in said.values())


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
FILTER = st.lists(
    st.sampled_from(
        ["userName", "externalId", "emails", "[", "]", "(", ")", " eq ", " and ", " not ", " pr",
         '"a"', '"', ".value", "true", "null", "1e999", "\0", "urn:a:b:", "id", " co "]
    ),
    max_size=10,
).map("".join)  # fmt: skip
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["userName", "active", "emails", "value", "op", "path", "Operations", "members",
                 "displayName", "name", "schemas", "externalId", "primary", "meta"]
            ),
            inner,
        )
    ),
    max_leaves=10,
)  # fmt: skip
STEP = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "REMOVE", "move"]) | JSON},
    optional={
        "path": FILTER | st.sampled_from(["active", "emails", "name.givenName", "members"]) | JSON,
        "value": JSON,
    },
)


# How long examples take to be made says how busy the machine is, and nothing of us.
FEW = settings(
    derandomize=True, max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


class TestNothingBreaksIt:
    """Whatever comes, nobody gets an answer of 500, and refusals are SCIM's."""

    def test_no_filter_does(self, contoso: Directory) -> None:
        @FEW
        @given(FILTER | TEXT, st.sampled_from(["Users", "Groups"]))
        def ask(text: str, kind: str) -> None:
            answer = contoso.http.get(f"/{kind}", params={"filter": text})
            assert answer.status_code == 200 or (answer.status_code == 400 and is_scims(answer))

        ask()

    @pytest.mark.slow
    def test_no_body_does(self, contoso: Directory) -> None:
        row = contoso.join()["id"]

        @FEW
        @given(JSON, st.lists(STEP, max_size=3))
        def ask(said: Any, steps: list[Any]) -> None:
            patch = {"Operations": steps}
            body = said if not isinstance(said, dict) else {**contoso.said("new"), **said}
            for answer in (
                contoso.http.post("/Users", json=body),
                contoso.http.put(f"/Users/{row}", json=body),
                contoso.http.patch(f"/Users/{row}", json=patch),
                contoso.http.post("/Groups", json=said),
            ):
                assert answer.status_code < 300 or (answer.status_code < 500 and is_scims(answer))

        ask()

    @pytest.mark.parametrize(
        "body",
        [b"", b"[" * 50_000, b'{"userName": NaN}', b'{"userName": "a\\u0000@contoso.test"}',
         b'{"userName": "\\ud800@contoso.test"}', b"\xff\xfe",
         b'{"userName": ' + b"9" * 5000 + b"}",
         b'{"userName": "@contoso.test"}', b'{"userName": "' + b"a" * 300 + b'@contoso.test"}'],
        ids=range(9),
    )  # fmt: skip
    def test_bytes_that_are_no_person_are_refused(self, contoso: Directory, body: bytes) -> None:
        answer = contoso.http.post("/Users", content=body)

        assert answer.status_code == 400
        assert is_scims(answer)

    def test_no_bound_of_a_page_does(self, contoso: Directory) -> None:
        contoso.join()
        for asked in ("startIndex=-5&count=-1", "startIndex=999999999999999999999", "count=1e3"):
            assert contoso.http.get(f"/Users?{asked}").status_code in {200, 400}

    def test_attributes_that_are_not_there_are_not_given(self, contoso: Directory) -> None:
        row = contoso.join()["id"]

        only = contoso.http.get(f"/Users/{row}?attributes=userName").json()

        assert set(only) == {"schemas", "id", "userName"}
        assert (
            "emails"
            not in contoso.http.get(f"/Users/{row}", params={"excludedAttributes": "emails"}).json()
        )
        assert only["schemas"] == [USER]
