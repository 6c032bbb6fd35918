"""One client of the WebSocket: who it is, what it wants, what it is sent, how it is cut off.

Belongs here: the conversation. Does not belong here: what is published (`updates.py`), the path (`routes/`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Discriminator, Field, RootModel, StringConstraints, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from quality_platform.api.live.hub import CutOffError, Subscription
from quality_platform.api.live.updates import Interest, Message, Updates
from quality_platform.api.security.bearer import Gate

AUTH_SECONDS = 5.0
SEND_SECONDS = 5.0
CLOSE_SECONDS = 30.0
"""A client that was too slow is told so when it has read what was on its way."""

PING_SECONDS = 25.0
MOST_CLIENTS = 100
PROTOCOL, BEARER = "quality-platform", "bearer."
TOO_SLOW, UNKNOWN, FORBIDDEN, TOO_MANY, MALFORMED = 4008, 4401, 4403, 1013, 4400

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Auth(_Frame):
    """Who it is, where the handshake did not say so."""

    type: Literal["auth"]
    token: str = Field(max_length=500)


class Subscribe(_Frame):
    """What it wants from now on; `stream` and `after` to get what it missed."""

    type: Literal["subscribe"]
    projects: list[Name] = Field(default=[], max_length=100)
    metrics: list[Name] = Field(default=[], max_length=100)
    stream: str | None = Field(default=None, max_length=64)
    after: int | None = Field(default=None, ge=0)


class Ping(_Frame):
    """Whether somebody is there; a pong needs no answer."""

    type: Literal["ping", "pong"]


class Frame(RootModel[Annotated[Auth | Subscribe | Ping, Discriminator("type")]]):
    """What a client may say."""


class ClosedError(Exception):
    """The connection is to be closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Looking:
    """One connection, from the handshake to its end."""

    def __init__(self, socket: WebSocket, gate: Gate, updates: Updates) -> None:
        self._socket, self._gate, self._updates = socket, gate, updates
        self._interest: Interest | None = None
        self._subscription: Subscription[Message] | None = None
        self._news = asyncio.Event()
        self._speaking = asyncio.Lock()
        """What was missed goes before what is new."""

    async def run(self) -> None:
        """Until the client goes, or is sent away."""
        offered = self._socket.scope.get("subprotocols", [])
        await self._socket.accept(PROTOCOL if PROTOCOL in offered else None)
        try:
            if len(self._updates) >= MOST_CLIENTS:
                raise ClosedError(TOO_MANY, "Too many look on; please try again.")
            await self._let_in(next((each.removeprefix(BEARER) for each in offered if each.startswith(BEARER)), None))
            await self._converse()
        except ClosedError as error:
            self._leave()
            await self._close(error)
        except (WebSocketDisconnect, RuntimeError):  # it has gone: starlette says either
            pass
        finally:
            self._leave()

    def _leave(self) -> None:
        self._updates.leave(id(self))
        if self._subscription is not None:
            self._subscription.close()

    async def _let_in(self, token: str | None) -> None:
        if token is None:
            try:
                frame = await asyncio.wait_for(self._frame(), AUTH_SECONDS)
            except TimeoutError as error:
                raise ClosedError(UNKNOWN, f"No token came within {AUTH_SECONDS:.0f} s.") from error
            token = frame.token if isinstance(frame, Auth) else None
        client = self._socket.client
        try:
            self._gate.let_in(token, "viewer", client.host if client else "")
        except HTTPException as error:
            code = {401: UNKNOWN, 403: FORBIDDEN}.get(error.status_code, TOO_MANY)
            raise ClosedError(code, str(error.detail)) from error
        self._updates.interest(id(self), Interest(frozenset({""})))  # counted, and wanting nothing yet
        await self._send({"type": "ready", "stream": self._updates.stream, "seq": self._updates.seq})

    async def _converse(self) -> None:
        work = [asyncio.create_task(self._listen()), asyncio.create_task(self._pump())]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in work:
                each.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            frame = await self._frame()
            if isinstance(frame, Subscribe):
                await self._subscribe(frame)
            elif isinstance(frame, Ping) and frame.type == "ping":
                await self._send({"type": "pong"})

    async def _frame(self) -> Auth | Subscribe | Ping:
        try:
            return Frame.model_validate_json(await self._socket.receive_text()).root
        except ValidationError as error:
            raise ClosedError(MALFORMED, "A message is JSON with a type: auth, subscribe, ping or pong.") from error
        except KeyError as error:  # bytes came
            raise ClosedError(1003, "A message is text.") from error

    async def _subscribe(self, frame: Subscribe) -> None:
        async with self._speaking:
            await self._subscribed(frame)

    async def _subscribed(self, frame: Subscribe) -> None:
        loop = asyncio.get_running_loop()
        resumes = frame.after is not None and frame.stream == self._updates.stream
        if self._subscription is not None:
            self._subscription.close()
        self._interest = Interest(frozenset(frame.projects), frozenset(frame.metrics))
        self._updates.interest(id(self), self._interest)
        joined = self._updates.subscribe(
            lambda: loop.call_soon_threadsafe(self._news.set), frame.after if resumes else None
        )
        self._subscription = joined.subscription
        gap = joined.gap or (frame.after is not None and not resumes)
        await self._send({"type": "subscribed", "stream": self._updates.stream, "seq": self._updates.seq, "gap": gap})
        await self._send_all(joined.missed)

    async def _pump(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._news.wait(), PING_SECONDS)
            except TimeoutError:
                await self._send({"type": "ping"})
                continue
            self._news.clear()
            async with self._speaking:
                if self._subscription is not None:
                    await self._send_all(self._taken(self._subscription))

    def _taken(self, subscription: Subscription[Message]) -> list[Message]:
        try:
            return subscription.take()
        except CutOffError as error:
            raise ClosedError(TOO_SLOW, "Too slow: updates were lost. Connect again with `after`.") from error

    async def _send_all(self, messages: Sequence[Message]) -> None:
        for message in messages:
            shown = self._interest.of(message) if self._interest else None
            if shown is not None:
                await self._send(shown)

    async def _send(self, message: Message) -> None:
        try:
            await asyncio.wait_for(self._socket.send_text(orjson.dumps(message).decode()), SEND_SECONDS)
        except TimeoutError as error:
            raise ClosedError(TOO_SLOW, "Too slow: nothing is read. Connect again with `after`.") from error

    async def _close(self, error: ClosedError) -> None:
        try:
            # a close frame's reason has at most 123 bytes (RFC 6455, 5.5)
            await asyncio.wait_for(self._socket.close(error.code, error.reason[:120]), CLOSE_SECONDS)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            return
