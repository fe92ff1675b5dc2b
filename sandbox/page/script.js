// The script of a rehearsal: what happens, what to try, what the bot should say; steps tick themselves.

import { el } from "./markup.js";

const SIGNS = { done: ["✔", "good", "済み"], now: ["▶", "care", "いま"], next: ["●", "off", "これから"] };

let version = "";

/** Draw the script if it has changed; without one its place is empty. */
export function drawScript(script) {
  const now = JSON.stringify(script ?? null);
  if (now === version) return;
  version = now;
  const place = document.querySelector("#script");
  place.replaceChildren(...(script ? [drawPanel(script)] : []));
  place.querySelector("li.now, .over")?.scrollIntoView({ block: "nearest" });
}

function drawPanel(script) {
  return el(
    "section.script", { "aria-label": "練習" },
    el("h2", {}, `練習: ${script.name}`),
    el("p", {}, script.ja),
    el("p.en", { lang: "en" }, script.en),
    el("ol", {}, script.steps.map(drawStep)),
    script.over ? el("p.over", {}, "✔ すべて同じ数に戻りました。", el("span.en", { lang: "en" }, " Everything is equal again.")) : null,
  );
}

function drawStep(step) {
  const [sign, kind, word] = SIGNS[step.state];
  const full = step.state === "now";
  return el(
    `li.${step.state}`, step.state === "now" ? { "aria-current": "step" } : {},
    el(`span.mark.${kind}`, { role: "img", "aria-label": word }, sign),
    el("div", {}, step.ja, full ? el("div.en", { lang: "en" }, step.en) : null, full ? drawTry(step) : null),
  );
}

function drawTry(step) {
  const type = step.type ? el("button.type", { type: "button", title: "入力欄に入れる", onclick: () => enter(step.type) }, step.type) : null;
  const says = step.says ? el("div.says", {}, `棚番「${step.says}」`, el("div.en", { lang: "en" }, step.says_en)) : null;
  return el("div.try", {}, type, says);
}

/** Put a command into the box of the channel, ready to be sent. */
function enter(text) {
  const box = document.querySelector("#command");
  document.body.dataset.side = "slack";
  box.value = text;
  box.focus();
}
