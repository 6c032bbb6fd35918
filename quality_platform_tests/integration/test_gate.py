"""The gate on real repositories: what is new, what only moved, what each format says, and the exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from quality_platform.collectors.contract import silent
from quality_platform.errors import SourceError
from quality_platform.gates.changes import read_changes
from quality_platform.gates.judging import judge
from quality_platform.gates.new_code import NewCode, new_code
from quality_platform.model.gate import DEFAULT_GATE
from quality_platform_tests.data.repositories import SNIPPETS, Repository

OLD = "import subprocess\n\n\ndef run(command):\n    subprocess.call(command, shell=True)\n    assert command\n"
TOKEN = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"


def repository(tmp_path: Path) -> Repository:
    """A main line of one commit, and a branch that is checked out."""
    made = Repository(tmp_path / "source")
    made.commit("one", {"old.py": OLD, "same.py": SNIPPETS[0], "gone.py": "assert 1\n"})
    made.git("checkout", "--quiet", "-b", "change")
    return made


def judged(made: Repository, tmp_path: Path, base: str = "main") -> NewCode:
    changes = read_changes(str(made.folder), base, tmp_path / "clone.git")
    return new_code(changes, tmp_path, b"key", 1, silent)


def test_what_moved_or_was_there_is_not_new(tmp_path: Path) -> None:
    made = repository(tmp_path)
    moved = OLD.replace("import subprocess\n", "import subprocess\nimport sys\n\n# a comment\nprint(sys.path)\n")
    made.commit("two", {"old.py": None, "new/place.py": moved, "gone.py": None})
    code = judged(made, tmp_path)
    assert [place for place in code.findings if place.rule == "S602"] == []
    assert [place.rule for place in code.findings] == []
    assert code.gone == 1
    assert code.files == 3
    assert judge(code, DEFAULT_GATE).passes


def test_what_is_new_is_told_with_its_place(tmp_path: Path) -> None:
    made = repository(tmp_path)
    branches = "".join(f"    if a == {number}:\n        return {number}\n" for number in range(20))
    made.commit(
        "two",
        {
            "old.py": OLD + "\n\ndef more(command):\n    subprocess.call(command, shell=True)  # noqa\n",
            "deep.py": f"def deep(a):\n{branches}",
            "notes.txt": f"token = {TOKEN}\n",
        },
    )
    code = judged(made, tmp_path)
    found = {(place.path, place.line, place.rule, place.function) for place in code.findings}
    assert {("old.py", 10, "S602", "more"), ("notes.txt", 1, "github-token", None)} <= found
    assert not any(place.line == 5 for place in code.findings if place.path == "old.py")
    assert [(place.function, place.value) for place in code.functions] == [("deep", 21), ("more", 1)]
    assert (code.suppressions, code.lines) == (1, 46)
    verdict = judge(code, DEFAULT_GATE)
    assert {outcome.condition.measure for outcome in verdict.outcomes if outcome.fails} == {
        "new_findings_high",
        "new_secrets",
    }
    assert not verdict.passes


def test_the_main_line_may_have_gone_on(tmp_path: Path) -> None:
    made = repository(tmp_path)
    made.commit("mine", {"mine.py": "assert 2\n"})
    made.git("checkout", "--quiet", "main")
    made.commit("theirs", {"theirs.py": "assert 3\n"})
    made.git("checkout", "--quiet", "change")
    assert [place.path for place in judged(made, tmp_path).findings] == ["mine.py"]


def test_copies_of_what_is_there_are_duplicated_lines(tmp_path: Path) -> None:
    made = repository(tmp_path)
    block = "def f(a, b):\n" + "".join(
        f"    x{number} = a + b * {number} - len(a)\n    b = x{number} % a\n" for number in range(9)
    )
    made.git("checkout", "--quiet", "main")
    made.commit("block", {"block.py": block})
    made.git("checkout", "--quiet", "-B", "change")
    made.commit("copy", {"copy.py": "import os\n" + block})
    code = judged(made, tmp_path)
    assert (code.duplicated, code.lines) == (19, 20)


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("coverage.json", json.dumps({"files": {"new.py": {
            "summary": {"num_statements": 4, "covered_lines": 3}, "executed_lines": [1, 2, 4], "missing_lines": [5]}}})),
        ("lcov.info", "SF:new.py\nDA:1,1\nDA:2,1\nDA:4,2\nDA:5,0\nend_of_record\n"),
        ("coverage.xml", ('<coverage><class filename="new.py"><line number="1" hits="1"/><line number="2" hits="1"/>'
                         '<line number="4" hits="1"/><line number="5" hits="0"/></class></coverage>')),
    ],
)  # fmt: skip
def test_new_lines_that_no_test_runs_are_told(tmp_path: Path, name: str, report: str) -> None:
    made = repository(tmp_path)
    made.commit("two", {"new.py": "a = 1\nif a:\n    # why\n    b = 2\n    c = 3\n"})
    assert judged(made, tmp_path).executable is None
    (made.folder / name).write_text(report)
    (tmp_path / "again").mkdir()
    code = judged(made, tmp_path / "again")
    assert (code.executable, [(place.path, place.line) for place in code.uncovered]) == (4, [("new.py", 5)])
    (outcome,) = [
        each for each in judge(code, DEFAULT_GATE).outcomes if each.condition.measure == "uncovered_lines_percent"
    ]
    assert (outcome.value, outcome.shown, outcome.holds, outcome.fails) == (25.0, "25", False, False)


def test_what_nobody_measured_breaks_nothing(tmp_path: Path) -> None:
    made = repository(tmp_path)
    made.commit("two", {"new.py": "a = 1\n"})
    summary = {"summary": {"num_statements": 1, "covered_lines": 1}}
    (made.folder / "coverage.json").write_text(json.dumps({"files": {"new.py": summary}}))
    outcomes = judge(judged(made, tmp_path), DEFAULT_GATE).outcomes
    (outcome,) = [each for each in outcomes if each.condition.measure == "uncovered_lines_percent"]
    assert (outcome.value, outcome.shown, outcome.holds) == (None, "not measured", True)


def test_odd_paths_and_files_do_not_confuse_it(tmp_path: Path) -> None:
    made = repository(tmp_path)
    made.write({'we"ird\nname\t.py': "assert 1\n", "binary.bin": b"\0\1\2" * 99, "ünï.py": "x = eval(y)\n"})
    (made.folder / "link").symlink_to("old.py")
    made.git("add", "--all")
    made.snapshot("odd")
    code = judged(made, tmp_path)
    assert {place.path for place in code.findings} == {'we"ird\nname\t.py', "ünï.py"}


@pytest.mark.parametrize("base", ["nowhere", "--upload-pack=touch x", ""])
def test_a_base_that_is_not_there_is_an_error(tmp_path: Path, base: str) -> None:
    with pytest.raises(SourceError, match="is no branch or tag"):
        judged(repository(tmp_path), tmp_path, base)


def gate(made: Repository, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QUALITY_PLATFORM_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "quality_platform", "gate", str(made.folder), *arguments]
    return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)


def test_the_verb_says_it_by_its_exit_code_and_in_every_format(tmp_path: Path) -> None:
    made = repository(tmp_path)
    made.commit("fine", {"fine.py": SNIPPETS[0]})
    assert gate(made, tmp_path).returncode == 0
    made.commit(
        "bad",
        {
            "bad|*.py": "import pickle\nx = pickle.loads(y)\nhashlib.md5(x)\nimport subprocess\nsubprocess.call(x, shell=True)\n"
        },
    )

    done = gate(made, tmp_path)
    assert (done.returncode, "Quality gate failed" in done.stdout) == (1, True)
    markdown = gate(made, tmp_path, "--format", "markdown", "--output", "gate.md")
    assert markdown.returncode == 1
    text = (tmp_path / "gate.md").read_text()
    assert "## Quality gate failed" in text
    assert "`bad|*.py:5` S602" in text
    sarif = json.loads(gate(made, tmp_path, "--format", "sarif").stdout)
    results = [result for run in sarif["runs"] for result in run["results"]]
    [place] = [result["locations"][0]["physicalLocation"] for result in results if result["ruleId"] == "S602"]
    assert place == {"artifactLocation": {"uri": "bad%7C%2A.py"}, "region": {"startLine": 5}}
    suite = fromstring(gate(made, tmp_path, "--format", "junit").stdout)[0]
    assert (suite.get("tests"), suite.get("failures")) == (str(len(DEFAULT_GATE)), "1")
    data = json.loads(gate(made, tmp_path, "--format", "json").stdout)
    assert (data["passes"], data["lines"]) == (False, 9)
    assert not (tmp_path / "home").exists()


def test_the_conditions_are_those_of_the_configuration(tmp_path: Path) -> None:
    made = repository(tmp_path)
    made.commit("low", {"low.py": "assert 1\n"})
    (tmp_path / "quality.yaml").write_text("projects: []\ngate:\n  - {measure: new_findings_low, maximum: 0}\n")
    assert gate(made, tmp_path).returncode == 1
    (tmp_path / "quality.yaml").write_text("projects: []\ngate:\n  - {measure: new_findings_low, maximum: 1}\n")
    assert gate(made, tmp_path).returncode == 0
