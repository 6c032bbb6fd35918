"""`scan` as somebody runs it: a first look, what is new since, nothing new, and another language."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from quality_platform_tests.data.repositories import SNIPPETS, Repository

BLOCK = "\n".join(f"value_{n} = compute({n}, first, second) + other[{n}].field" for n in range(30)) + "\n"


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

    assert {name: first["summary"][f"{name}_rating"] for name in ("security", "reliability")} == {
        "security": "D", "reliability": "B",
    }  # fmt: skip
    assert first["dependencies"] == {"packages": 0, "vulnerable": None}

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
    assert "Ratings: A maintainability" in text


def test_what_is_kept_of_a_scan_is_shown_only_while_lake_and_repository_are_as_they_were(tmp_path: Path) -> None:
    made, other, home = Repository(tmp_path / "source"), Repository(tmp_path / "other"), tmp_path / "home"
    made.commit("one", {"a.py": SNIPPETS[0]})
    other.commit("one", {"b.py": SNIPPETS[1]})
    first = scan(made, home, "--json")
    (kept,) = (home / "scans").iterdir()
    known = json.loads(kept.read_text())
    kept.write_text(json.dumps(known | {"found": known["found"] | {"project": "as it was kept"}}))
    assert scan(made, home, "--json")["project"] == "as it was kept"
    assert "as it was kept at" in scan(made, home)
    assert scan(made, home, "--bandit", "--json")["project"] == "source"

    kept.write_text(json.dumps(known | {"found": known["found"] | {"project": "as it was kept"}}))
    scan(other, home)
    assert scan(made, home, "--json")["project"] == "source"
    for broken in ("{", "{}"):
        kept.write_text(broken)
        assert scan(made, home, "--json")["summary"] == first["summary"]

    made.git("tag", "v1")
    assert scan(made, home, "--json")["stored"]["code_tags"] == 1
    (home / "lake" / "raw.sqlite").unlink()
    assert scan(made, home, "--json")["stored"]["code_commits"] == 1


def test_packages_are_looked_up_in_advisories_that_are_given(tmp_path: Path) -> None:
    made = Repository(tmp_path / "source")
    made.commit("one", {"requirements.txt": "flask==0.12\nnobody==1.0\n", "a.py": "x = 1\n"})
    record = {
        "id": "TEST-1", "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z", "summary": "Bad JSON",
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "flask"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "0.12.3"}]}],
        }],
    }  # fmt: skip
    (tmp_path / "osv.jsonl").write_text(json.dumps(record) + "\n")
    found = scan(made, tmp_path / "home", "--advisories", str(tmp_path / "osv.jsonl"), "--json")["dependencies"]
    assert found["packages"] == 2
    assert [(row["name"], row["vulnerability"], row["fixed_in"]) for row in found["vulnerable"]] == [
        ("flask", "TEST-1", "0.12.3")
    ]
    assert "2 packages, 1 of them in a vulnerable version" in scan(made, tmp_path / "home")


def test_a_number_of_a_bare_scan_has_its_way_to_batch_and_source(tmp_path: Path) -> None:
    made = Repository(tmp_path / "source")
    program = "def f():\n    try:\n        pass\n    except:\n        pass\n"
    made.commit("one", {"a.py": program, "b.py": BLOCK, "c.py": BLOCK, "requirements.txt": "flask==3.0\n"})
    summary = scan(made, tmp_path / "home", "--json")["summary"]
    environment = {**os.environ, "QUALITY_PLATFORM_HOME": str(tmp_path / "home")}
    for metric in (
        "lines_of_code",
        "debt_minutes",
        "findings_low",
        "maintainability_index",
        "packages",
        "clone_groups",
    ):
        command = [sys.executable, "-m", "quality_platform", "lineage", f"code.{metric}", "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        node = json.loads(done.stdout)
        assert node["name"].split(" = ")[1].split()[0] == f"{summary[metric]:,.6g}"
        assert node["facts"]["commit"] == summary["commit_sha"]
        batches = [each for each in node["children"][0]["children"] if each["kind"] == "batch"]
        source = batches[0]["children"][0]["children"][0]
        assert (source["kind"], source["facts"]["url"]) == ("source", str(made.folder))


def test_a_files_share_leads_to_its_content_its_commits_and_its_rows(tmp_path: Path) -> None:
    made = Repository(tmp_path / "source")
    made.commit("one", {"a.py": SNIPPETS[0], "b.py": "x = 1\n"})
    made.commit("two", {"a.py": SNIPPETS[1]})
    scan(made, tmp_path / "home")
    environment = {**os.environ, "QUALITY_PLATFORM_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "quality_platform", "lineage", "code.cyclomatic_complexity"]
    done = subprocess.run([*command, "--path", "a.py", "--json"], env=environment, capture_output=True, check=True)
    node = json.loads(done.stdout)
    assert (node["kind"], node["name"]) == ("file", "a.py")
    content, changes, rows = node["children"]
    assert content["name"] == made.git("rev-parse", "HEAD:a.py").strip()
    assert changes["facts"] == {"commits in a year": 2}
    assert [commit["name"].split(" ", 1)[1] for commit in changes["children"]] == ["two", "one"]
    assert rows["facts"] == {"rows": 1}
    wrong = subprocess.run(
        [*command, "--path", "gone.py"], env=environment, capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
    assert "gone.py is in no commit that was read" in wrong.stderr
