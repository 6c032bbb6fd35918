"""Personal data and secrets leave free text; everything else stays; and a hostile line costs no time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.privacy.numbers import iban_valid, luhn_valid
from quality_platform.collectors.privacy.text import scrub

REPLACED = [
    # addresses
    ("mail bob@example.com now.", "mail [email] now."),
    ("<jörg.müller+x@bücher.example.org>", "<[email]>"),
    ("o.k. a@b.co, c@d.example", "o.k. [email], [email]"),
    ("postgres://u:p@ss@db:5432/x?y=1#z", "postgres://[credentials]@db:5432/x?[query]"),
    ("redis://:pa/ss@h:6379/0", "redis://[credentials]@h:6379/0"),
    ("https://user@host/a#tok", "https://[credentials]@host/a#[fragment]"),
    ("GET /login?user=bob&token=1 HTTP/1.1", "GET /login?[query] HTTP/1.1"),
    ('see "https://a.example/b?c=d".', 'see "https://a.example/b?[query]".'),
    # secrets
    ("Authorization: Bearer abc.def-x", "Authorization: [secret]"),
    ("sent Bearer abcdef1234567 to", "sent Bearer [token] to"),
    ("password=hunter2&x=1", "password=[secret]&x=1"),
    ("password: 'hun,ter2 x', rest", "password: [secret], rest"),
    ("{'password': 'hun,ter2', 'a': 1}", "{'password': [secret], 'a': 1}"),
    ('{"db_password":"a b\\"c","z":1}', '{"db_password":[secret],"z":1}'),
    ("db_password => 'x' and", "db_password => [secret] and"),
    ('password="never closed', "password=[secret]"),
    ("AWS_SECRET_ACCESS_KEY=abc/def+1 ok", "AWS_SECRET_ACCESS_KEY=[secret] ok"),
    ("X-Api-Key: 12345", "X-Api-Key: [secret]"),
    ("client_secret = s3cr3t;", "client_secret = [secret];"),
    ("run --password hunter2 -x", "run --password [secret] -x"),
    ("run --api-key=abc", "run --api-key=[secret]"),
    ("Cookie: a=b; c=d\nnext", "Cookie: [cookie]\nnext"),
    ("{'Set-Cookie': 'sid=1; x', 'Host': 'h'}", "{'Set-Cookie': [cookie], 'Host': 'h'}"),
    ("key AKIAIOSFODNN7EXAMPLE used", "key [token] used"),
    ("ghp_" + "a1B2" * 9, "[token]"),
    ("xoxb-1234567890-abcdef", "[token]"),
    ("sk_live_4242424242424242", "[token]"),
    ("eyJhbGciOi.eyJzdWIi.sig-_x!", "[token]!"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- z", "[private key] z"),
    ("-----BEGIN PRIVATE KEY-----\nMII", "[private key]"),
    # numbers
    ("card 4111111111111111.", "card [card]."),
    ("order 17 4111 1111 1111 1111 2nd", "order 17 [card] 2nd"),
    ("4111-1111-1111-1111", "[card]"),
    ("378282246310005 and 3782 822463 10005", "[card] and [card]"),
    ("to GB82 WEST 1234 5698 7654 32 now", "to [account] now"),
    ("DE89370400440532013000", "[account]"),
    ("peer 203.0.113.77:80 gone.", "peer 203.0.113.0:80 gone."),
    ("from 10.1.2.3.", "from 10.1.2.0."),
    ("peer 2001:db8:1:2::5: refused", "peer 2001:db8:1::: refused"),
    ("[2001:db8:abcd:12::1]:443", "[2001:db8:abcd::]:443"),
    ("::ffff:203.0.113.9", "::ffff:203.0.113.0"),
]

KEPT = [
    "",
    "checkout",
    "Could not pay for order 17 after 3.5 s: timeout",
    "127.0.0.1:8000 and ::1 and 0.0.0.0",
    "version 999.1.2.3, v1.2.3.4, 1.2.3",
    "at 12:34:56 in Foo::Bar and a::b",
    "tests/test_a.py::test_b",
    "unexpected token: }",
    "max_tokens=512 tokenizer: x",
    "KeyError: 'password'",
    "id 1700000000000 and 4111111111111112",
    "0.4111111111111111",
    "https://medium.com/@user/p",
    "basic authentication and the bearer of bad news",
    "what? a = b",
    "user@localhost",
    "DE89370400440532013001",
]


@pytest.mark.parametrize(("text", "expected"), REPLACED)
def test_what_is_personal_or_secret_is_replaced_by_its_kind(text: str, expected: str) -> None:
    assert scrub(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_alike_stays(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize("text", [after for _, after in REPLACED])
def test_a_scrubbed_text_does_not_change_again(text: str) -> None:
    assert scrub(text) == text


SEEDS = [
    "a", "-", "=", ":", "@", ".", " ", "\n", "4", "1 ", "a@", "@a.", "a.", "a:", "::", "1.2.3.4.", "1:2:", "http://", "http://a?b ",
    "?a", "a?b=", "password", "password=", 'password="', "password='\\", 'password="\\', "token:", "bearer ", "bearer a1 ",
    "eyJ", "eyJ-", "eyJa.", "sk-", "sk-1", "ghp_", "xoxb-", "AKIA", "AB12", "AB12 ", "--password ", "--", "cookie:", "cookie:\n",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "4111-", "4444 4444 4444 444x ", "ü@", "basic aaaaaaaaaa ", "Authorization: ",
]  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_a_megabyte_of_anything_takes_about_a_second_at_most(seed: str) -> None:
    """Anything quadratic would take minutes; the margin is for busy machines."""
    line = seed * (1_000_000 // len(seed))
    started = time.process_time()
    scrub(line)
    assert time.process_time() - started < 20


@given(st.text(alphabet=st.sampled_from("ab1.:@-=/?' \"\n{}[]&;"), max_size=60))
def test_scrubbing_never_fails_and_keeps_plain_words(text: str) -> None:
    assert scrub(f"{text}\n\nplain words").endswith("plain words")


@given(st.text(alphabet="0123456789", min_size=1, max_size=18))
def test_the_check_digit_is_the_one_that_makes_the_sum_divisible(digits: str) -> None:
    """Oracle: the digit computed as in ISO/IEC 7812-1 from the weights 2 1 2 1 …, counted from the right."""
    doubled = [2 * int(digit) if index % 2 == 0 else int(digit) for index, digit in enumerate(reversed(digits))]
    check = -sum(sum(divmod(value, 10)) for value in doubled) % 10
    assert [digit for digit in range(10) if luhn_valid(f"{digits}{digit}")] == [check]


@given(st.from_regex(r"[A-Z]{2}", fullmatch=True), st.from_regex(r"[A-Z0-9]{11,30}", fullmatch=True))
def test_the_checksum_of_an_account_is_98_minus_the_remainder(country: str, account: str) -> None:
    """Oracle: check digits generated as ISO 13616 says, the number built digit by digit."""
    remainder = 0
    for character in f"{account}{country}00":
        for digit in str(int(character, 36)):
            remainder = (remainder * 10 + int(digit)) % 97
    assert iban_valid(f"{country}{98 - remainder:02}{account}")
    assert not iban_valid(f"{country}{(98 - remainder) % 97 + 1:02}{account}")
