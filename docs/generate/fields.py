"""Fields of a pydantic model as rows of a table: name, what may be written, default, meaning.

Works on the JSON schema, which says in one form what annotations say in many. Does not belong here: which
models a page shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from docs.generate.markdown import slug
from docs.generate.words import Schema, default, words

Row = tuple[str, str, str, str]
HEADER = ("Field", "Value", "Default", "Meaning")


@dataclass(frozen=True, slots=True)
class Section:
    """A model inside another one: where it stands, such as `projects[].repository`, what it is, its fields."""

    path: str
    description: str
    rows: tuple[Row, ...]


def members(union: Any) -> tuple[type[BaseModel], ...]:
    """The models of a union, whatever annotations are wrapped around it and them."""
    if isinstance(union, type):
        return (union,)
    parts = get_args(union)
    wrapped = hasattr(union, "__metadata__")
    return tuple(one for part in (parts[:1] if wrapped else parts) for one in members(part))


def rows(model: type[BaseModel], *, without: frozenset[str] = frozenset()) -> tuple[Row, ...]:
    """The fields of `model`, but those called `without`, in the order they are declared."""
    schema = model.model_json_schema(by_alias=True)
    kept = {name: value for name, value in schema["properties"].items() if name not in without}
    return tuple(_row(name, value, words(value), schema) for name, value in kept.items())


def sections(model: type[BaseModel], elsewhere: Mapping[str, str]) -> tuple[Section, ...]:
    """`model` and the models inside it, from the outside in; of one that holds itself, the outermost.

    `elsewhere` names the page of each field that holds one of several models; KeyError when it lacks one.
    """
    schema = model.model_json_schema(by_alias=True)
    return tuple(_walk(schema, schema["$defs"], "", elsewhere, {}))


def _walk(
    schema: Schema, known: Schema, path: str, elsewhere: Mapping[str, str], around: Mapping[str, str]
) -> Iterator[Section]:
    """`around` has the path of every model that this one is in."""
    inside = {name: _Inside.of(value, path, name, around) for name, value in schema["properties"].items()}
    yield Section(
        path,
        schema.get("description", ""),
        tuple(
            _row(name, value, inside[name].kind(value, elsewhere), schema, inside[name].description(known))
            for name, value in schema["properties"].items()
        ),
    )
    for found in inside.values():
        if found.model is not None and found.model not in around:
            deeper = {**around, found.model: found.path}
            yield from _walk(known[found.model], known, found.path, elsewhere, deeper)


@dataclass(frozen=True, slots=True)
class _Inside:
    """What a field holds: one model by name, one of several (`union`), or neither; and its place."""

    path: str
    model: str | None
    union: bool

    @classmethod
    def of(cls, value: Schema, path: str, name: str, around: Mapping[str, str]) -> _Inside:
        optional = [value, *value.get("anyOf", ())]
        parts = [*optional, *(part["items"] for part in optional if "items" in part)]
        model = next((part["$ref"].rsplit("/", 1)[-1] for part in parts if "$ref" in part), None)
        many = any("items" in part for part in optional)
        place = around.get(model or "", f"{path}.{name}".lstrip(".") + "[]" * many)
        return cls(place, model, any("oneOf" in part for part in parts))

    def kind(self, value: Schema, elsewhere: Mapping[str, str]) -> str:
        if self.union:
            page = elsewhere[self.path.removesuffix("[]")]
            return f"list of [{page.removesuffix('.md')}]({page})"
        return words(value) if self.model is None else f"[`{self.path}`](#{slug(self.path)})"

    def description(self, known: Schema) -> str:
        return known[self.model].get("description", "") if self.model else ""


def _row(name: str, value: Schema, kind: str, schema: Schema, otherwise: str = "") -> Row:
    written = "required" if name in schema.get("required", ()) else default(value)
    return f"`{name}`", kind, written, value.get("description", otherwise)
