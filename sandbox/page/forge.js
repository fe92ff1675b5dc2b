// The forge: pull requests with what was said and found about them; merging, closing, reverting.

import { el } from "./markup.js";

const SHOWN_COMMITS = 5;
const SIGNS = { success: ["✔", "good", "成功"], pending: ["●", "care", "確認中"], failure: ["✖", "bad", "失敗"], error: ["✖", "bad", "エラー"] };

let ask = null;
let version = "";

/** Begin: `control(part, verb, arguments)` asks the sandbox and refreshes the page. */
export function startForge(control) {
  ask = control;
}

/** Draw the forge if it has changed; `user` is who presses the buttons. */
export function drawForge(forge, user) {
  const now = JSON.stringify([forge, user]);
  if (now === version) return;
  version = now;
  const place = document.querySelector("#forge");
  const open = new Set([...place.querySelectorAll("details[open]")].map((node) => node.dataset.key));
  const shut = new Set([...place.querySelectorAll("details:not([open])")].map((node) => node.dataset.key));
  place.replaceChildren(...(forge ? [drawPanel(forge, user)] : []));
  place.className = forge?.pulls.length || forge?.merged.length ? "busy" : "";
  for (const part of place.querySelectorAll("details")) {
    part.open = (part.open || open.has(part.dataset.key)) && !shut.has(part.dataset.key);
  }
}

function drawPanel(forge, user) {
  const pulls = forge.pulls;
  return el(
    "section.forge", { "aria-label": forge.title },
    el("h2", {}, forge.title),
    pulls.length ? pulls.map((pull) => drawPull(pull, user)) : el("small.more", {}, "開いているプルリクエストはありません。"),
    drawMerged(forge.merged, user),
    drawLog(forge.log),
    drawHands(forge),
  );
}

function drawPull(pull, user) {
  return el(
    "article.pull", { "data-pull": String(pull.number) },
    el("div.byline", {}, sign(pull.status), el("strong", {}, `#${pull.number} ${pull.title}`), el("small", {}, `${pull.user}・${pull.head} → ${pull.base}`)),
    drawChecks(pull.statuses),
    drawTalk(pull),
    el(
      "div.actions", {},
      button("マージ", "merge", pull, { by: user }, ".primary"),
      button("閉じる", "close", pull, {}),
    ),
  );
}

function drawMerged(pulls, user) {
  if (!pulls.length) return null;
  const rows = pulls.map((pull) => el(
    "article.pull", { "data-pull": String(pull.number) },
    el("div.byline", {}, sign(pull.status), el("strong", {}, `#${pull.number} ${pull.title}`), el("small", {}, `${pull.merged_by} がマージ`)),
    drawTalk(pull),
    el("div.actions", {}, button("元に戻す", "revert", pull, { by: user })),
  ));
  return el("details.merged", { "data-key": "merged", open: true }, el("summary", {}, `マージ済み ${pulls.length} 件`), rows);
}

function drawChecks(statuses) {
  const rows = statuses.map((status) => el("li", {}, sign(status.state), ` ${status.context} `, el("small", {}, status.description ?? "")));
  return rows.length ? el("ul.checks", {}, rows) : null;
}

/** The description and the comments, as they were written: their markup is not drawn. */
function drawTalk(pull) {
  const said = [...(pull.body ? [{ user: pull.user, body: pull.body }] : []), ...pull.comments];
  if (!said.length) return null;
  const key = `talk-${pull.number}`;
  const each = said.map((one) => el("div.said", {}, el("small", {}, one.user), el("div.text", {}, one.body)));
  return el("details.talk", { "data-key": key, open: pull.state === "open" }, el("summary", {}, `説明とコメント ${said.length} 件`), each);
}

function sign(state) {
  const [mark, kind, name] = SIGNS[state] ?? ["○", "off", "未確認"];
  return el(`span.mark.${kind}`, { role: "img", "aria-label": name, title: name }, mark);
}

function button(label, verb, pull, values, kind = "") {
  const press = () => ask("forge", verb, { number: pull.number, ...values });
  return el(`button${kind}`, { type: "button", "data-verb": verb, onclick: press }, label);
}

function drawLog(log) {
  const rows = log.slice(0, SHOWN_COMMITS).map((row) => el("li", {}, `${row.message} `, el("small", {}, `${row.author}・${row.commit.slice(0, 7)}`)));
  return el("details.log", { "data-key": "log" }, el("summary", {}, `main のコミット ${log.length} 件`), el("ul", {}, rows));
}

function drawHands(forge) {
  const faults = forge.faults;
  const hands = forge.hands.map((hand) => el("button.fault", { type: "button", "data-verb": hand.verb, onclick: () => ask("forge", hand.verb, hand.arguments ?? {}) }, hand.title));
  const clear = el("button.quiet.clear", { type: "button", onclick: () => ask("forge", "clear_faults", {}) }, "すべて直す");
  return el(
    "details.hands", { "data-key": "hands" },
    el("summary", {}, faults.length ? `起きていること: ${faults.join("、")}` : "やってみる"),
    el("div.switches", {}, hands, faults.length ? clear : null),
  );
}
