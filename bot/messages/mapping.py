"""What the check of the mapping repository says, by key."""

from __future__ import annotations


def _both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


MESSAGES: dict[str, dict[str, str]] = {
    "level_error": _both("エラー", "error"),
    "level_warning": _both("注意", "warning"),
    "level_note": _both("参考", "note"),
    "meant": _both("「{meant}」ではありませんか。", " Did you mean {meant}?"),
    "refused_by": _both(
        "次のモールでは断られます: {malls_ja}。", " These malls would refuse it: {malls_en}."
    ),
    "at_character": _both(
        "{position} 文字目「{char}」（{point} {char_name}）のためです。",
        " It is character {position} '{char}' ({point} {char_name}).",
    ),
    "where_set": _both(
        "モールでの設定場所 — {field}: {screen}", " On the mall it is set in {field}: {screen}"
    ),
    # the file as such
    "file_missing": _both("ファイルがありません。", "the file is missing."),
    "file_empty": _both("ファイルが空です。", "the file is empty."),
    "file_too_large": _both(
        "ファイルが大きすぎます（上限 {limit} バイト）。include で分けてください。",
        "the file is too large (limit {limit} bytes); split it with include.",
    ),
    "too_many_files": _both("ファイルが多すぎます（上限 {limit}）。", "too many files (limit {limit})."),
    "symlink": _both(
        "シンボリックリンクは使えません。ファイルそのものを置いてください。",
        "symbolic links are refused; put the file itself here.",
    ),
    "not_utf8": _both(
        "UTF-8 ではありません。文字コード UTF-8 で保存してください。", "not UTF-8; save the file as UTF-8."
    ),
    "control_character": _both(
        "見えない制御文字（{code}）があります。消してください。",
        "there is an unseen control character ({code}); remove it.",
    ),
    "syntax": _both("YAML として読めません（{detail}）。", "not readable as YAML ({detail})."),
    "second_document": _both(
        "「---」で区切った2つ目の文書は使えません。", "a second document after --- is refused."
    ),
    "alias": _both(
        "別名（*）は使えません。「*」で始まる値は引用符で囲んでください。",
        "aliases (*) are refused; quote a value that begins with *.",
    ),
    "anchor": _both("アンカー（&）は使えません。", "anchors (&) are refused."),
    "tag": _both("タグ（!）は使えません。", "tags (!) are refused."),
    "too_deep": _both("入れ子が深すぎます（上限 {limit}）。", "nested too deep (limit {limit})."),
    "text_too_long": _both("値が長すぎます（上限 {limit} 文字）。", "the value is too long (limit {limit})."),
    "key_not_text": _both("キーは文字列だけです。", "a key must be a text."),
    "duplicate_key": _both(
        "「{name}」が2回書かれています（1回目は {first_line} 行目）。",
        "{name} stands here twice (first in line {first_line}).",
    ),
    # forms
    "unknown_key": _both(
        "「{name}」というキーはありません（使えるもの: {known}）。", "unknown key {name} (known: {known})."
    ),
    "missing_key": _both("「{name}」がありません。", "{name} is missing."),
    "empty_value": _both("「{name}」の値が空です。", "{name} has no value."),
    "not_text": _both("「{name}」には文字列を1つ書いてください。", "{name} must be one text."),
    "not_table": _both(
        "「{name}」は「キー: 値」の形で書いてください。", "{name} must be a table of key: value."
    ),
    "not_list": _both("「{name}」は一覧（- 値）の形で書いてください。", "{name} must be a list."),
    "not_a_choice": _both(
        "「{name}」に「{value}」は使えません（使えるもの: {known}）。",
        "{name} cannot be {value} (known: {known}).",
    ),
    "not_whole": _both(
        "「{name}」の「{value}」は使えません。半角数字で {low} 以上の整数（9999999 まで）を書いてください。",
        "{name} cannot be {value}; write a whole number from {low} to 9999999 in plain digits.",
    ),
    "not_weight": _both(
        "「{name}」の「{value}」は使えません。auto か、0 より大きい数を書いてください。",
        "{name} cannot be {value}; write auto or a number above 0.",
    ),
    "not_flag": _both(
        "「{name}」の「{value}」は使えません。true か false を書いてください。",
        "{name} cannot be {value}; write true or false.",
    ),
    "not_word": _both(
        "「{name}」の「{value}」は使えません。半角英数字と _ だけです。",
        "{name} cannot be {value}; letters, digits and _ only.",
    ),
    "not_time": _both(
        "「{name}」の「{value}」は日時として読めません。2026-12-01T02:00+09:00 の形で書いてください。",
        "{name} cannot be {value}; write it like 2026-12-01T02:00+09:00.",
    ),
    "version": _both(
        "version は {known} だけです（{value} ではありません）。", "version must be {known}, not {value}."
    ),
    # shops
    "no_shops": _both("店舗が1つもありません。", "there are no shops."),
    "shop_name": _both(
        "店舗名「{name}」は使えません。半角の英小文字・数字・「-」で40文字までです。",
        "the shop name {name} is refused; lower-case letters, digits and -, up to 40.",
    ),
    "unknown_shop": _both(
        "「{name}」という店舗は shops にありません。", "there is no shop {name} under shops."
    ),
    "unknown_mall": _both(
        "「{name}」というモールはありません（使えるもの: {known}）。", "unknown mall {name} (known: {known})."
    ),
    "no_order_source": _both(
        "店舗「{shop}」の受注の取り込み方（orders）がありません。"
        "api・file・none・via のどれかを書いてください。",
        "shop {shop} has no order source (orders); write api, file, none or via.",
    ),
    "orders_form": _both(
        "orders に「{value}」は使えません。api・file・none・「via 店舗名」のどれかです。",
        "orders cannot be {value}; write api, file, none or 'via <shop>'.",
    ),
    "orders_need_reason": _both(
        "店舗「{shop}」は orders: none です。理由を orders_reason に書いてください。",
        "shop {shop} has orders: none; say why in orders_reason.",
    ),
    "via_leads_nowhere": _both(
        "店舗「{shop}」の受注は「{via}」に届くとありますが、そこでは受注を取り込みません。",
        "the orders of {shop} are said to arrive at {via}, which takes none in.",
    ),
    "joiner": _both('joiner は "-" か "" です。', 'joiner must be "-" or "".'),
    "name_twice": _both(
        "「{value}」は「{other}」（{first_line} 行目）にもあります。",
        "{value} also stands under {other} (line {first_line}).",
    ),
    # codes
    "code_trailing_space": _both(
        "コード「{code}」の前か後ろに空白があります。空白は自動では取りません。消してください。",
        "the code '{code}' has a space before or after it; it is not cut silently, remove it.",
    ),
    "code_too_long": _both(
        "コード「{code}」が長すぎます（上限 {limit}）。", "{code} is too long (limit {limit})."
    ),
    "code_character": _both(
        "コード「{code}」の {position} 文字目「{char}」（{point} {char_name}）は使えません。"
        "使えるのは半角の英数字と「-」だけです。",
        "in the code '{code}' character {position} '{char}' ({point} {char_name}) is refused; "
        "half-width letters, digits and - only.",
    ),
    "code_too_long_for_mall": _both(
        "コード「{code}」は店舗「{shop}」（{mall_ja}）には長すぎます（上限 {limit} バイト）。",
        "the code {code} is too long for {shop} ({mall_en}, limit {limit} bytes).",
    ),
    "code_refused_by_mall": _both(
        "コード「{code}」は店舗「{shop}」（{mall_ja}）では使えない形です。",
        "{shop} ({mall_en}) does not accept the form of the code {code}.",
    ),
    "code_duplicate": _both(
        "コード「{code}」が2回書かれています（1回目は {file} の {first_line} 行目）。",
        "the code {code} stands here twice (first in {file} line {first_line}).",
    ),
    "code_ambiguous": _both(
        "つないだコード「{code}」が「{other}」（{file} の {first_line} 行目）と同じになります。",
        "the joined code {code} meets one of {other} ({file} line {first_line}).",
    ),
    "mall_code_twice": _both(
        "店舗「{shop}」の「{mall_code}」が「{code}」と"
        "「{other}」（{file} の {first_line} 行目）の両方に使われています。",
        "on {shop} the listing {mall_code} belongs to both {code} and {other} ({file} line {first_line}).",
    ),
    "looks_like_false": _both(
        "「{value}」はコードとして読みます。取扱なしなら false と書き、コードなら引用符で囲んでください。",
        "{value} is read as a code; write false for 'not linked', or quote the code.",
    ),
    "legacy_needs_reason": _both(
        "「{code}」の legacy_code には理由（reason）が要ります。", "legacy_code of {code} needs a reason."
    ),
    # products
    "too_many_axes": _both("選択肢の軸は {limit} つまでです。", "at most {limit} axes."),
    "axis_twice": _both("選択肢「{name}」が2回あります。", "the axis {name} stands here twice."),
    "axis_empty": _both("選択肢「{name}」に値がありません。", "the axis {name} has no values."),
    "value_twice": _both(
        "値「{value}」が2回あります（1回目は {first_line} 行目）。",
        "the value {value} stands here twice (first in line {first_line}).",
    ),
    "too_many_variants": _both(
        "「{code}」の組み合わせが {count} 通りあります（上限 {limit}）。",
        "{code} has {count} combinations (limit {limit}).",
    ),
    "too_many_codes": _both("コードが多すぎます（上限 {limit}）。", "too many codes (limit {limit})."),
    "listing_needs_codes": _both(
        "「{code}」には選択肢があります。"
        "店舗「{shop}」では「コード: モールのコード」をSKUごとに書いてください。",
        "{code} has variations; for {shop} write 'code: mall code' for each of them.",
    ),
    "listing_unknown_code": _both(
        "「{code}」は「{product}」のコードではありません。", "{code} is not a code of {product}."
    ),
    # sets
    "set_with_axes": _both(
        "「{code}」はセット商品なので選択肢（axes）を持てません。", "{code} is a set and cannot have axes."
    ),
    "set_size": _both("セットの中身は1種類から {limit} 種類までです。", "a set has 1 to {limit} components."),
    "unknown_component": _both(
        "セットの中身「{code}」という商品はありません。",
        "the component {code} is not a code of this mapping.",
    ),
    "component_has_axes": _both(
        "「{code}」には選択肢があります。セットの中身はSKUのコードで書いてください。",
        "{code} has variations; name one of their codes as the component.",
    ),
    "set_loop": _both("セットが自分自身を含んでいます（{way}）。", "the set holds itself ({way})."),
    "set_too_deep": _both(
        "セット「{code}」の入れ子が深すぎます（上限 {limit}）。",
        "the set {code} is nested too deep (limit {limit}).",
    ),
    # beside what the shops list
    "snapshot_old": _both(
        "店舗「{shop}」の商品一覧は {days} 日前のものです。取り込み直してください（tanaban import {shop}）。",
        "the product list of {shop} is {days} days old; read it anew (tanaban import {shop}).",
    ),
    "snapshot_without_shop": _both(
        "店舗「{shop}」の商品一覧がありません。比べられません（tanaban import {shop}）。",
        "there is no product list of {shop}, so it is not compared (tanaban import {shop}).",
    ),
    "snapshot_unknown_shop": _both(
        "商品一覧にある店舗「{shop}」は shops にありません。",
        "the product lists have a shop {shop} that is not under shops.",
    ),
    "listing_missing": _both(
        "コード「{code}」が店舗「{shop}」（{mall_ja}）にありません（探したコード「{mall_code}」）。",
        "{code} is not on {shop} ({mall_en}): no listing has the code {mall_code}.",
    ),
    "listing_case": _both(
        "店舗「{shop}」（{mall_ja}）では「{there}」、ここでは「{mall_code}」です。"
        "大文字と小文字まで同じにしてください。",
        "{there} on the mall ({shop}, {mall_en}), {mall_code} here: the case must be the same.",
    ),
    "listing_differs": _both(
        "店舗「{shop}」（{mall_ja}）では「{there}」、ここでは「{mall_code}」です。1文字ずつ同じにしてください。",
        "{there} on the mall ({shop}, {mall_en}), {mall_code} here: they must be the same letter by letter.",
    ),
    "listing_double": _both(
        "店舗「{shop}」（{mall_ja}）の {count} 件の出品が同じコード「{mall_code}」です。",
        "{count} listings on {shop} ({mall_en}) have the code {mall_code}.",
    ),
    "listing_not_on_sale": _both(
        "コード「{code}」は店舗「{shop}」で連動していますが、販売中ではありません。",
        "{code} is linked on {shop}, not on sale.",
    ),
    "listing_unknown": _both(
        "店舗「{shop}」（{mall_ja}）の「{mall_code}」（{name}）は対応表にありません。",
        "{mall_code} ({name}) on {shop} ({mall_en}) is not in the mapping.",
    ),
    "listing_without_code": _both(
        "店舗「{shop}」（{mall_ja}）にコードのない出品が {count} 件あります（{name} など）。",
        "{count} listings on {shop} ({mall_en}) have no code ({name} among them).",
    ),
    # include
    "include_form": _both(
        "include の「{value}」は使えません。products/*.yaml の形で書いてください。",
        "include cannot be {value}; write it like products/*.yaml.",
    ),
    "include_nothing": _both("「{value}」に当てはまるファイルがありません。", "no file matches {value}."),
    # team.yaml
    "team_missing": _both(
        "team.yaml がありません。Slack から操作できる人がいません。",
        "team.yaml is missing; nobody may change anything from Slack.",
    ),
    "no_admin": _both("admin（管理者）がいません。", "there is no admin."),
    "no_ops_channel": _both(
        "channels に ops（通知先のチャンネル）がありません。", "channels has no ops, the channel for alerts."
    ),
    "not_person": _both(
        "「{value}」は Slack のユーザーID（U…）でもグループID（S…）でもありません。",
        "{value} is neither a Slack user id (U...) nor a user-group id (S...).",
    ),
    "person_twice": _both("「{value}」は {other} にもあります。", "{value} also stands under {other}."),
    "not_channel": _both(
        "「{value}」は Slack のチャンネルID（C…）ではありません。名前ではなくIDを書いてください。",
        "{value} is not a Slack channel id (C...); write the id, not the name.",
    ),
    "window_backwards": _both("until は from より後にしてください。", "until must be after from."),
}
