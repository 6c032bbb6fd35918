"""Reading `quality.yaml`: YAML with line numbers, checked against the model, errors that name line and field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from quality_platform.configuration import FILE_NAME
from quality_platform.configuration.lines import field_of, line_of
from quality_platform.errors import ConfigurationError
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Shape = TypeVar("Shape", bound=BaseModel)
SIZE_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: its line (from 1), the field's path, and what would be right."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.message}" if self.field else f"line {self.line}: {self.message}"


def path_of(settings: Settings) -> Path | None:
    """The file in force: the setting, else `quality.yaml` in the current folder, else None."""
    if settings.config is not None:
        return settings.config.expanduser()
    return Path(FILE_NAME) if Path(FILE_NAME).is_file() else None


def read(path: Path) -> tuple[QualityConfig, tuple[Problem, ...]]:
    """The configuration in `path` and its problems; with problems, the configuration is the empty one."""
    config, problems, _ = read_as(QualityConfig, path)
    return config or QualityConfig(), problems


def read_as(model: type[Shape], path: Path) -> tuple[Shape | None, tuple[Problem, ...], Any]:
    """What `path` holds, as a `model`, its problems, and the document for `lines.line_of`. None with problems."""
    try:
        data = _parse(_text(path))
    except _YamlError as error:
        return None, (error.problem,), None
    try:
        return model.model_validate(_plain({} if data is None else data)), (), data
    except ValidationError as error:
        return None, tuple(_problem(data, detail) for detail in error.errors()), data


def load(path: Path) -> QualityConfig:
    """Like `read`, but raises ConfigurationError that lists the problems."""
    config, problems = read(path)
    if problems:
        lines = "\n".join(f"  {path.name}, {problem}" for problem in problems)
        raise ConfigurationError(
            f"{path} cannot be used:\n{lines}\n", hint="`quality-platform check` shows this again after each change."
        )
    return config


class _YamlError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise _YamlError(Problem(1, "", f"the file is larger than {SIZE_LIMIT} bytes"))
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _YamlError(Problem(1, "", "the file is not UTF-8")) from error


def _parse(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _YamlError(Problem(line, "", str(error.problem or "not YAML"))) from error


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data


def _problem(data: Any, detail: ErrorDetails) -> Problem:
    where = [part for part in detail["loc"] if not _is_tag(part)]
    message = detail["msg"].removeprefix("Value error, ")
    return Problem(line_of(data, where), field_of(where), message)


def _is_tag(part: int | str) -> bool:
    """Pydantic puts a union's tag into the path, which is no place in the file."""
    return part in (
        "threshold_violation", "trend_degradation", "regression", "improvement", "anomaly", "absence", "heartbeat",
        "burn_rate", "console", "email", "slack", "webhook",
        "pagerduty", "ntfy", "websocket", "apprise",
    )  # fmt: skip
