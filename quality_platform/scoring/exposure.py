"""Where code runs, told by its path: in production, on a developer's machine, or in tests."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

RUNTIME, DEV, TEST = EXPOSURES = ("runtime", "dev", "test")

# `testing` is missing on purpose: packages of that name (flask.testing, numpy.testing) are shipped.
TEST_PATH = (
    r"(?i)(^|/)(tests?|__tests__|test[-_]?data|test[-_]?suite|fixtures?|integration[-_]tests?)/"
    r"|^specs?/"
    r"|(^|/)(test_[^/]*|[^/]*_tests?|conftest|tests?)\.[^/.]+$"
)
# Names that a shipped package may well have (tools, scripts, build) count at the top of the repository only.
DEV_PATH = (
    r"(?i)(^|/)(docs?|examples?|samples?|demos?|benchmarks?|tutorials?|notebooks?|\.[^/]+)/"
    r"|^(scripts?|tools?|ci|build|bench|hack)/"
    r"|^(setup|noxfile|tasks|fabfile|dodo|wscript)\.py$"
)


def exposure(paths: Any) -> pa.Array:
    """One of `EXPOSURES` for each path (Arrow strings with forward slashes, any nulls as runtime).

    Each distinct path is looked at once; the expressions are RE2's, linear in the length of a hostile path.
    """
    encoded = pc.dictionary_encode(_flat(paths).cast(pa.string()), null_encoding="encode")
    distinct = encoded.dictionary.fill_null("")
    in_tests = pc.match_substring_regex(distinct, TEST_PATH)
    for_dev = pc.match_substring_regex(distinct, DEV_PATH)
    return pc.if_else(in_tests, TEST, pc.if_else(for_dev, DEV, RUNTIME)).take(encoded.indices)


def _flat(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
