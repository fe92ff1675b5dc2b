"""One of every block and element that the bot sends, and words to find each by on the page."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def button(label: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action_id, **more}


def option(text: str) -> Json:
    return {"text": plain(text), "value": text}


CONFIRM = {
    "title": plain("止めますか"),
    "text": mrkdwn("*全モール*への反映が止まります"),
    "confirm": plain("止める"),
    "deny": plain("やめる"),
}
MESSAGE: list[Json] = [
    {"type": "header", "text": plain("見出しの一行")},
    {"type": "section", "text": mrkdwn("*太字* と `tee-red-m` と _斜体_ と ~取り消し~")},
    {
        "type": "section",
        "fields": [mrkdwn("*楽天市場*\n:white_check_mark: 連携中"), mrkdwn("*RoomClip*\n停止")],
    },
    {"type": "section", "text": mrkdwn("&lt;!channel&gt; &lt;b&gt;字のまま&lt;/b&gt;")},
    {"type": "context", "elements": [mrkdwn("最終確認 <!date^1795255200^{date_num} {time}|2026-11-21>")]},
    {"type": "divider"},
    {
        "type": "section",
        "text": mrkdwn("そのほかの操作"),
        "accessory": {
            "type": "overflow",
            "action_id": "more",
            "options": [option("履歴"), option("なぜ")],
        },
    },
    {
        "type": "table",
        "rows": [[raw("コード"), raw("在庫")], [raw("mug"), raw("12")]],
    },
    {
        "type": "actions",
        "elements": [
            button("確認した", "seen", style="primary"),
            button("全部止める", "stop", style="danger", confirm=CONFIRM),
            {
                "type": "static_select",
                "action_id": "snooze",
                "placeholder": plain("知らせない時間"),
                "options": [option("30分"), option("2時間")],
            },
        ],
    },
]
DATA_TABLE: list[Json] = [
    {
        "type": "data_table",
        "caption": "商品一覧 6件",
        "page_size": 5,
        "rows": [[raw("商品コード"), raw("販売できる数")]]
        + [[raw(f"code-{n}"), raw(str(n))] for n in range(6)],
    }
]
CHART: list[Json] = [
    {
        "type": "data_visualization",
        "title": "在庫の動き",
        "chart": {
            "type": "line",
            "series": [
                {
                    "name": "在庫",
                    "data": [{"label": "月", "value": 3}, {"label": "火", "value": 7}],
                }
            ],
            "axis_config": {"categories": ["月", "火"]},
        },
    }
]
FORM: Json = {
    "type": "modal",
    "title": plain("鍵の更新"),
    "submit": plain("保存"),
    "close": plain("やめる"),
    "blocks": [
        {"type": "section", "text": mrkdwn("入力は*隠れません*。")},
        {
            "type": "input",
            "block_id": "key",
            "label": plain("ライセンスキー"),
            "hint": plain("モールの画面から写します"),
            "element": {"type": "plain_text_input", "action_id": "value", "placeholder": plain("SL…")},
        },
        {
            "type": "input",
            "block_id": "until",
            "optional": True,
            "label": plain("有効期限"),
            "element": {"type": "datepicker", "action_id": "value"},
        },
        {
            "type": "input",
            "block_id": "ticks",
            "optional": True,
            "label": plain("確かめたこと"),
            "element": {
                "type": "checkboxes",
                "action_id": "value",
                "options": [option("控えた"), option("試した")],
            },
        },
        {
            "type": "input",
            "block_id": "where",
            "optional": True,
            "label": plain("種類"),
            "element": {
                "type": "static_select",
                "action_id": "value",
                "options": [option("注文"), option("在庫")],
            },
        },
        {
            "type": "input",
            "block_id": "file",
            "optional": True,
            "label": plain("ファイル"),
            "element": {"type": "file_input", "action_id": "value", "filetypes": ["csv"]},
        },
    ],
}
HOME: Json = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("在庫連携のホーム")},
        {"type": "section", "text": mrkdwn("*楽天市場* 連携中"), "accessory": button("一時停止", "pause")},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn("期限が近い認証情報はありません")]},
    ],
}
