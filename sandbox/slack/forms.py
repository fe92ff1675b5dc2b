"""Submitting and closing modals, and what the bot's answer does to them. Source: spec 5.1."""

from __future__ import annotations

from typing import Any

from sandbox.slack import payloads
from sandbox.slack.content import accept_view
from sandbox.slack.errors import SlackError
from sandbox.slack.hands import Hands
from sandbox.slack.inputs import own_errors
from sandbox.slack.people import Person
from sandbox.slack.state import State
from sandbox.slack.transport import Json, Parcel, Transport
from sandbox.slack.views import View, input_blocks, label_of

TROUBLE = "接続に問題が発生しました。もう一度お試しください。"


class Forms:
    """What people do with an open modal besides its buttons."""

    def __init__(self, state: State, transport: Transport, hands: Hands) -> None:
        self._state = state
        self._transport = transport
        self._hands = hands

    def submit(self, user: str, values: Json) -> Json:
        """Fill in, submit, and do what the bot answers.

        Returns:
            One of ``errors`` (by label), ``closed``, ``updated``, ``pushed`` (the new modal),
            ``error`` (``operation_timeout``; the modal stays).
        """
        person = self._state.people.person(user)
        self._hands.fill(user, values)
        with self._state.world.lock:
            view = self._open_view(person)
            if problems := _slacks_own_errors(view):
                return self._with_errors(view, problems)
            view.errors, view.trouble = {}, ""
            payload = payloads.submission(person, view, self._state.tickets.trigger(person.id))
        outcome = self._transport.deliver(Parcel("interactive", payload, takes_answer=True))
        with self._state.world.lock:
            if outcome.error:
                return self._in_trouble(view, outcome.error)
            try:
                return self._follow(person, view, outcome.payload)
            except SlackError as error:
                text = "; ".join(error.messages)
                self._state.record.violation(f"answer to a submission: {error.code} {text}")
                return self._in_trouble(view, error.code)
            finally:
                self._state.world.notify()

    def _open_view(self, person: Person) -> View:
        view = self._state.views.top(person.id)
        if view is None:
            raise ValueError(f"no modal is open for {person.name}")
        if not view.body.get("submit"):
            raise ValueError("the open modal has no submit button")
        return view

    def _follow(self, person: Person, view: View, answer: Json) -> Json:
        views = self._state.views
        action = answer.get("response_action")
        if action == "errors":
            return self._errors(view, answer.get("errors") or {})
        if action == "update":
            views.replace(view, accept_view(answer.get("view"), "modal"))
            return {"updated": views.as_json(view)}
        if action == "push":
            return {"pushed": views.as_json(views.push(person.id, accept_view(answer.get("view"), "modal")))}
        if action == "clear":
            views.clear(person.id)
        elif action is None and not answer:
            views.close(person.id, view)
        else:
            raise SlackError("invalid_response", messages=[f"unknown answer with {', '.join(answer)}"])
        below = views.top(person.id)
        return {"closed": True, "below": views.as_json(below) if below else None}

    def _errors(self, view: View, errors: Json) -> Json:
        unknown = errors.keys() - input_blocks(view).keys()
        if unknown or not errors:
            raise SlackError("invalid_errors", messages=[f"no input block {', '.join(unknown)}"])
        return self._with_errors(view, {key: str(text) for key, text in errors.items()})

    def _with_errors(self, view: View, errors: dict[str, str]) -> Json:
        view.errors = errors
        self._state.world.notify()
        return {"errors": {label_of(view, key): text for key, text in errors.items()}, "blocks": errors}

    def _in_trouble(self, view: View, code: str) -> Json:
        view.trouble = TROUBLE
        self._state.world.notify()
        return {"error": code}

    def close(self, user: str, *, everything: bool = False) -> Json:
        """Close the modal, or all of the person's modals, telling the bot where it asked for it."""
        person = self._state.people.person(user)
        views = self._state.views
        with self._state.world.lock:
            top = views.top(person.id)
            if top is None:
                raise ValueError(f"no modal is open for {person.name}")
            clears = everything or bool(top.body.get("clear_on_close"))
            closed = views.clear(person.id) if clears else [top]
            views.close(person.id, top)
            self._state.world.notify()
        for view in closed:
            self._tell(person, view, is_cleared=clears)
        return {"closed": True}

    def _tell(self, person: Person, view: View, *, is_cleared: bool) -> None:
        if view.body.get("notify_on_close"):
            payload = payloads.closing(person, view, is_cleared=is_cleared)
            self._transport.deliver(Parcel("interactive", payload))


def _slacks_own_errors(view: View) -> dict[str, str]:
    found: dict[str, Any] = {}
    for block_id, block in input_blocks(view).items():
        state = view.values[block_id][block["element"]["action_id"]]
        if text := own_errors(block, state):
            found[block_id] = text
    return found
