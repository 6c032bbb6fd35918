from __future__ import annotations

import base64
from pathlib import Path

import pytest

from quality_platform.collectors.repository.location import locate
from quality_platform.errors import SourceError


@pytest.mark.parametrize(
    ("url", "address", "shown", "protocols"),
    [
        ("https://host/a/b.git", "https://host/a/b.git", "https://host/a/b.git", "https"),
        ("http://host:8080/b", "http://host:8080/b", "http://host:8080/b", "http:https"),
        ("https://me:s3cret@host/b", "https://host/b", "https://host/b", "https"),
        ("https://s3cret@host:444/b", "https://host:444/b", "https://host:444/b", "https"),
        ("ssh://git@host:22/b.git", "ssh://git@host:22/b.git", "ssh://host:22/b.git", "ssh"),
        ("ssh://git:s3cret@host/b", "ssh://git@host/b", "ssh://host/b", "ssh"),
        ("git@host:a/b.git", "git@host:a/b.git", "host:a/b.git", "ssh"),
        ("host:b", "host:b", "host:b", "ssh"),
        ("me@host:/srv/b", "me@host:/srv/b", "host:/srv/b", "ssh"),
    ],
)
def test_an_address_loses_its_secrets_and_allows_one_protocol(
    url: str, address: str, shown: str, protocols: str
) -> None:
    location = locate(url)
    assert (location.address, location.shown) == (address, shown)
    assert location.environment["GIT_ALLOW_PROTOCOL"] == protocols
    assert location.folder is None
    assert location.arguments == ()
    assert "s3cret" not in repr(location)


def test_credentials_go_to_their_host_alone_and_never_into_a_command() -> None:
    environment = locate("https://me:p%40ss@host:8443/b").environment
    assert environment["GIT_CONFIG_KEY_0"] == "http.https://host:8443/.extraHeader"
    name, _, encoded = environment["GIT_CONFIG_VALUE_0"].rpartition(" ")
    assert name == "Authorization: Basic"
    assert base64.b64decode(encoded) == b"me:p@ss"


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x",
        "ext://x",
        "git://host/b",
        "ftp://host/b",
        "https://",
        "https:///b",
        "ssh://-oProxyCommand=x/b",
        "-oProxyCommand=x:b",
        "fd::17",
        "https://[::1/b",
        "--upload-pack=x",
        "",
    ],
)
def test_other_addresses_are_refused_with_a_sentence(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if url == "":
        assert locate(url).folder == tmp_path  # an empty path is the working folder, as everywhere
        return
    with pytest.raises(SourceError, match=r"repository\.url|does not exist"):
        locate(url)


def test_a_folder_is_local_whatever_its_name_looks_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / "host:path"
    odd.mkdir()
    monkeypatch.chdir(tmp_path)
    assert locate("host:path").folder == odd
    assert locate(odd.as_uri()).folder == odd
    assert locate(str(odd)).environment == {"GIT_ALLOW_PROTOCOL": "file"}


def test_a_path_may_begin_with_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate("~").folder == tmp_path
