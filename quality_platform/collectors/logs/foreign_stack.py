"""Stacks of JavaScript and of the Java virtual machine as text: `at function (file:line)`.

Belongs here: these two forms, which loggers of many languages share. Does not belong here: Python
(`python_traceback.py`).
"""

from __future__ import annotations

import re

from quality_platform.collectors.logs.frames import Frame, RaisedException, shortened

CAUSE = "Caused by: "
_JAVA = re.compile(r"\s{1,8}at (?:[\w.@-]{1,200}/)?([\w.$]{1,400})\.([\w$<>]{1,200})\(([^():]{1,300})(?::(\d{1,9}))?\)")
_SCRIPT = re.compile(
    r"\s{1,8}at (?:(?:async )?(?P<function>[^()\n]{1,300}?) \()?"
    r"(?P<file>[^()\n]{1,1000}?):(?P<line>\d{1,9}):\d{1,9}\)?$"
)
# a type is a dotted name whose last part has a capital: "timeout: 5 s" is no exception of type timeout
_FIRST = re.compile(
    r"(?:Exception in thread \"[^\"\n]{0,200}\" |Uncaught |Unhandled )?"
    r"(?P<type>(?:[\w$]{1,100}\.){0,20}[A-Z$][\w$]{0,100})(?:: (?P<message>.*))?$",
    re.DOTALL,
)
_LIBRARIES = (
    "java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.", "clojure.", "groovy.",
    "org.springframework.", "org.apache.", "org.hibernate.", "org.eclipse.", "io.netty.", "reactor.",
)  # fmt: skip


def start_of_stack(lines: list[str]) -> int | None:
    """Index of the line that names the exception, before the first frame; None when there is no frame."""
    first = next((index for index, line in enumerate(lines) if _frame(line) is not None), None)
    if first is None:
        return None
    naming = (index for index in range(first - 1, -1, -1) if _FIRST.match(lines[index]))
    return next(naming, max(0, first - 1))


def parse_stack(lines: list[str]) -> tuple[RaisedException, ...]:
    """The exceptions, root cause first. The first line names the exception; frames come innermost first."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(CAUSE):
            blocks.append([])
        blocks[-1].append(line.removeprefix(CAUSE))
    return tuple(_exception(block) for block in reversed(blocks) if block)


def _exception(lines: list[str]) -> RaisedException:
    frames = [frame for frame in map(_frame, lines) if frame is not None]
    frames.reverse()
    text: list[str] = []
    for line in lines:
        if _frame(line) is not None:
            break
        text.append(line)
    return named("\n".join(text), shortened(frames))


def named(text: str, frames: tuple[Frame, ...] = ()) -> RaisedException:
    """The exception of a text like "Type: message"; the type is None where the text begins with none."""
    match = _FIRST.match(text)
    if match is None:
        return RaisedException(None, text, frames)
    return RaisedException(match["type"], match["message"] or "", frames)


def _frame(line: str) -> Frame | None:
    if "at " not in line[:12]:
        return None
    java = _JAVA.match(line)
    if java:
        module, function, file, number = java.groups()
        return Frame(module, function, file, int(number) if number else None, not module.startswith(_LIBRARIES))
    script = _SCRIPT.match(line)
    if script is None:
        return None
    file = script["file"].removeprefix("file://")
    in_app = "node_modules/" not in file and not file.startswith(("node:", "internal/", "native"))
    module = re.sub(r"\.\w{1,5}$", "", file.replace("\\", "/").rpartition("/")[2])
    return Frame(module, script["function"], file, int(script["line"]), in_app)
