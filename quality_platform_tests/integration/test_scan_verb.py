"""`scan` as somebody runs it: a first look, what is new since, nothing new, and another language."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from quality_platform_tests.data.repositories import SNIPPETS, Repository


def scan(made: Repository, home: Path, *arguments: str) -> Any:
    environment = {**os.environ, "QUALITY_PLATFORM_HOME": str(home)}
    command = [sys.executable, "-m", "quality_platform", "scan", str(made.folder), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def test_what_is_shown_is_of_the_newest_commit_and_says_what_is_new(tmp_path: Path) -> None:
    made = Repository(tmp_path / "source")
    made.commit(
        "one",
        {"a.py": SNIPPETS[0], "b.py": "import os\n\nos.system(x)\n", "m.go": "package m\nfunc f() int { return 1 }\n"},
    )
    first = scan(made, tmp_path / "home", "--json")
    assert first["since_last_scan"] is None
    assert (first["summary"]["python_files"], first["summary"]["other_lines"]) == (2, 2)
    assert [row["severity"] for row in first["findings"]] == ["high", "low"]
    assert first["most_complex"][0]["qualified_name"] == "f"
    assert [row["path"] for row in first["hotspots"]] == ["a.py", "b.py", "m.go"]

    again = scan(made, tmp_path / "home", "--json")
    assert again["stored"] == {}
    assert again["since_last_scan"] is None
    assert again["findings"] == first["findings"]

    made.commit("two", {"b.py": None, "c.py": "import os\n\nos.system(x)\nos.popen(y)\n"})
    since = scan(made, tmp_path / "home", "--json")["since_last_scan"]
    assert [(row["path"], row["line"]) for row in since["new"]] == [("c.py", 4)]
    assert since["gone"] == 0

    made.commit("three", {"c.py": "x = 1\n"})
    text = scan(made, tmp_path / "home")
    assert "0 new findings above low, 2 gone" in text
    assert "Look at first" in text
