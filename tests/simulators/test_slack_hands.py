"""People in the sandbox's workspace: they type, press and fill in; the bot answers over a socket."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from slack_ground import OPS, Workspace, button, field, modal, plain, refused, reply, section, wait_until
from slack_sdk.socket_mode.request import SocketModeRequest
from tiny_bot import NO_ACK

from sandbox.driver import Driver, SandboxError
from sandbox.world import ControlError

# ---- commands


def test_a_command_is_escaped_and_its_answer_is_ephemeral_by_default(slack: Workspace) -> None:
    with slack.bot(lambda request: {"text": "受け取り: " + request.payload["text"]}) as bot:
        slack.ask("wait_connected")
        typed = "/zaiko pause @bob #zaiko-ops https://example.test <b>"
        (answer,) = slack.ask("type", user="alice", text=typed)["answers"]
        payload = bot.requests[0].payload
    expected = "pause <@U0BOB0001> <#C0ZAIKO01|zaiko-ops> <https://example.test> &lt;b&gt;"
    assert payload["text"] == expected
    assert (payload["user_id"], payload["channel_id"], payload["command"]) == ("U0ALICE01", OPS, "/zaiko")
    assert answer["ephemeral"]
    assert slack.ask("messages", user="bob") == []


def test_an_in_channel_answer_shows_what_was_typed(slack: Workspace) -> None:
    with slack.bot(lambda request: {"response_type": "in_channel", "text": "再開しました"}):
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko resume all")
    assert [(m["author"], m["plain"]) for m in slack.ask("messages", user="bob")] == [
        ("アリス", "/zaiko resume all"),
        ("在庫ボット", "再開しました"),
    ]


def test_no_acknowledgement_in_time_shows_operation_timeout_and_a_late_one_is_lost(
    make: Callable[..., Workspace],
) -> None:
    slack, late = make(ack_timeout_s=0.2), threading.Event()

    def slow(_request: SocketModeRequest) -> Any:
        late.wait(5)
        return {"text": "too late"}

    with slack.bot(slow):
        slack.ask("wait_connected")
        result = slack.ask("type", user="alice", text="/zaiko status")
        assert result["error"] == "operation_timeout"
        assert "operation_timeout" in result["answers"][0]["plain"]
        late.set()
        wait_until(lambda: slack.ask("lost_acks") == 1)
    assert slack.ask("count", text="too late") == 0


def test_without_a_socket_a_command_fails_at_once(make: Callable[..., Workspace]) -> None:
    slack = make(dispatch_wait_s=0.05)
    assert slack.ask("type", user="alice", text="/zaiko status")["error"] == "dispatch_failed"


def test_blocks_in_an_answer_are_checked_like_those_of_a_message(slack: Workspace) -> None:
    with slack.bot(lambda request: {"text": "x", "blocks": [section("")]}):
        slack.ask("wait_connected")
        assert slack.ask("type", user="alice", text="/zaiko status")["error"] == "invalid_blocks"
    assert "invalid_blocks" in slack.ask("violations")[0]


def test_a_response_url_works_five_times_within_half_an_hour(slack: Workspace) -> None:
    with slack.bot() as bot:
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko status")
        slack.ask("type", user="alice", text="/zaiko status")
        first, second = (request.payload["response_url"] for request in bot.requests)
    codes = [reply(slack, first, text=f"answer {number}") for number in range(6)]
    slack.world.clock.advance(1801)
    codes.append(reply(slack, second, text="old"))
    assert codes == [200] * 5 + [404, 404]
    assert all(message["ephemeral"] for message in slack.ask("messages"))


# ---- buttons


def test_a_press_tells_who_pressed_what_and_its_reply_replaces_the_message(slack: Workspace) -> None:
    with slack.bot() as bot:
        slack.ask("wait_connected")
        blocks = [section("失敗", accessory=button("確認した", value="v1"))]
        ts = slack.client().chat_postMessage(channel=OPS, text="失敗", blocks=blocks)["ts"]
        assert slack.ask("click", user="bob", label="確認した")["ack"]
        payload = bot.requests[0].payload
    action = payload["actions"][0]
    assert (payload["user"]["id"], payload["message"]["ts"]) == ("U0BOB0001", ts)
    assert (action["action_id"], action["value"], action["type"]) == ("press", "v1", "button")
    reply(slack, payload["response_url"], replace_original=True, text="済み")
    (message,) = slack.ask("messages")
    assert (message["ts"], message["plain"], message["edited"]) == (ts, "済み", True)
    with pytest.raises(ControlError, match="確認した"):
        slack.ask("click", user="bob", label="確認した")


def test_a_button_of_an_earlier_version_can_still_be_pressed_on_purpose(slack: Workspace) -> None:
    with slack.bot() as bot:
        slack.ask("wait_connected")
        client, blocks = slack.client(), [section("?", accessory=button("止める"))]
        ts = client.chat_postMessage(channel=OPS, text="x", blocks=blocks)["ts"]
        client.chat_update(channel=OPS, ts=ts, text="済み", blocks=[])
        slack.ask("click", user="bob", label="止める", stale=True)
        assert bot.requests[0].payload["actions"][0]["action_id"] == "press"


def test_an_ephemeral_can_be_deleted_by_its_reply_and_its_press_shows_no_message(slack: Workspace) -> None:
    answer = {"text": "x", "blocks": [section("?", accessory=button("閉じる"))]}
    handler = lambda request: answer if request.type == "slash_commands" else None  # noqa: E731
    with slack.bot(handler) as bot:
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko status")
        slack.ask("click", user="alice", label="閉じる")
        payload = bot.requests[1].payload
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload
    reply(slack, payload["response_url"], delete_original=True)
    assert slack.ask("messages") == []


def test_an_acknowledgement_of_a_press_carries_no_payload(slack: Workspace) -> None:
    with slack.bot(lambda request: {"text": "not allowed here"}):
        slack.ask("wait_connected")
        blocks = [section("?", accessory=button("押す"))]
        slack.client().chat_postMessage(channel=OPS, text="x", blocks=blocks)
        slack.ask("click", user="alice", label="押す")
    assert slack.ask("violations") == ["the acknowledgement of block_actions carries a payload"]


# ---- modals and Home


class FormBot:
    """Opens a form on every command and answers submissions as the test says."""

    def __init__(self, slack: Workspace, view: dict[str, Any]) -> None:
        self._slack, self._view = slack, view
        self.answers: list[Any] = []
        self.submitted: list[dict[str, Any]] = []
        self.closed: list[str] = []

    def __call__(self, request: SocketModeRequest) -> Any:
        payload = request.payload
        if request.type == "slash_commands":
            self._slack.client().views_open(trigger_id=payload["trigger_id"], view=self._view)
        elif payload["type"] == "view_submission":
            self.submitted.append(payload["view"]["state"]["values"])
            return self.answers.pop(0)
        elif payload["type"] == "view_closed":
            self.closed.append(payload["view"]["callback_id"])
        return None


def test_a_modal_is_filled_by_labels_and_untouched_fields_come_as_null(slack: Workspace) -> None:
    bot = FormBot(slack, modal(field("鍵", "key"), field("メモ", "memo") | {"optional": True}))
    bot.answers = [{"response_action": "errors", "errors": {"key": "短すぎます"}}, None]
    with slack.bot(bot):
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko renew")
        assert slack.ask("submit", user="alice")["errors"] == {"鍵": "この項目は必須です。"}
        assert slack.ask("submit", user="alice", values={"鍵": "k"})["errors"] == {"鍵": "短すぎます"}
        assert "短すぎます" in slack.ask("modal", user="alice")["plain"]
        assert slack.ask("submit", user="alice", values={"value": "longer"})["closed"]
    assert bot.submitted[0]["memo"]["value"] == {"type": "plain_text_input", "value": None}
    assert bot.submitted[1]["key"]["value"]["value"] == "longer"
    assert slack.ask("modal", user="alice") is None


def choice(kind: str, **more: Any) -> dict[str, Any]:
    options = [
        {"text": plain(text), "value": value} for text, value in (("楽天市場", "r"), ("RoomClip", "c"))
    ]
    return {"type": kind, "action_id": "value", "options": options, **more}


def labelled(label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": label, "label": plain(label), "element": element, **more}


def test_every_kind_of_field_takes_what_a_person_gives(slack: Workspace) -> None:
    dates = {"type": "datepicker", "action_id": "value", "initial_date": "2026-11-21"}
    number = {"type": "number_input", "action_id": "value", "is_decimal_allowed": False, "max_value": "9"}
    files = {"type": "file_input", "action_id": "value"}
    view = modal(
        labelled("店", choice("static_select")),
        labelled("対象", choice("checkboxes")),
        labelled("方法", choice("radio_buttons"), optional=True),
        labelled("期限", dates),
        labelled("数", number),
        labelled("注文", files),
    )
    bot = FormBot(slack, view)
    bot.answers = [None]
    given = {"店": "RoomClip", "対象": ["r", "RoomClip"], "注文": [{"name": "o.csv", "content": "a"}]}
    with slack.bot(bot):
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko import")
        assert slack.ask("submit", user="alice", values=given | {"数": "10"})["errors"] == {
            "数": "範囲外の数字です。"
        }
        assert slack.ask("submit", user="alice", values={"数": 3})["closed"]
    values = {block_id: states["value"] for block_id, states in bot.submitted[0].items()}
    assert values["店"]["selected_option"]["value"] == "c"
    assert [option["value"] for option in values["対象"]["selected_options"]] == ["r", "c"]
    assert values["方法"]["selected_option"] is None
    assert (values["期限"]["selected_date"], values["数"]["value"]) == ("2026-11-21", "3")
    assert values["注文"]["files"][0]["name"] == "o.csv"


def test_a_choice_in_a_message_is_sent_at_once(slack: Workspace) -> None:
    with slack.bot() as bot:
        slack.ask("wait_connected")
        menu = choice("static_select", placeholder=plain("店を選ぶ"))
        slack.client().chat_postMessage(channel=OPS, text="x", blocks=[section("?", accessory=menu)])
        assert slack.ask("select", user="alice", label="店を選ぶ", option="楽天市場")["ack"]
        payload = bot.requests[0].payload
    assert payload["actions"][0]["selected_option"]["value"] == "r"
    (state,) = payload["state"]["values"].values()
    assert state["value"]["selected_option"]["value"] == "r"


def test_a_submission_may_update_push_or_clear(slack: Workspace) -> None:
    bot = FormBot(slack, modal(field("数", "number"), callback_id="one", notify_on_close=True))
    bot.answers = [
        {"response_action": "update", "view": modal(field("数", "number"), title="計画", callback_id="two")},
        {"response_action": "push", "view": modal(section("確認"), title="上")},
        None,
        {"response_action": "clear"},
    ]
    with slack.bot(bot):
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko pause all")
        updated = slack.ask("submit", user="alice", values={"数": "3"})["updated"]
        assert (updated["title"], updated["values"]["number"]["value"]["value"]) == ("計画", "3")
        assert slack.ask("submit", user="alice")["pushed"]["title"] == "上"
        assert slack.ask("submit", user="alice")["below"]["title"] == "計画"
        assert slack.ask("submit", user="alice") == {"closed": True, "below": None}


def test_a_closed_modal_tells_the_bot_only_if_it_asked(slack: Workspace) -> None:
    bot = FormBot(slack, modal(section("x"), callback_id="one", notify_on_close=True))
    with slack.bot(bot):
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko setup")
        slack.ask("close_modal", user="alice")
    assert bot.closed == ["one"]


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": modal(section(""))},
        {"response_action": "explode"},
    ],
)
def test_a_wrong_answer_to_a_submission_leaves_the_modal_open_and_is_recorded(
    slack: Workspace, answer: dict[str, Any]
) -> None:
    bot = FormBot(slack, modal(field("鍵", "key")))
    bot.answers = [answer]
    with slack.bot(bot):
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko renew")
        assert "error" in slack.ask("submit", user="alice", values={"鍵": "x"})
    assert slack.ask("modal", user="alice")
    assert len(slack.ask("violations")) == 1


def test_a_trigger_opens_one_modal_within_three_seconds(slack: Workspace) -> None:
    with slack.bot() as bot:
        slack.ask("wait_connected")
        slack.ask("type", user="alice", text="/zaiko renew")
        slack.ask("type", user="alice", text="/zaiko renew")
        first, second = (request.payload["trigger_id"] for request in bot.requests)
    client, view = slack.client(), modal(section("x"))
    client.views_open(trigger_id=first, view=view)
    assert refused(client.views_open, trigger_id=first, view=view).response["error"] == "exchanged_trigger_id"
    slack.world.clock.advance(4)
    assert refused(client.views_open, trigger_id=second, view=view).response["error"] == "expired_trigger_id"
    assert refused(client.views_open, trigger_id="x", view=view).response["error"] == "invalid_trigger_id"


@pytest.mark.parametrize(
    ("view", "error", "pointer"),
    [
        (modal(section("x"), title="x" * 25), "invalid_blocks", "/view/title/text"),
        (modal(section("x"), private_metadata="x" * 3001), "invalid_blocks", "/view/private_metadata"),
        ({"type": "modal", "title": plain("x"), "blocks": [field("x", "x")]}, "invalid_blocks", "/view"),
        (modal(*[section("x")] * 101), "invalid_blocks", "/view/blocks"),
        (modal({"type": "markdown", "text": "x"}), "invalid_blocks", "/view/blocks/0"),
        (modal(field("x", "x", max_length=3001)), "invalid_blocks", "/view/blocks/0/element/max_length"),
        (modal(*[section("あ" * 3000)] * 30), "view_too_large", ""),
    ],
)
def test_views_beyond_the_limits_are_refused(
    slack: Workspace, view: dict[str, Any], error: str, pointer: str
) -> None:
    answer = refused(slack.client().views_open, trigger_id="x", view=view).response
    assert answer["error"] == error
    assert pointer in str(answer.get("response_metadata"))


def test_a_view_changed_meanwhile_is_not_overwritten_by_hash(slack: Workspace) -> None:
    client, view = slack.client(), {"type": "home", "blocks": [section("one")]}
    old = client.views_publish(user_id="U0BOB0001", view=view)["view"]["hash"]
    client.views_publish(user_id="U0BOB0001", view=view, hash=old)
    answer = refused(client.views_publish, user_id="U0BOB0001", view=view, hash=old).response
    assert answer["error"] == "hash_conflict"


def test_an_event_that_nobody_acknowledges_is_sent_again_at_0_60_and_300_seconds(
    make: Callable[..., Workspace],
) -> None:
    slack = make(ack_timeout_s=0.05)
    with slack.bot(lambda _request: NO_ACK) as bot:
        slack.ask("wait_connected")
        slack.ask("open_home", user="bob", within_s=0)
        for count, seconds in ((2, 60), (3, 300), (4, 0)):
            wait_until(lambda count=count: len(bot.requests) == count)
            slack.world.clock.advance(seconds)
    assert [request.retry_attempt for request in bot.requests] == [0, 1, 2, 3]
    assert len({request.payload["event_id"] for request in bot.requests}) == 1


# ---- sockets


@pytest.mark.parametrize("reason", ["refresh_requested", "sudden", "link_disabled", "warning"])
def test_a_bot_comes_back_after_its_socket_ends(make: Callable[..., Workspace], reason: str) -> None:
    slack = make(rates=0, refresh_grace_s=0.1, dispatch_wait_s=3)
    with slack.bot(lambda request: {"text": "ここにいます"}):
        slack.ask("wait_connected")
        before = slack.ask("connections")[0]["number"]
        assert slack.ask("disconnect", reason=reason) == 1
        wait_until(lambda: [c["number"] for c in slack.ask("connections")] not in ([], [before]))

        def answered() -> bool:
            shown = slack.ask("type", user="alice", text="/zaiko status")["answers"][0]["plain"]
            return shown == "ここにいます"

        # The SDK may replace its new connection once more: what is sent in between is lost, and typed again.
        wait_until(answered)


def test_each_envelope_goes_to_one_of_the_connections(slack: Workspace) -> None:
    with slack.bot() as one, slack.bot() as two:
        slack.ask("wait_connected", count=2)
        for _ in range(20):
            slack.ask("type", user="alice", text="/zaiko status")
        assert len(one.requests) + len(two.requests) == 20
        assert one.requests
        assert two.requests


# ---- the driver


def test_the_driver_speaks_the_words_of_a_person(slack: Workspace) -> None:
    def handler(request: SocketModeRequest) -> Any:
        if request.type == "slash_commands":
            return {"text": "x", "blocks": [section("在庫は *3* 点", accessory=button("チャンネルに表示"))]}
        if request.type == "interactive":
            slack.client().chat_postMessage(channel=OPS, text="tee-red-m は 3 点")
        else:
            home = {"type": "home", "blocks": [{"type": "header", "text": plain("ホーム")}]}
            slack.client().views_publish(user_id=request.payload["event"]["user"], view=home)
        return None

    driver = Driver(slack.sandbox.url).slack
    alice, bob = driver.user("alice"), driver.user("bob")
    with slack.bot(handler):
        driver.wait_connected()
        assert alice.types("/zaiko tee-red-m")[0]["plain"] == "在庫は 3 点\n[チャンネルに表示]"
        bob.sees_not("在庫は")
        mark = driver.revision()
        alice.clicks("チャンネルに表示")
        assert bob.sees("3 点", after=mark)["author"] == "在庫ボット"
        assert bob.home()["plain"] == "■ ホーム"
        with pytest.raises(SandboxError, match="does not see"):
            bob.sees("4 点", within_s=0.1)
    assert driver.violations() == []
