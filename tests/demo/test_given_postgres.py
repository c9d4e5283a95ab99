"""A given PostgreSQL is made ready, or refused with a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from demo import postgres, roles

pytestmark = pytest.mark.slow
PASSWORDS = roles.Passwords("unused", "owner-word", "app-word", "reader-word")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    with postgres.started(tmp_path_factory.mktemp("given") / "postgres") as running:
        with psycopg.connect(running.admin_url(), autocommit=True) as admin:
            admin.execute("DROP ROLE quittance_app")
            admin.execute("DROP ROLE quittance_owner")
            admin.execute("DROP ROLE quittance_reader")
            admin.execute("CREATE ROLE maker LOGIN CREATEROLE CREATEDB PASSWORD 'm'")
            admin.execute("CREATE ROLE guest LOGIN PASSWORD 'g'")
        yield running


def address(server: postgres.Server, role: str, password: str, database: str) -> str:
    return roles.address_of(server.admin_url(), role=role, password=password, database=database)


def test_a_role_that_may_make_roles_is_enough(server: postgres.Server) -> None:
    given = address(server, "maker", "m", "fresh")

    first = roles.prepare_given(given, None, PASSWORDS)
    again = roles.prepare_given(given, None, PASSWORDS)

    assert first == again
    with psycopg.connect(first.owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE bill (amount bigint)")
    with psycopg.connect(first.app, autocommit=True) as app:
        app.execute("INSERT INTO bill VALUES (5)")
        assert app.execute("SHOW lock_timeout").fetchone() == ("2s",)


def test_prepared_roles_are_used_as_they_are(server: postgres.Server) -> None:
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute("CREATE ROLE theirs LOGIN PASSWORD 't'")
        admin.execute("CREATE ROLE their_app LOGIN PASSWORD 'a'")
        admin.execute("CREATE DATABASE prepared OWNER theirs")
    app_address = address(server, "their_app", "a", "prepared")
    owner_address = address(server, "theirs", "t", "prepared")

    ready = roles.prepare_given(app_address, owner_address, PASSWORDS)

    assert ready == roles.Addresses(owner=owner_address, app=app_address)
    with psycopg.connect(ready.owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE bill (amount bigint)")
    with psycopg.connect(ready.app, autocommit=True) as app:
        app.execute("INSERT INTO bill VALUES (5)")
        assert app.execute("SHOW statement_timeout").fetchone() == ("10s",)


def test_a_role_without_rights_is_refused(server: postgres.Server) -> None:
    with pytest.raises(roles.NotUsable, match="may not make roles and databases"):
        roles.prepare_given(address(server, "guest", "g", "fresh"), None, PASSWORDS)


def test_an_application_role_above_row_security_is_refused(server: postgres.Server) -> None:
    mighty = server.admin_url()

    with pytest.raises(roles.NotUsable, match="walls between tenants would not hold"):
        roles.prepare_given(mighty, mighty, PASSWORDS)


def test_one_role_for_both_is_refused(server: postgres.Server) -> None:
    one = address(server, "guest", "g", "postgres")

    with pytest.raises(roles.NotUsable, match="the same role"):
        roles.prepare_given(one, one, PASSWORDS)


def test_somebody_elses_database_is_left_alone(server: postgres.Server) -> None:
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE foreign_house")
    with psycopg.connect(server.admin_url("foreign_house"), autocommit=True) as guest:
        guest.execute("CREATE TABLE theirs (number int)")

    with pytest.raises(roles.NotUsable, match="belongs to postgres and has tables"):
        roles.prepare_given(address(server, "maker", "m", "foreign_house"), None, PASSWORDS)


def test_an_empty_database_is_taken_over(server: postgres.Server) -> None:
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE empty_house OWNER maker")

    ready = roles.prepare_given(address(server, "maker", "m", "empty_house"), None, PASSWORDS)

    with psycopg.connect(ready.owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE bill (amount bigint)")


def test_a_server_that_does_not_answer_says_so() -> None:
    with pytest.raises(roles.NotUsable, match="The given PostgreSQL said"):
        roles.prepare_given("postgresql://a:b@127.0.0.1:1/x", None, PASSWORDS)


def test_a_password_with_odd_characters_survives_the_address() -> None:
    made = roles.address_of(
        "postgresql://x:y@[::1]:5432/a?sslmode=require",
        role="me",
        password="p@ss/w:rd",
        database="da ta",
    )

    assert made == "postgresql://me:p%40ss%2Fw%3Ard@[::1]:5432/da%20ta?sslmode=require"
    assert roles.database_in(made) == "da ta"
