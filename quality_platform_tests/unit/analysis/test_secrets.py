"""Secrets of every kind are found, what only looks like one is not, and none leaves the file."""

from __future__ import annotations

import time

import pytest

from quality_platform.analysis.secrets import KINDS, find

KEY = b"key"
# put together here, so that this file holds none
REAL = {
    "private-key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7" * 4,
    "aws-access-key": "AKIA" + "QYLPMN5HHHFPZAM2",
    "github-token": "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx",
    "gitlab-token": "glpat-" + "kTy9pQw3Zx8VbN2mLr4d",
    "slack-token": "xoxb-" + "2938472938-293847293847-aB3dE5fG7hI9",
    "slack-webhook": "https://hooks.slack.com/services/" + "T01ABCDEF/B01ABCDEF/a1B2c3D4e5F6g7H8i9J0k1L2",
    "stripe-key": "sk_live_" + "51HqLyjWDarjtT1zdp7dcXyz",
    "google-api-key": "AIza" + "SyDaGmWKa4JsXZ5HjGAc7PzYt8kQwErTyUi",
    "sendgrid-key": "SG." + "aB3dE5fG7hI9jK1lM3nO5p" + "." + "qR7sT9uV1wX3yZ5aB7cD9eF1gH3iJ5kL7mN9oP1qR3s",
    "twilio-key": "SK" + "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "npm-token": "npm_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5",
    "pypi-token": "pypi-AgE" + "IcHlwaS5vcmcCJGI4ZGM1NTZlLTk4ZWYtNDhkZi1hNzQ2LWYxZGIxMTM",
    "digitalocean-token": "dop_v1_" + "0a1b2c3d4e5f6071" * 4,
    "anthropic-key": "sk-ant-" + "api03-aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1",
    "openai-key": "sk-" + "aB3dE5fG7hI9jK1lM3nO" + "T3BlbkFJ" + "pQ7rS9tU1vW3xY5zA7bC",
    "azure-storage-key": "AccountKey=" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9" * 2 + "aB==",
    "telegram-token": "123456789:AA" + "HdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
    "json-web-token": "eyJhbGciOiJIUzI1NiIsInR5.eyJzdWIiOiIxMjM0NTY3ODkw.SflKxwRJSMeKKF2QT4fwpMeJf36POk6y",
    "password-in-url": "postgres://app:" + "k9Zp2vLq7T" + "@db.internal/shop",
    "password": 'DB_PASSWORD = "' + "k9Zp2vLq7TwX" + '"',
}


@pytest.mark.parametrize("rule", REAL)
def test_each_kind_is_found_where_it_stands(rule: str) -> None:
    [finding] = [item for item in find(f"# settings\nx =   {REAL[rule]}\n".encode(), KEY) if item.rule == rule]
    assert (finding.tool, finding.category, finding.cwe, finding.line) == ("secrets", "security", 798, 2)
    assert finding.column_number >= 4


def test_every_kind_has_a_case() -> None:
    assert {kind.rule for kind in KINDS} == REAL.keys()


@pytest.mark.parametrize(
    "text",
    [
        'password = "changeme-please"', 'PASSWORD = os.environ["DB_PASSWORD"]', 'secret_key = "your-secret-key-here"',
        "AKIAIOSFODNN7EXAMPLE", 'api_key: "xxxxxxxxxxxxxxxx"', "https://user:password@localhost/", 'token = "aaaaaaaaaaaaaa"',
        'password: "${DB_PASSWORD}"', 'def password(self, value="short"):', "ghp_tooshort", "-----BEGIN PUBLIC KEY-----",
        'password_label = "Please enter it"',
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert find(text.encode(), KEY) == ()


def test_nothing_of_a_secret_leaves_the_file_but_two_characters() -> None:
    for text in REAL.values():
        for finding in find(text.encode(), KEY):
            assert text not in repr(finding)
            assert text[-12:-2] not in repr(finding)


def test_the_same_secret_elsewhere_is_the_same() -> None:
    one, two = (
        find(text.encode(), KEY)[0] for text in (f"a = '{REAL['github-token']}'", f"\n\ntoken: {REAL['github-token']}")
    )
    assert one.snippet_hash == two.snippet_hash
    assert find(f"a = '{REAL['github-token']}'".encode(), b"other")[0].snippet_hash != one.snippet_hash


@pytest.mark.parametrize("text", [b"a" * 1_000_000, b"password=" * 100_000, b"'\"" * 400_000, b"eyJ." * 250_000])
def test_time_is_linear_whatever_the_text(text: bytes) -> None:
    started = time.process_time()
    assert len(find(text, KEY)) <= 200
    assert time.process_time() - started < 2


def test_what_is_binary_is_left_alone() -> None:
    assert find(b"\0" + REAL["github-token"].encode(), KEY) == ()
