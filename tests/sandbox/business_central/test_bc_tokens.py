"""Signing in: what Entra says to wrong credentials, and what the API says to wrong tokens."""

from __future__ import annotations

import time

import httpx
import pytest

from sandbox.business_central import tokens
from sandbox.business_central.launch import Running
from tests.sandbox.business_central.bc_company import CLIENT, Books, ask_token, error_of


def companies(running: Running, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(f"{running.api_url}/companies", headers=headers)


def test_a_token_lives_about_an_hour(bc_running: Running) -> None:
    answer = ask_token(bc_running).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    assert companies(bc_running, answer["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "guess"}, 401, "invalid_client", "AADSTS7000215"),
        ({"client_id": "99999999-0000-0000-0000-000000000000"}, 400, "unauthorized_client",
         "AADSTS700016"),
        ({"scope": "https://graph.microsoft.com/.default"}, 400, "invalid_scope", "AADSTS70011"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", "AADSTS70003"),
        ({"scope": ""}, 400, "invalid_request", "AADSTS900144"),
    ],
)  # fmt: skip
def test_entra_says_which_part_is_wrong(
    bc_running: Running, changes: dict[str, str], status: int, error: str, number: str
) -> None:
    answer = ask_token(bc_running, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].startswith(f"{number}: ")


def test_an_unknown_tenant_is_named(bc_running: Running) -> None:
    answer = httpx.post(f"{bc_running.url}/nobody.example/oauth2/v2.0/token", data={})
    assert "AADSTS90002" in answer.json()["error_description"]


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "e30.0000",
        tokens.sign(tokens.TENANT, CLIENT, int(time.time()) - 1),
        tokens.sign("other.example", CLIENT, int(time.time()) + 60),
        tokens.sign(tokens.TENANT, "33333333-3333-3333-3333-333333333333", 9_999_999_999),
    ],
)
def test_a_wrong_or_old_token_is_401(bc_running: Running, token: str) -> None:
    answer = companies(bc_running, token)
    assert error_of(answer) == (401, "Authentication_InvalidCredentials")


def test_an_application_without_permission_is_403(bc_running: Running) -> None:
    books = Books(bc_running, client_id="22222222-2222-2222-2222-222222222222")
    assert error_of(books.ask("GET", "customers")) == (403, "Authorization_RequestDenied")
    books.close()


def test_a_reading_application_cannot_write(bc_running: Running) -> None:
    books = Books(bc_running, client_id="44444444-4444-4444-4444-444444444444")
    assert books.ask("GET", "customers").status_code == 200
    answer = books.ask("POST", "customerPaymentJournals", json={"code": "NO"})
    assert error_of(answer) == (403, "Authorization_RequestDenied")
    books.close()


def test_environment_and_company_have_errors_of_their_own(books: Books) -> None:
    elsewhere = books.root.replace("/production/", "/staging/")
    assert error_of(books.http.get(f"{elsewhere}/companies")) == (404, "NoEnvironment")
    nobody = f"{books.root}/companies(0b7a1c52-5a4e-4d57-9f0e-5a7f6f0c9f00)/customers"
    assert error_of(books.http.get(nobody)) == (404, "Internal_CompanyNotFound")
