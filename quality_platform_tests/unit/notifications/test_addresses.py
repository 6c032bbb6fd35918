"""The corpus of addresses that a channel's URL must not reach, in every spelling the system understands."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address, ip_network

import pytest

from quality_platform.errors import ConfigurationError
from quality_platform.notifications.addresses import is_public, reachable, resolved
from quality_platform.notifications.network import Network

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    assert reachable([address], []) == ((), ())


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert reachable([address], []) == ((), (address,))


def test_the_allow_list_opens_its_networks_and_no_more() -> None:
    networks = [ip_network("10.1.0.0/16"), ip_network("::1/128")]
    found = ["10.1.2.3", "10.2.0.1", "::1", "127.0.0.1", "8.8.8.8", "::ffff:10.1.2.3"]
    assert reachable(found, networks) == (("10.1.2.3", "::1"), ("8.8.8.8",))


def test_a_zone_does_not_hide_an_address() -> None:
    assert reachable(["fe80::1%eth0"], []) == ((), ())
    assert reachable(["fe80::1%eth0"], [ip_network("fe80::/10")]) == (("fe80::1%eth0",), ())


@pytest.mark.parametrize(
    "spelling", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "localhost"]
)
def test_every_spelling_of_loopback_resolves_to_it(spelling: str) -> None:
    assert set(resolved(spelling, 80, 3.0)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 64 + ".example", ".."])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(socket.gaierror):
        resolved(name, 80, 3.0)


def test_a_silent_name_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [time.sleep(3)][:0])
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"not resolved within 0.05 s"):
        resolved("slow.example", 443, 0.05)
    assert time.monotonic() - begun < 2


def test_the_setting_is_read() -> None:
    assert Network.allowing(["127.0.0.0/8", " ::1 "]).allowed == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert Network.allowing([]).allowed == ()


@pytest.mark.parametrize("cidr", ["", "localhost", "10.0.0.1/8", "10.0.0.0/33", "*"])
def test_a_wrong_network_names_setting_and_fix(cidr: str) -> None:
    with pytest.raises(ConfigurationError, match=r"webhook_allow_cidrs.*10\.0\.0\.0/8"):
        Network.allowing([cidr])
