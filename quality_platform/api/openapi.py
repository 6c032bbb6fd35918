"""What OpenAPI says of the doors of own JSON, which are no routes of the framework's.

Belongs here: path items made of the doors' models. Does not belong here: the models (`ingest/own_*.py`), or doors of
other protocols, whose clients bring their own.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from quality_platform.api.ingest import own_errors, own_events, own_metrics
from quality_platform.api.ingest.contract import Door
from quality_platform.api.ingest.own_bodies import LINES, MOST_ITEMS
from quality_platform.api.ingest.own_items import Items

OWN = (
    (own_metrics.DOOR, own_metrics.SAMPLES),
    (own_errors.DOOR, own_errors.ERRORS),
    (own_events.DOOR, own_events.EVENTS),
)
SCHEME = "project_key"
_REF = "#/components/schemas/{model}"
_STATUSES = {
    "401": "No project key was sent.",
    "403": "The project key is unknown or revoked.",
    "413": f"The body is too large, or holds more than {MOST_ITEMS:,} items; send smaller batches.",
    "415": "The Content-Encoding is not known; gzip, deflate, br and none are.",
    "429": "The project is over its quota.",
    "503": "Nothing can be stored now. Nothing of the request was; send it again.",
}


class RefusedItem(BaseModel):
    """One item that was not taken."""

    index: int = Field(ge=0, description="Which of the items, from 0.")
    field: str | None = Field(description="The field that is wrong; null where the item as a whole is.")
    message: str = Field(description="What it must be.")


class Taken(BaseModel):
    """What became of the items: those accepted are durable when this is answered."""

    accepted: int = Field(ge=0)
    rejected: int = Field(ge=0)
    errors: list[RefusedItem] = Field(description="The first 100 of those that were refused.")


class Refused(BaseModel):
    """Why nothing of the request was taken."""

    detail: str = Field(description="What was wrong, and what would be accepted.")
    reason: str = Field(description="The same in one word, as in the ledger.")


def install(app: FastAPI) -> None:
    """Let the OpenAPI document of `app` tell of the doors too."""
    routes = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = with_doors(routes())
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]  # FastAPI's own way to extend it


def with_doors(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with paths, schemas and the security scheme of the doors."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for _, kind in OWN:
        schema = kind.adapter.json_schema(ref_template=_REF)
        schemas.update(schema["$defs"])
    schemas.update(
        models_json_schema([(model, "serialization") for model in (Taken, Refused)], ref_template=_REF)[1]["$defs"]
    )
    components.setdefault("securitySchemes", {})[SCHEME] = {
        "type": "http",
        "scheme": "bearer",
        "description": "A project's key for sending, made by `quality-platform keys create PROJECT`.",
    }
    for door, kind in OWN:
        document["paths"][door.paths[0]] = {"post": _operation(door, kind)}
    return document


def _operation(door: Door, kind: Items) -> dict[str, Any]:
    return {
        "tags": ["ingest"],
        "operationId": f"ingest_{door.name}",
        "summary": door.title,
        "description": f"{door.description} Good items are kept beside bad ones.",
        "security": [{SCHEME: []}],
        "parameters": [_IDEMPOTENCY],
        "requestBody": {"required": True, "content": _contents(kind)},
        "responses": _responses(),
    }


def _contents(kind: Items) -> dict[str, Any]:
    item = {"$ref": _REF.format(model=kind.title)}
    many = {"type": "array", "items": item, "minItems": 1, "maxItems": MOST_ITEMS}
    envelope = {"type": "object", "properties": {kind.names[0]: many}, "required": [kind.names[0]]}
    lines = {"schema": {"type": "string", "description": "One item a line."}, "example": kind.example_text + "\n"}
    return {
        "application/json": {
            "schema": {"anyOf": [item, many, envelope]},
            "examples": {
                "one": {"value": dict(kind.example)},
                "many": {"value": [dict(kind.example)]},
                "envelope": {"value": {kind.names[0]: [dict(kind.example)]}},
            },
        },
        LINES[0]: lines,
    }


_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "Names the request: sent again under the same key within three days, it is counted and not stored "
    "twice.",
}


def _responses() -> dict[str, Any]:
    found: dict[str, Any] = {
        "202": _answer("What became of the items.", "Taken"),
        "400": {
            "description": "Not one item could be taken.",
            "content": {"application/json": {"schema": {"anyOf": [_schema("Taken"), _schema("Refused")]}}},
        },
    }
    for status, description in _STATUSES.items():
        found[status] = _answer(description, "Refused")
        if status in ("429", "503"):
            found[status]["headers"] = {
                "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds until it is worth a new try."}
            }
    return found


def _answer(description: str, model: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _schema(model)}}}


def _schema(model: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=model)}
