"""Copies planted in real files: how many are found, how much of what is told is a copy, and how long it takes.

    python benchmarks/duplication.py [FOLDER]

FOLDER holds Python files (by default the standard library's). Functions of 60 to 400 tokens are taken from some files
and planted into others: as they are, formatted and commented otherwise, or with every name renamed (types 1 and 2).
Only functions that nothing resembles beforehand are taken, and files without copies of their own, so that whatever is
told is right or wrong. To reach: recall and precision 0.95. jscpd runs over the same files where it is installed
(`npm install jscpd jscpd-linux-x64-gnu`, its program on the PATH).
"""

from __future__ import annotations

import ast
import builtins
import keyword
import random
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from quality_platform.analysis.duplication.clones import Group, clone_groups
from quality_platform.analysis.duplication.tokens import tokens_of

PLANTS = 150
MOST_FILES = 1500
KEPT = {*keyword.kwlist, *dir(builtins), "self", "cls"}


def groups(texts: list[str]) -> list[Group]:
    return clone_groups(tokens_of(texts, "python"))


def functions(text: str) -> list[str]:
    """Functions at the top level, without decorators."""
    lines = text.splitlines(keepends=True)
    nodes = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and not node.decorator_list]
    return ["".join(lines[node.lineno - 1 : node.end_lineno]) for node in nodes]


def renamed(text: str) -> str:
    return re.sub(r"[A-Za-z_]\w*", lambda match: match[0] if match[0] in KEPT else f"q_{match[0]}", text)


def reformatted(text: str) -> str:
    # comments at the ends of lines would change strings of several lines: only functions without such are taken
    return "\n\n".join(line + "  # seen" if line.strip() else "" for line in text.splitlines()) + "\n"


CHANGES = {"as it is": lambda text: text, "reformatted": reformatted, "renamed": renamed}
Place = tuple[str, int, int]
"""A file, and the first and last line in it."""


def readable(folder: Path) -> dict[str, str]:
    texts = {}
    for path in sorted(folder.rglob("*.py"))[:MOST_FILES]:
        text = path.read_text("utf-8", "replace")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        if 50 < text.count("\n") < 3000:
            texts[str(path.relative_to(folder)).replace("/", "_")] = text
    return texts


def candidates(texts: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (name, function) for name, text in texts.items() for function in functions(text)
        if 60 <= len(tokens_of([function], "python")[0].exact) <= 400
        and function.count("\n") >= 8 and not any(quote in function for quote in ("'''", '"""', "\\\n"))
    ]  # fmt: skip


def plant(texts: dict[str, str], chosen: list[tuple[str, str]]) -> tuple[dict[str, str], dict[str, list[Place]]]:
    """The files with the functions at their ends, and where each kind of copy stands."""
    files, planted = dict(texts), {kind: list[Place]() for kind in CHANGES}
    for number, (name, function) in enumerate(chosen):
        kind = list(CHANGES)[number % len(CHANGES)]
        block = CHANGES[kind](function)
        target = random.choice([other for other in texts if other != name])
        before = files[target].rstrip("\n") + "\n\n"
        files[target] = before + block
        start = before.count("\n") + 1
        planted[kind].append((target, start, start + block.count("\n") - 1))
    return files, planted


def overlap(one: Place, other: Place) -> int:
    """Lines that both have."""
    return max(min(one[2], other[2]) - max(one[1], other[1]) + 1, 0) if one[0] == other[0] else 0


def judge(found: list[Group], names: list[str], planted: dict[str, list[Place]]) -> None:
    told = [[(names[copy.file], copy.start_line, copy.end_line) for copy in group.copies] for group in found]
    for kind, wanted in planted.items():
        hits = 0
        for place in wanted:
            lines = max(overlap(place, copy) for group in told for copy in group)
            hits += lines >= 0.7 * (place[2] - place[1] + 1)
        print(f"{kind:12} recall {hits}/{len(wanted)} = {hits / len(wanted):.3f}")
    every = [place for places in planted.values() for place in places]
    right = sum(any(overlap(place, copy) for copy in group for place in every) for group in told)
    print(f"precision {right}/{len(told)} groups = {right / max(len(told), 1):.3f}")


def main() -> None:
    random.seed(1)
    texts = readable(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(sysconfig.get_paths()["stdlib"]))
    names = list(texts)
    alike = {names[copy.file] for group in groups(list(texts.values())) for copy in group.copies}
    clean = {name: text for name, text in texts.items() if name not in alike}
    choice = candidates(clean)
    files, planted = plant(clean, random.sample(choice, min(PLANTS, len(choice))))
    started = time.perf_counter()
    found = groups(list(files.values()))
    print(f"{len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB: {time.perf_counter() - started:.2f} s")
    judge(found, list(files), planted)
    program = shutil.which("jscpd")
    if program:
        with tempfile.TemporaryDirectory() as place:
            for name, text in files.items():
                Path(place, name).write_text(text)
            started = time.perf_counter()
            subprocess.run([program, "--silent", place], check=False, stdout=subprocess.DEVNULL)
            print(f"jscpd {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
