"""Where an address leads, and whether that looks public."""

from __future__ import annotations

import pytest

from quittance.core.origins import Origin, origin_of


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("https://Api.Example.com/v2.0/", "api.example.com", 443),
        ("HTTPS://api.example.com:8443", "api.example.com", 8443),
        ("https://[::1]", "::1", 443),
    ],
)
def test_an_origin_is_scheme_host_and_port(address: str, host: str, port: int) -> None:
    assert origin_of(address) == Origin("https", host, port)


@pytest.mark.parametrize(
    "address",
    [
        "", "api.example.com", "//api.example.com", "https://", "ftp://api.example.com",
        "https://api.example.com:port", "https://api.example.com:0", "https://a.example?x",
        "https://user@api.example.com", "https://a.example\\@b.example", "https://a.example#x",
        "\x01https://api.example.com", "https://api.example.com\n", "https://a pi.example.com",
        "https://%31%30.0.0.5", "https://１0.0.0.5", "https://[::",
    ],
)  # fmt: skip
def test_what_two_programs_could_read_in_two_ways_is_no_address(address: str) -> None:
    assert origin_of(address) is None


@pytest.mark.parametrize(
    "host",
    [
        "2852039166", "0xA9FEA9FE", "169.254.169.254", "10.0.0.5", "127.1", "0x7f.0x1", "8.8.8.8",
        "[fd00:ec2::254]", "[::1]", "[::ffff:10.0.0.5]", "postgres", "localhost", "web.localhost",
        "printer.local", "metadata.google.internal", "api.default.svc", "a..example", ".example",
        "api.example.com.",
    ],
)  # fmt: skip
def test_numbers_bare_names_and_inner_networks_do_not_look_public(host: str) -> None:
    origin = origin_of(f"https://{host}")

    assert origin is not None
    assert not origin.looks_public


@pytest.mark.parametrize(
    "host", ["api.businesscentral.dynamics.com", "login.microsoftonline.com", "a.xn--p1ai"]
)
def test_a_name_of_the_public_dns_looks_public(host: str) -> None:
    origin = origin_of(f"https://{host}")

    assert origin is not None
    assert origin.looks_public
