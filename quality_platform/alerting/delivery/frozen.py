"""A message as text and back, so that every attempt, after any restart, says what the first one said."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import orjson

from quality_platform.model.message import Message
from quality_platform.notifications.delivery import Attachment, Delivery

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def freeze(
    kind: str, message: Message, data: Mapping[str, object] | None = None, attachments: Sequence[Attachment] = ()
) -> str:
    """Everything of a delivery but its identity and instant, as JSON. A number that is none becomes null."""
    return orjson.dumps(
        {
            "kind": kind,
            "message": _adapter().dump_python(message, mode="json"),
            "data": dict(data or {}),
            "attachments": [
                {"filename": each.filename, "media_type": each.media_type, "content": _encoded(each.content)}
                for each in attachments
            ],
        }
    ).decode()


def thaw(payload: str, message_id: str, created_at: datetime, attempt: int = 1) -> Delivery:
    """The delivery that `freeze` was given. Raises ValueError, KeyError or TypeError for other text."""
    content = orjson.loads(payload)
    return Delivery(
        message_id=message_id,
        message=_adapter().validate_python(content["message"]),
        kind=content["kind"],
        created_at=created_at,
        payload=content["data"],
        attachments=tuple(
            Attachment(each["filename"], each["media_type"], base64.b64decode(each["content"]))
            for each in content["attachments"]
        ),
        attempt=attempt,
    )


@cache
def _adapter() -> TypeAdapter[Message]:
    # built when first used: 20 ms that a command which sends nothing need not pay
    from pydantic import TypeAdapter

    return TypeAdapter(Message)


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
