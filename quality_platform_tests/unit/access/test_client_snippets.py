"""Lines for each client are valid, complete and hold the key and the address that they were made for."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from sentry_sdk.utils import Dsn

from quality_platform.access import snippets
from quality_platform.access.clients import CLIENTS, STATSD
from quality_platform.access.keys import NewKey
from quality_platform.errors import UsageError
from quality_platform.settings import Settings

NEW = NewKey("shop", "qpk_" + "0a" * 20, 7)
BASE = "https://quality.example.com"
PLATFORM = Settings(statsd_port=8125)
FILLED = {client.name: client for client in snippets.snippets(NEW, BASE, PLATFORM)}
OF = {language: [c.name for c in FILLED.values() if c.language == language] for language in ("python", "shell", "yaml")}


def test_every_client_has_a_name_of_its_own_and_lines_that_are_filled() -> None:
    assert list(FILLED) == [client.name for client in (*CLIENTS, STATSD)]
    for client in FILLED.values():
        assert "$" not in client.lines, client.name
        assert client.lines.endswith("\n")
        if client.name != "statsd":
            assert NEW.key in client.lines
            assert "quality.example.com" in client.lines


@pytest.mark.parametrize("name", OF["python"])
def test_python_imports_what_exists_and_calls_what_it_has(name: str) -> None:
    tree = ast.parse(FILLED[name].lines)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    scope: dict[str, object] = {}

    exec(compile(ast.Module(imports, []), name, "exec"), scope)

    assert imports
    compile(tree, name, "exec")


@pytest.mark.parametrize("name", OF["shell"])
def test_shell_is_understood_by_a_shell(name: str, tmp_path: Path) -> None:
    script = tmp_path / "lines.sh"
    script.write_text(FILLED[name].lines)

    assert subprocess.run(["sh", "-n", str(script)], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", OF["yaml"])
def test_yaml_is_yaml(name: str) -> None:
    (target,) = yaml.safe_load(FILLED[name].lines)["remote_write"]

    assert target == {"url": f"{BASE}/api/v1/write", "authorization": {"credentials": NEW.key}}


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:8600", "https://example.com/quality"])
def test_a_dsn_is_one_to_sentry(base: str) -> None:
    dsn = Dsn(str(snippets.settings_of(NEW, base)["sentry_dsn"]))

    assert (dsn.public_key, dsn.project_id) == (NEW.key, "7")
    url = dsn.to_auth().get_api_url()
    assert re.sub(r":(80|443)(?=/)", "", url) == f"{base}/api/7/envelope/"


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (Settings(), "http://127.0.0.1:8600"),
        (Settings(host="0.0.0.0", api_port=80), "http://127.0.0.1:80"),
        (Settings(host="::"), "http://localhost:8600"),
        (Settings(host="::1"), "http://[::1]:8600"),
        (Settings(public_url="https://q.example.com/x/"), "https://q.example.com/x"),
    ],
)
def test_the_address_is_one_that_clients_can_reach(settings: Settings, wanted: str) -> None:
    assert snippets.address(settings) == wanted


def test_statsd_is_shown_where_somebody_listens_for_it() -> None:
    silent = Settings()

    assert "statsd" not in {client.name for client in snippets.snippets(NEW, BASE, silent)}
    assert "statsd" not in snippets.settings_of(NEW, BASE, silent)
    assert snippets.settings_of(NEW, BASE, PLATFORM)["statsd"] == {
        "host": "quality.example.com", "port": 8125, "project": "shop",
    }  # fmt: skip
    with pytest.raises(UsageError):
        snippets.known("statsd", silent)
    assert snippets.known("statsd", PLATFORM) == "statsd"
