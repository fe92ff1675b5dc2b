"""How a mall with an API serves its requests: one at a time, some answers late, some never."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from aiohttp import web

from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.common.log import Entry
from sandbox.world import World


@dataclass(frozen=True)
class Answer:
    """What goes back; each mall adds the bodies that its answers have.

    ``given`` is called once the answer is really handed out; ``cut`` closes the connection instead.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    given: Callable[[], None] | None = field(default=None, kw_only=True)
    cut: bool = field(default=False, kw_only=True)


A = TypeVar("A", bound=Answer)


class Refusal(Exception, Generic[A]):
    """A request is answered with an error; ``violation`` says so where no right client sends it."""

    def __init__(self, answer: A, violation: str = "") -> None:
        super().__init__(f"{answer.status} {violation}")
        self.answer = answer
        self.violation = violation


@dataclass(frozen=True)
class Decision(Generic[A]):
    """What becomes of a request; ``fault`` is what befalls the answer."""

    entry: Entry
    answer: A
    fault: ActiveFault | None = None


class Counter(Generic[A]):
    """Where requests are decided on, one at a time, and answers are handed out or held back.

    Args:
        write: makes the response of an answer, under the sandbox's lock.
        holding: the faults that hold an answer back until ``release``.
    """

    def __init__(
        self, world: World, write: Callable[[Entry, A], web.Response], *, holding: tuple[str, ...] = ("hold",)
    ) -> None:
        self._world = world
        self._write = write
        self._holding = holding
        self._held: list[tuple[str, asyncio.Event]] = []

    def app(
        self, decide: Callable[[web.Request, bytes], Decision[A]], most_bytes: int = 2**20
    ) -> web.Application:
        """Give the application to serve; ``decide`` is called under the sandbox's lock."""

        async def serve(request: web.Request) -> web.Response:
            body = await request.read()
            with self._world.lock:
                decision = decide(request, body)
                wait = self._wait_of(decision)
                self._world.notify()
            if wait:
                await wait
            return self._hand_out(request, decision)

        app = web.Application(client_max_size=most_bytes)
        app.router.add_route("*", "/{path:.*}", serve)
        return app

    def held(self) -> list[str]:
        """Give the functions whose answers are held back."""
        return [function for function, _event in self._held]

    def release(self, loop: asyncio.AbstractEventLoop) -> int:
        """Let all held answers go; gives their number."""
        let_go, self._held = self._held, []
        for _function, event in let_go:
            loop.call_soon_threadsafe(event.set)
        return len(let_go)

    def _wait_of(self, decision: Decision[A]) -> Awaitable[object] | None:
        fault = decision.fault
        if fault and fault.name == "slow":
            return asyncio.sleep(float(fault.options.get("seconds", 1)))
        if fault and fault.name in self._holding:
            event = asyncio.Event()
            self._held.append((decision.entry.function, event))
            return event.wait()
        return None

    def _hand_out(self, request: web.Request, decision: Decision[A]) -> web.Response:
        entry, answer = decision.entry, decision.answer
        if answer.cut:
            if request.transport:
                request.transport.abort()
            return web.Response()
        with self._world.lock:
            entry.status = answer.status
            if answer.given:
                answer.given()
            return self._write(entry, answer)
