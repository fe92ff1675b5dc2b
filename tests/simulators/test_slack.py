"""The sandbox's Slack workspace, spoken to by Slack's own client: it refuses what Slack refuses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from slack_ground import OPS, Workspace, button, field, plain, refused, section, wait_until

from sandbox.slack.render import plain_blocks, plain_mrkdwn
from sandbox.world import ControlError

# ---- the door: tokens, scopes, methods, rates


def test_a_method_that_is_not_in_the_contract_is_unknown_and_recorded(slack: Workspace) -> None:
    assert refused(slack.client().conversations_history, channel=OPS).response["error"] == "unknown_method"
    assert slack.ask("violations") == ["unknown method conversations.history"]


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-other", "invalid_auth"), ("xapp-sandbox-app", "not_allowed_token_type")],
)
def test_a_wrong_token_is_refused(slack: Workspace, token: str, error: str) -> None:
    assert refused(slack.client(token).auth_test).response["error"] == error


def test_the_socket_is_opened_by_the_app_token_alone(slack: Workspace) -> None:
    answer = refused(slack.client().apps_connections_open, app_token="xoxb-sandbox-bot").response
    assert answer["error"] == "not_allowed_token_type"
    opened = slack.client().apps_connections_open(app_token="xapp-sandbox-app")
    assert opened["url"].startswith("wss://127.0.0.1:")


def test_a_token_that_looks_real_is_refused_and_never_kept(slack: Workspace) -> None:
    planted = "xoxb-" + "1234567890-made-up"
    answer = refused(slack.client(planted).auth_test).response
    assert (answer.status_code, answer["error"]) == (401, "invalid_auth")
    assert "looks real" in slack.ask("violations")[0]
    assert not slack.ask("seen", text=planted)


def test_a_missing_scope_names_what_is_needed_and_provided(make: Callable[..., Workspace]) -> None:
    slack = make(scopes=("commands",))
    answer = refused(slack.client().chat_postMessage, channel=OPS, text="x").response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "chat:write",
        "commands",
    )


def test_posts_to_one_channel_come_once_a_second_after_a_burst_of_five(
    make: Callable[..., Workspace],
) -> None:
    slack = make()
    client = slack.client()
    for _ in range(5):
        client.chat_postMessage(channel=OPS, text="x")
    answer = refused(client.chat_postMessage, channel=OPS, text="x").response
    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert answer.headers["Retry-After"] == "1"
    client.chat_postMessage(channel="U0ALICE01", text="another channel")
    slack.world.clock.advance(1)
    client.chat_postMessage(channel=OPS, text="x")


def test_a_tier_allows_so_many_calls_a_minute(make: Callable[..., Workspace]) -> None:
    slack = make()
    client = slack.client()
    for _ in range(20):
        client.usergroups_users_list(usergroup="S0OPS0001")
    assert refused(client.usergroups_users_list, usergroup="S0OPS0001").response.status_code == 429


# ---- what may be shown


BAD_BLOCKS = [
    ([section("x" * 3001)], "/blocks/0/text/text"),
    ([section("")], "/blocks/0/text/text"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "/blocks/0/text/type"),
    ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    ([{"type": "divider"}] * 51, "/blocks"),
    ([{"type": "fancy"}], "/blocks/0"),
    ([{"type": "divider", "colour": "red"}], "/blocks/0"),
    ([{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}], "/blocks/1/block_id"),
    ([{"type": "actions", "elements": [button("x" * 76)]}], "/blocks/0/elements/0/text/text"),
    ([{"type": "actions", "elements": [button("x", value="v" * 2001)]}], "/blocks/0/elements/0/value"),
    ([{"type": "actions", "elements": [button("x", style="blue")]}], "/blocks/0/elements/0/style"),
    ([{"type": "actions", "elements": [button("a"), button("b")]}], "/blocks/0/elements/1/action_id"),
    (
        [{"type": "actions", "elements": [button("x", confirm={"title": plain("x")})]}],
        "/blocks/0/elements/0/confirm",
    ),
    (
        [{"type": "context", "elements": [plain("x")] * 11}],
        "/blocks/0/elements",
    ),
    (
        [section("x", fields=[plain("x")] * 11)],
        "/blocks/0/fields",
    ),
    (
        [section("x", accessory={"type": "overflow", "options": [{"text": plain("x"), "value": "x"}] * 6})],
        "/blocks/0/accessory/options",
    ),
    (
        [section("x", accessory={"type": "static_select", "options": [{"text": plain("x")}]})],
        "/blocks/0/accessory/options/0",
    ),
    ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}], "/blocks/0/rows/0"),
    (
        [
            {
                "type": "table",
                "rows": [[{"type": "raw_text", "text": "x"}], [{"type": "raw_text", "text": "x"}] * 2],
            }
        ],
        "/blocks/0/rows",
    ),
    ([{"type": "data_table", "rows": [[{"type": "raw_text", "text": "x"}]] * 2}], "/blocks/0"),
    (
        [{"type": "data_table", "caption": "x", "rows": [[{"type": "raw_text", "text": "x"}]]}],
        "/blocks/0/rows",
    ),
    (
        [{"type": "data_visualization", "title": "x", "chart": {"type": "pie", "segments": []}}],
        "/blocks/0/chart/segments",
    ),
    (
        [
            {
                "type": "data_visualization",
                "title": "x",
                "chart": {
                    "type": "bar",
                    "axis_config": {"categories": ["a", "b"]},
                    "series": [{"name": "s", "data": [{"label": "a", "value": 1}]}],
                },
            }
        ],
        "/blocks/0/chart/series/0/data",
    ),
    ([{"type": "alert", "text": plain("modals only")}], "/blocks/0"),
]


@pytest.mark.parametrize(("blocks", "pointer"), BAD_BLOCKS, ids=[pointer for _, pointer in BAD_BLOCKS])
def test_blocks_beyond_the_limits_are_refused_with_the_place(
    slack: Workspace, blocks: list[Any], pointer: str
) -> None:
    answer = refused(slack.client().chat_postMessage, channel=OPS, text="x", blocks=blocks).response
    assert answer["error"] == "invalid_blocks"
    assert f"[json-pointer:{pointer}]" in "\n".join(answer["response_metadata"]["messages"])
    assert slack.ask("messages") == []


def cell(text: str) -> dict[str, str]:
    return {"type": "raw_text", "text": text}


GOOD_BLOCKS = [
    {"type": "header", "text": plain("題")},
    section("*本文*", fields=[plain("左")] * 10, accessory=button("押す", style="primary", value="v" * 2000)),
    {"type": "context", "elements": [plain("小")] * 10},
    {"type": "actions", "elements": [button(str(n), action_id=f"press:{n}") for n in range(25)]},
    {"type": "markdown", "text": "# 見出し"},
    {"type": "rich_text", "elements": []},
    {"type": "image", "image_url": "https://example.test/a.png", "alt_text": "絵"},
    {"type": "table", "rows": [[cell("x")] * 20] * 10, "column_settings": [{"align": "right"}, None]},
    {
        "type": "data_table",
        "caption": "在庫",
        "page_size": 10,
        "rows": [
            [cell("コード"), cell("数")],
            [cell("mug"), {"type": "raw_number", "value": 3, "text": "3"}],
        ],
    },
    {
        "type": "data_visualization",
        "title": "推移",
        "chart": {
            "type": "line",
            "axis_config": {"categories": ["月", "火"], "x_label": "曜日"},
            "series": [{"name": "楽天", "data": [{"label": "月", "value": 1}, {"label": "火", "value": 0}]}],
        },
    },
]


def test_blocks_at_the_limits_are_shown(slack: Workspace) -> None:
    slack.client().chat_postMessage(channel=OPS, text="x", blocks=GOOD_BLOCKS)
    assert len(slack.ask("messages")[0]["blocks"]) == len(GOOD_BLOCKS)
    assert slack.ask("remarks") == []


def test_texts_have_their_limits(slack: Workspace) -> None:
    client = slack.client()
    assert refused(client.chat_postMessage, channel=OPS).response["error"] == "no_text"
    long = [section("x" * 2500) for _ in range(5)]
    answer = refused(client.chat_postMessage, channel=OPS, text="x", blocks=long).response
    assert answer["error"] == "msg_blocks_too_long"
    ts = client.chat_postMessage(channel=OPS, text="x" * 40_001)["ts"]
    assert len(slack.ask("messages")[0]["text"]) == 40_000
    answer = refused(client.chat_update, channel=OPS, ts=ts, text="x" * 4001).response
    assert answer["error"] == "msg_too_long"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NOWHERE", "channel_not_found"),
        ("zaiko-ops", "channel_not_found"),
        ("C0OTHER01", "not_in_channel"),
        ("C0OLD0001", "is_archived"),
    ],
)
def test_a_channel_that_cannot_be_written_to_is_refused(slack: Workspace, channel: str, error: str) -> None:
    assert refused(slack.client().chat_postMessage, channel=channel, text="x").response["error"] == error


def test_an_edit_keeps_what_the_message_said_before(slack: Workspace) -> None:
    client = slack.client()
    ts = client.chat_postMessage(channel=OPS, text="one", blocks=[section("*one*")])["ts"]
    client.chat_update(channel=OPS, ts=ts, text="two", blocks=[section("*two*")])
    (message,) = slack.ask("messages")
    assert (message["plain"], message["edited"], message["history"]) == ("two", True, ["one"])


def test_only_one_person_sees_an_ephemeral_and_nobody_edits_it(slack: Workspace) -> None:
    client = slack.client()
    ts = client.chat_postEphemeral(channel=OPS, user="U0ALICE01", text="psst")["message_ts"]
    assert [m["plain"] for m in slack.ask("messages", user="alice")] == ["psst"]
    assert slack.ask("messages", user="bob") == []
    answer = refused(client.chat_update, channel=OPS, ts=ts, text="x").response
    assert answer["error"] == "message_not_found"


def test_a_direct_message_is_read_by_its_person_alone(slack: Workspace) -> None:
    slack.client().chat_postMessage(channel="U0BOB0001", text="for bob")
    assert slack.ask("messages", user="alice") == []
    assert slack.ask("messages", user="bob")[0]["plain"] == "for bob"


def test_escaped_text_pings_nobody_and_is_shown_as_typed(slack: Workspace) -> None:
    client = slack.client()
    client.chat_postMessage(channel=OPS, text="x", blocks=[section("&lt;!channel&gt; &amp; &lt;b&gt;")])
    client.chat_postMessage(
        channel=OPS, text="x", blocks=[{"type": "header", "text": plain("<!channel> *x*")}]
    )
    client.chat_postMessage(channel=OPS, text="<!channel> 火事")
    typed, header, loud = slack.ask("messages")
    assert (typed["plain"], typed["pings"]) == ("<!channel> & <b>", [])
    assert (header["plain"], header["pings"]) == ("■ <!channel> *x*", [])
    assert loud["pings"] == ["!channel"]


def test_files_come_in_three_steps_and_stand_in_the_thread(slack: Workspace) -> None:
    client = slack.client()
    root = client.chat_postMessage(channel=OPS, text="root")["ts"]
    client.files_upload_v2(filename="stock.csv", content="code,数\nmug,1\n", channel=OPS, thread_ts=root)
    message = slack.ask("messages")[-1]
    assert (message["thread_ts"], message["plain"]) == (root, "[file: stock.csv]")
    assert slack.ask("seen", text="mug,1")


def test_scheduled_messages_post_themselves_and_are_fixed_in_the_last_minute(slack: Workspace) -> None:
    client = slack.client()
    now = int(time.time())
    assert refused(client.chat_scheduleMessage, channel=OPS, text="x", post_at=now - 5).response["error"]
    kept = client.chat_scheduleMessage(channel=OPS, text="止まっています", post_at=now + 900)
    gone = client.chat_scheduleMessage(channel=OPS, text="never", post_at=now + 800)
    client.chat_deleteScheduledMessage(channel=OPS, scheduled_message_id=gone["scheduled_message_id"])
    slack.world.clock.advance(860)
    [listed] = client.chat_scheduledMessages_list(channel=OPS)["scheduled_messages"]
    assert (listed["id"], listed["text"]) == (kept["scheduled_message_id"], "止まっています")
    arguments = {"channel": OPS, "scheduled_message_id": kept["scheduled_message_id"]}
    answer = refused(client.chat_deleteScheduledMessage, **arguments).response
    assert answer["error"] == "invalid_scheduled_message_id"
    slack.world.clock.advance(60)
    slack.ask("wait", user="alice", text="止まっています")
    assert slack.ask("count", text="never") == 0


def test_people_are_members_guests_strangers_and_deleted(slack: Workspace) -> None:
    client = slack.client()
    assert client.users_info(user="U0ALICE01", include_locale=True)["user"]["locale"] == "ja-JP"
    assert client.users_info(user="U0GUEST01")["user"]["is_restricted"]
    assert client.users_info(user="U0SOTO001")["user"]["is_stranger"]
    assert client.users_info(user="U0GONE001")["user"]["deleted"]
    assert refused(client.users_info, user="U0NOBODY1").response["error"] == "user_not_found"


def test_a_free_plan_has_no_user_groups(make: Callable[..., Workspace]) -> None:
    client = make(plan="free").client()
    answer = refused(client.usergroups_users_list, usergroup="S0OPS0001").response
    assert answer["error"] == "plan_upgrade_required"


# ---- faults, searches, drivers


def test_a_limited_method_says_how_long_to_wait_so_many_times(slack: Workspace) -> None:
    slack.ask("fault", name="ratelimited", method="chat.postMessage", times=1, retry_after=7)
    answer = refused(slack.client().chat_postMessage, channel=OPS, text="x").response
    assert answer.headers["Retry-After"] == "7"
    slack.client().chat_postMessage(channel=OPS, text="x")


def test_a_call_can_be_done_and_its_answer_lost(slack: Workspace) -> None:
    slack.ask("fault", name="cut_after", method="chat.postMessage", times=1)
    client = slack.client()
    client.retry_handlers = []
    with pytest.raises(OSError, match="Remote end closed|reset|EOF"):
        client.chat_postMessage(channel=OPS, text="arrived")
    assert slack.ask("count", text="arrived") == 1


def test_slack_down_refuses_calls_and_ends_sockets_until_it_is_cleared(slack: Workspace) -> None:
    with slack.bot():
        slack.ask("wait_connected")
        slack.ask("fault", name="down")
        assert refused(slack.client().auth_test).response.status_code == 503
        wait_until(lambda: slack.ask("connections") == [])
        slack.ask("clear_faults")
    slack.client().auth_test()


def test_a_planted_secret_is_found_wherever_the_bot_sent_it(slack: Workspace) -> None:
    client = slack.client()
    assert not slack.ask("seen", text='pl"anted')
    hidden = button("x", value='{"note": "pl\\"anted"}')
    client.chat_postMessage(channel=OPS, text="x", blocks=[{"type": "actions", "elements": [hidden]}])
    assert slack.ask("seen", text='pl"anted')
    assert "planted" not in str(slack.ask("journal"))


def test_unknown_verbs_and_arguments_are_refused(slack: Workspace) -> None:
    for verb, arguments in (("fly", {}), ("type", {"who": "alice"}), ("click", {"user": "alice", "x": 1})):
        with pytest.raises(ControlError):
            slack.ask(verb, **arguments)


# ---- rendering


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*太字* _斜体_ ~取消~", "太字 斜体 取消"),
        ("tee_red_m は 2*3*4", "tee_red_m は 2*3*4"),
        ("<https://example.test|開く> &amp; :warning:", "開く & ⚠️"),
        ("<!date^1795255200^{date_num} {time}|前>", "2026-11-21 19:00"),
        ("<!date^1795255200^{unknown}|2026年>", "2026年"),
    ],
)
def test_markup_is_rendered_as_a_person_reads_it(text: str, shown: str) -> None:
    assert plain_mrkdwn(text) == shown


def test_every_kind_of_block_has_a_plain_form() -> None:
    cell = {"type": "raw_text", "text": "mug"}
    number = {"type": "raw_number", "value": 3, "text": "3"}
    point = {"label": "月", "value": 3}
    blocks = [
        {"type": "header", "text": plain("題")},
        {"type": "section", "fields": [plain("左"), plain("右")]},
        {"type": "context", "elements": [plain("小"), {"type": "image", "alt_text": "絵"}]},
        {"type": "divider"},
        {
            "type": "actions",
            "elements": [button("押す"), {"type": "static_select", "placeholder": plain("選ぶ")}],
        },
        {"type": "table", "rows": [[cell, number]]},
        {"type": "data_visualization", "title": "推移", "chart": {"type": "pie", "segments": [point]}},
        field("鍵", "key"),
    ]
    assert plain_blocks(blocks) == "\n".join(
        [
            "■ 題",
            "左",
            "右",
            "小  (絵)",
            "─" * 12,
            "[押す] [選ぶ▾]",
            "mug | 3",
            "[chart: 推移]",
            "月=3",
            "鍵: [＿＿＿＿]",
        ]
    )
