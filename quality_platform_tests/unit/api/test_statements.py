"""Statements and keys without values: SQL of several systems, commands, and never in more than linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.api.ingest.statements import key_pattern, statement, verb


@pytest.mark.parametrize(
    ("text", "system", "expected"),
    [
        ("SELECT * FROM t WHERE a = 'x' AND n=5", None, "SELECT * FROM t WHERE a = ? AND n=?"),
        ("SELECT 'it''s', 'b'", None, "SELECT ?, ?"),
        ("SELECT E'a' , N'b', x'ff'", None, "SELECT ? , ?, ?"),
        ("SELECT 1.5, 0xFF, 1e-5, -3", None, "SELECT ?, ?, ?-?, -?"),
        ("SELECT col1, t2.a FROM t2 WHERE id = $1 AND b = :name AND c = %s AND d = ?", "postgresql",
         "SELECT col1, t2.a FROM t2 WHERE id = $1 AND b = :name AND c = %s AND d = ?"),
        ("SELECT * FROM t WHERE id IN (1, 2,3)", None, "SELECT * FROM t WHERE id IN (?)"),
        ("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')", None, "INSERT INTO t (a, b) VALUES (?)"),
        ('SELECT "user"."id" FROM "user"', "postgresql", 'SELECT "user"."id" FROM "user"'),
        ('SELECT "bob" FROM t', "mysql", "SELECT ? FROM t"),
        ('SELECT "bob" FROM t', None, "SELECT ? FROM t"),
        ('SELECT "bob@example.com" FROM t', "postgresql", "SELECT ? FROM t"),
        ("SELECT $$secret$$, $q$it's$q$ FROM t", "postgresql", "SELECT ?, ? FROM t"),
        ("SELECT 1 /* user=bob */ FROM t -- mail=bob\nWHERE a=2", None, "SELECT ? FROM t WHERE a=?"),
        (r"SELECT 'it\'s bob' FROM t", "mysql", "SELECT ?"),
        ("SELECT 'never closed", None, "SELECT ?"),
        ("SELECT\n  a,\n  b\nFROM t", None, "SELECT a, b FROM t"),
        ("GET user:5", "redis", "GET user:?"),
        ("SET 'session:abc' 'hunter2'", "redis", "SET session:abc"),
        ("", None, ""),
        ("", "redis", ""),
    ],
)  # fmt: skip
def test_values_are_masked(text: str, system: str | None, expected: str) -> None:
    assert statement(text, system) == expected


SECRET = st.text(st.characters(codec="ascii", exclude_characters="'\\\0"), min_size=6, max_size=30)


@given(SECRET, st.sampled_from([None, "mysql", "postgresql", "sqlite", "mssql"]))
def test_a_quoted_text_never_stays(secret: str, system: str | None) -> None:
    marked = f"zq{secret}qz"
    found = statement(f"SELECT a FROM t WHERE b = '{marked}' AND c = 'x'", system)

    assert found == "SELECT a FROM t WHERE b = ? AND c = ?"


@given(st.text(max_size=200), st.sampled_from([None, "mysql", "postgresql", "redis"]))
def test_anything_is_masked_without_an_error(text: str, system: str | None) -> None:
    once = statement(text, system)

    assert len(once) <= len(text) + 1


@pytest.mark.parametrize(
    "piece", ["'", '"', "(", "(?", "/*", "--", "$a$", "$", "1", "a", "\\'", "?,", "(?),", " ", ":a", "-"]
)
def test_no_statement_takes_longer_than_its_length(piece: str) -> None:
    text = piece * 4000
    start = time.process_time()
    for system in (None, "postgresql", "redis"):
        statement.__wrapped__(text, system)
    key_pattern.__wrapped__(text)

    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("user:5", "user:?"),
        ("user:5:cart", "user:?:cart"),
        ("views.decorators.cache.header.0123456789abcdef", "views.decorators.cache.header.?"),
        ("session/aGVsbG93b3JsZGhlbGxvd29ybGQ", "session/?"),
        ("plain", "plain"),
        ("v1-stock", "?-stock"),
        ("", ""),
    ],
)
def test_keys_of_one_kind_are_one_route(key: str, expected: str) -> None:
    assert key_pattern(key) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("select 1", "SELECT"), ("  INSERT INTO t", "INSERT"), ("x.y", None), ("", None), ("5", None), ("BEGIN", "BEGIN")],
)
def test_the_verb_is_the_first_word(text: str, expected: str | None) -> None:
    assert verb(text) == expected
