"""Properties are hidden by name, scrubbed by value and bounded."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.privacy.properties import MAX_BYTES, is_personal, safe_json


@pytest.mark.parametrize(
    "name",
    ["password", "userPassword", "DB_PASSWORD", "access_token", "apiKey", "x-api-key", "client_secret", "email", "e_mail",
     "user_email", "ip", "clientIP", "ip_address", "remote-ip", "authorization", "cookie", "Set-Cookie", "phone", "phoneNumber",
     "ssn", "card", "card_number", "cardNumber", "iban", "first_name", "lastName", "full name", "username", "dob", "pin"],
)  # fmt: skip
def test_these_names_are_personal(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize(
    "name", ["plan", "passenger", "discard", "ship", "tip", "tokens", "tokenizer", "names", "recipe", "pinned",
             "session_length", "duration_ms", "screen", "button"],
)  # fmt: skip
def test_these_names_are_not(name: str) -> None:
    assert not is_personal(name)


def test_values_are_hidden_by_name_and_scrubbed_by_content_at_every_depth() -> None:
    properties = {
        "plan": "pro", "n": 3, "ok": True, "nothing": None, "password": "hunter2", "note": "call bob@example.com",
        "deep": {"email": "x", "list": [{"token": 1}, "203.0.113.9"]}, "number": 4111111111111111, "ip": None,
    }  # fmt: skip
    text, cut = safe_json(properties)
    assert not cut
    assert json.loads(text) == {
        "plan": "pro", "n": 3, "ok": True, "nothing": None, "password": "[password]", "note": "call [email]",
        "deep": {"email": "[email]", "list": [{"token": "[token]"}, "203.0.113.0"]}, "number": "[card]", "ip": None,
    }  # fmt: skip


def test_a_name_may_be_personal_itself() -> None:
    assert json.loads(safe_json({"bob@example.com": 1})[0]) == {"[email]": 1}


def test_objects_deeper_than_eight_levels_are_left_out() -> None:
    value: object = "bottom"
    for _ in range(20):
        value = {"a": value}
    text = safe_json({"a": value})[0]
    assert text.count('"a"') == 8
    assert "[too deep]" in text


@pytest.mark.parametrize("count", [2, 20, 5000])
def test_too_many_bytes_lose_the_largest_properties_first_and_say_so(count: int) -> None:
    text, cut = safe_json({"small": 1, **{f"p{index}": "ü" * (40_000 // count) for index in range(count)}})
    assert cut
    assert len(text.encode()) <= MAX_BYTES
    kept = json.loads(text)
    assert kept["small"] == 1
    assert all(name not in kept for name in kept["_cut"])


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=8), json_values, max_size=6))
def test_the_result_is_always_json_with_sorted_names_and_the_same_every_time(properties: dict[str, object]) -> None:
    text, _ = safe_json(properties)
    assert list(json.loads(text)) == sorted(json.loads(text), key=lambda name: name.encode())
    assert safe_json(dict(reversed(properties.items())))[0] == text
