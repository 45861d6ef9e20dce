"""Where the portal writes to nobody, however the address is dressed up."""

from typing import Any

import pytest

from policies.refusals import Code, Refused
from tokens.webhooks.addresses import check, is_public

INSIDE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104  # an address to refuse
    "192.0.0.1",
    "198.18.0.1",
    "192.88.99.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "64:ff9b::7f00:1",
    "nonsense",
]
OUTSIDE = ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::93.184.216.34"]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_written_to(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


def names(*addresses: str) -> Any:
    """A name service that answers so."""
    return lambda *_about, **_kind: [(2, 1, 6, "", (address, 443)) for address in addresses]


def code_of(url: str, **more: Any) -> Code | None:
    try:
        check(url, **more)
    except Refused as refused:
        return refused.code
    return None


def test_every_address_of_a_name_has_to_be_outside(settings: Any) -> None:
    url = "https://mixed.example/"
    assert code_of(url, resolve=names("93.184.216.34", "2606:2800:220:1::1")) is None
    assert code_of(url, resolve=names("93.184.216.34", "10.0.0.1")) == Code.WEBHOOK_URL_PRIVATE
    assert code_of(url, resolve=names()) == Code.WEBHOOK_URL_UNKNOWN
    settings.WEBHOOK_PRIVATE_HOSTS = ["mixed.example"]
    assert code_of("https://MIXED.example./", resolve=names("10.0.0.1")) is None
    assert code_of("https://other.example/", resolve=names("10.0.0.1")) == Code.WEBHOOK_URL_PRIVATE


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]:8443/x"]
)
def test_numbers_that_lead_inside_are_seen_through(url: str) -> None:
    assert code_of(url) == Code.WEBHOOK_URL_PRIVATE


@pytest.mark.parametrize(
    "url",
    [
        "",
        "school.example",
        "http://school.example/",
        "http://localhost/",
        "ftp://school.example/",
        "https://",
        "https:///x",
        "https://name:word@school.example/",
        "https://name@school.example/",
        "https://school.example:0/",
        "https://school.example:99999/",
        "https://school.example/#there",
        "https://school.example/a b",
        "https://school.example/\r\nX: y",
        "https://school.example\\@inside/",
        "https://[::1%25eth0]/",
        "https://[school]/",
        "https://schöol.example/",
        "https://school.example/" + "x" * 500,
    ],
)
def test_what_is_no_address_for_messages_is_said_to_be_none(url: str) -> None:
    assert code_of(url, resolve=names("93.184.216.34")) == Code.WEBHOOK_URL_INVALID


def test_a_developer_may_write_to_their_own_machine(settings: Any) -> None:
    settings.DEBUG = True
    assert code_of("http://localhost:9000/x", resolve=names("127.0.0.1")) is None
    assert code_of("http://school.example/", resolve=names("93.184.216.34")) == Code.WEBHOOK_URL_INVALID
