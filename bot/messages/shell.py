"""What the shell says of pauses, readiness, counts and history; the refusals among it are Slack's too."""

SHELL: dict[str, dict[str, str]] = {
    # --- many at once
    "confirm": {
        "ja": "{codes}件のコード、{shops}店舗が対象です。続けるには {number} と入力してください: ",
        "en": "{codes} codes on {shops} shops: type {number} to go on: ",
    },
    "confirm.not": {"ja": "何も変更していません。", "en": "Nothing was changed."},
    "changed.targets": {"ja": "{first} ほか計{count}件", "en": "{count} targets ({first} ...)"},
    "pauses.none": {"ja": "一時停止はありません。", "en": "Nothing is paused."},
    "pauses.left": {
        "ja": "ほかの一時停止が {count}件あります（tanaban pauses で一覧）。",
        "en": "{count} other pauses hold on (see tanaban pauses).",
    },
    "pauses.line": {
        "ja": "{target}　{until}　理由：{reason}　{who}　{since} から",
        "en": "{target}  {until}  reason: {reason}  by {who}  since {since}",
    },
    "pauses.status": {
        "ja": "一時停止中のコード：{count}件（tanaban pauses で一覧）",
        "en": "paused codes: {count} (see tanaban pauses)",
    },
    # --- files
    "file.count_line": {
        "ja": "コードと個数（0以上の整数）が必要です",
        "en": "wanted a code and a whole number of pieces",
    },
    "file.no_code": {"ja": "コードがありません", "en": "there is no code"},
    "file.unknown_code": {
        "ja": "「{code}」というコードも商品もありません",
        "en": "there is no code and no product “{code}”",
    },
    "file.twice": {"ja": "{code} が2回あります", "en": "{code} stands here twice"},
    "file.encoding": {
        "ja": "UTF-8 でも CP932（Shift_JIS）でもありません",
        "en": "the file is neither UTF-8 nor CP932",
    },
    "file.header_code_quantity": {
        "ja": "1行目に見出しが必要です：コード,数量",
        "en": "the first line must name a column for codes and one for pieces: code,quantity",
    },
    "file.header_code": {
        "ja": "1行目に見出しが必要です：コード",
        "en": "the first line must name a column for codes: code",
    },
    "file.cells": {
        "ja": "列の数が見出し（{count}列）と違います",
        "en": "wanted {count} cells, as in the first line",
    },
    "file.not_csv": {"ja": "CSV として読めません", "en": "this is no CSV"},
    "file.nothing_done": {
        "ja": "{count}行に誤りがあります。何も実行していません。",
        "en": "{count} wrong lines. Nothing was done.",
    },
    # --- counts and adjustments
    "count.line": {"ja": "{code}: {before} → {after}", "en": "{code}: {before} -> {after}"},
    "count.total": {"ja": "合計: {before} → {after}", "en": "total: {before} -> {after}"},
    "count.done": {
        "ja": "{count}件を登録、うち変更 {changed}件",
        "en": "{count} codes counted, {changed} changed",
    },
    "count.dry_run": {
        "ja": "{count}件のうち変更 {changed}件（試しただけで、登録していません）",
        "en": "{count} codes, {changed} would change; nothing was entered",
    },
    "count.what_counts": {
        "ja": "未発送の注文のために取り置いた分は数えません。",
        "en": "Pieces set aside for open orders are not counted.",
    },
    "adjust.done": {
        "ja": "{code}: 実在庫 {before} → {after}、販売できる数 {available}",
        "en": "{code}: on hand {before} -> {after}, available {available}",
    },
    "adjust_no_note": {
        "ja": "在庫の調整には理由（--note）が必要です。",
        "en": "An adjustment needs its reason (--note).",
    },
    "adjust_pieces": {
        "ja": "個数は +3 や -2 のように入力してください。入荷（--receipt）は + だけです。",
        "en": "Give the pieces as +3 or -2. A receipt only adds.",
    },
    "adjust_of_set": {
        "ja": "「{code}」はセット商品です。構成する商品の数を調整してください。",
        "en": "“{code}” is a set. Adjust the numbers of its parts.",
    },
    "adjust_uncounted": {
        "ja": "「{code}」はまだ数が登録されていません。先に棚卸（stock count）を登録してください。",
        "en": "“{code}” was never counted. Enter a count first (stock count).",
    },
    "adjust_too_few": {
        "ja": "「{code}」の実在庫は {on_hand} です。それより多くは減らせません。",
        "en": "There are {on_hand} of “{code}” on hand; no more can be taken away.",
    },
    # --- history
    "history.none": {"ja": "{code}: 記録はまだありません。", "en": "{code}: nothing is recorded yet."},
    "history.order": {"ja": "注文 {order}", "en": "order {order}"},
    "history.on_hand": {"ja": "実在庫 {change}（→ {after}）", "en": "on hand {change} (-> {after})"},
    "history.reserved": {"ja": "引当 {change}", "en": "reserved {change}"},
    "history.held": {"ja": "保留 {change}", "en": "held {change}"},
    "history.written": {"ja": "反映 {before} → {quantity}", "en": "written {before} -> {quantity}"},
    "history.happened": {"ja": "（{at} の分）", "en": "(of {at})"},
    "what.count": {"ja": "棚卸", "en": "count"},
    "what.receipt": {"ja": "入荷", "en": "receipt"},
    "what.adjusted": {"ja": "調整", "en": "adjusted"},
    "what.reserved": {"ja": "引当", "en": "reserved"},
    "what.sold": {"ja": "販売", "en": "sold"},
    "what.cancelled": {"ja": "キャンセル", "en": "cancelled"},
    "what.reduced": {"ja": "数量減", "en": "reduced"},
    "what.held": {"ja": "保留", "en": "held"},
    "what.released": {"ja": "保留解除", "en": "released"},
    "what.write": {"ja": "在庫反映", "en": "write"},
    # --- readiness
    "ready.title": {"ja": "{shop}（{mall}）", "en": "{shop} ({mall})"},
    "ready.all": {"ja": "準備ができています。", "en": "Everything is ready."},
    "ready.not": {
        "ja": "✗ が {count}件あります。直してからもう一度確かめてください。",
        "en": "{count} ✗: mend them and look again.",
    },
    "ready.orders_api": {"ja": "注文：API で取り込んでいます", "en": "orders: read from the mall"},
    "ready.orders_unread": {
        "ja": "注文：API で取り込みます（まだ一度も取り込んでいません）→ tanaban run で始まります",
        "en": "orders: to be read from the mall, not read yet -> tanaban run begins it",
    },
    "ready.orders_file": {
        "ja": "注文：ファイルで取り込みます（tanaban orders import {shop} ファイル）",
        "en": "orders: by file (tanaban orders import {shop} FILE)",
    },
    "ready.orders_none": {
        "ja": "注文：取り込まない設定です（{reason}）",
        "en": "orders: none on purpose ({reason})",
    },
    "ready.orders_via": {"ja": "注文：{via} に届きます", "en": "orders: they arrive at {via}"},
    "ready.orders_via_archived": {
        "ja": "注文：届け先の {via} が休止中です → {via} を有効にするか、orders: none と理由を書いてください",
        "en": "orders: {via}, where they arrive, is archived "
        "-> make it active, or write orders: none with a reason",
    },
    "ready.orders_nowhere": {
        "ja": "注文：取込元がありません "
        "→ mappings.yaml に orders: api、file、または none と理由を書いてください",
        "en": "orders: there is no source "
        "-> write orders: api, file, or none with a reason into mappings.yaml",
    },
    "ready.orders_unable": {
        "ja": "注文：このモールの注文は API で読めません（{reason}）"
        "→ orders: file か none と理由を書いてください",
        "en": "orders: this mall's cannot be read ({reason}) -> write orders: file, or none with a reason",
    },
    "ready.orders_no_keys": {
        "ja": "注文：{kinds} が未登録で取り込めません → tanaban credentials set {shop}",
        "en": "orders: cannot be read, {kinds} not set -> tanaban credentials set {shop}",
    },
    "on_orders_via_archived": {
        "ja": "{shop} の注文の届け先 {via} が休止中なので、自動連携を始められません。"
        "{shop} を先に off にするか、orders: none と理由を書いてください。",
        "en": "Sync was not switched on: the orders of {shop} arrive at {via}, which is archived. "
        "Switch {shop} off first, or write orders: none with a reason.",
    },
    "on_orders_nowhere": {
        "ja": "{shop} の注文の取込元がないので、自動連携を始められません。"
        "{shop} を先に off にするか、mappings.yaml に取込元を書いてください。",
        "en": "Sync was not switched on: {shop} has no source of orders. "
        "Switch {shop} off first, or write one into mappings.yaml.",
    },
    "on_orders_unable": {
        "ja": "{shop} の注文は API で読めないので、自動連携を始められません（{reason}）。"
        "{shop} を先に off にするか、orders: file、または none と理由を書いてください。",
        "en": "Sync was not switched on: the orders of {shop} cannot be read ({reason}). "
        "Switch {shop} off first, or write orders: file, or none with a reason.",
    },
    "on_orders_no_keys": {
        "ja": "{shop} の {kinds} が未登録で注文を取り込めないので、自動連携を始められません。"
        "登録するか、{shop} を先に off にしてください。",
        "en": "Sync was not switched on: orders of {shop} cannot be read, {kinds} not set. "
        "Set it, or switch {shop} off first.",
    },
    "ready.mapping_good": {
        "ja": "コード対応：{count}件すべて商品一覧にあります",
        "en": "mapping: all {count} codes are in the product list",
    },
    "ready.mapping_unwritten": {
        "ja": "コード対応：このモールには在庫を書き込みません",
        "en": "mapping: this mall is never written to",
    },
    "ready.mapping_unknown": {
        "ja": "コード対応：商品一覧がないので確かめられません",
        "en": "mapping: cannot be compared without a product list",
    },
    "ready.mapping_missing": {
        "ja": "コード対応：{count}件が {shop} の商品一覧にありません：{codes} "
        "→ モールの商品コードか mappings.yaml を直してください",
        "en": "mapping: {count} codes are not in the product list of {shop}: {codes} "
        "-> mend the code at the mall or mappings.yaml",
    },
    "ready.mapping_double": {
        "ja": "コード対応：{count}件が {shop} に2つ以上あります：{codes} → どれか1つだけにしてください",
        "en": "mapping: {count} codes stand on several listings of {shop}: {codes} -> leave each on one",
    },
    "ready.products_good": {
        "ja": "商品一覧：{days}日前に取り込みました",
        "en": "product list: {days} days old",
    },
    "ready.products_fresh": {
        "ja": "商品一覧：この24時間に取り込みました",
        "en": "product list: less than a day old",
    },
    "ready.products_old": {
        "ja": "商品一覧：{days}日前のものです → tanaban import {shop}",
        "en": "product list: {days} days old -> tanaban import {shop}",
    },
    "ready.products_none": {
        "ja": "商品一覧：まだ取り込んでいません → tanaban import {shop}",
        "en": "product list: not read yet -> tanaban import {shop}",
    },
    "ready.products_by_file": {
        "ja": "商品一覧：まだ取り込んでいません "
        "→ モールの画面で商品ファイルを出力し、tanaban import {shop} ファイル",
        "en": "product list: not read yet -> export it on the mall's screen, then tanaban import {shop} FILE",
    },
    "ready.products_unneeded": {"ja": "商品一覧：不要です", "en": "product list: not needed"},
    "ready.keys_good": {"ja": "認証情報：確認済みです", "en": "credentials: checked"},
    "ready.keys_unneeded": {"ja": "認証情報：不要です", "en": "credentials: none are needed"},
    "ready.keys_not_set": {
        "ja": "認証情報：{kinds} が未登録です → tanaban credentials set {shop}",
        "en": "credentials: {kinds} not set -> tanaban credentials set {shop}",
    },
    "ready.keys_pending": {
        "ja": "認証情報：新しいものを確認中です",
        "en": "credentials: new ones are being tried",
    },
    "ready.keys_refused": {
        "ja": "認証情報：使えません（{detail}）→ 更新してください",
        "en": "credentials: refused ({detail}) -> renew them",
    },
    "ready.keys_unchecked": {
        "ja": "認証情報：まだ確かめていません → tanaban check {shop}",
        "en": "credentials: not checked yet -> tanaban check {shop}",
    },
}
