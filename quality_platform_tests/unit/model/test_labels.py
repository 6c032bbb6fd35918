"""The canonical form of labels, against the standard library's JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from quality_platform.model.labels import canonical


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=10) | st.integers() | st.floats() | st.booleans()))
def test_it_is_json_with_sorted_names_texts_and_no_spaces(labels: dict[str, object]) -> None:
    texts = {name: str(labels[name]) for name in sorted(labels)}
    assert canonical(labels) == json.dumps(texts, separators=(",", ":"), ensure_ascii=False)


def test_half_characters_become_question_marks() -> None:
    assert canonical({"a\ud800": "b\udfff"}) == '{"a?":"b?"}'
