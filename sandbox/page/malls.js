// The malls: what buyers see, orders, faults, files; a shopper's and a merchant's hands.

import { el } from "./markup.js";

const SHOWN_ORDERS = 12;

let drawn = new Map();
const told = new Map(); // part -> the last answer to a hand
let ask = null;

/** Begin: `control(part, verb, arguments)` asks the sandbox and refreshes the page. */
export function startMalls(control) {
  ask = control;
}

/** Draw the malls that have changed. */
export function drawMalls(malls) {
  const kept = new Map(malls.map((mall) => [mall.part, cardFor(mall)]));
  const place = document.querySelector("#shops");
  const nodes = [...kept.values()].map((entry) => entry.node);
  nodes.forEach((node, number) => {
    if (place.children[number] !== node) place.insertBefore(node, place.children[number] ?? null);
  });
  while (place.children.length > nodes.length) place.lastChild.remove();
  drawn = kept;
}

function cardFor(mall) {
  const version = JSON.stringify(mall);
  const old = drawn.get(mall.part);
  if (old && old.version === version) return old;
  const open = old ? new Set([...old.node.querySelectorAll("details[open]")].map((node) => node.dataset.key)) : new Set();
  const node = drawMall(mall, new Map((old?.mall.stock ?? []).map((row) => [row.code, row.quantity])));
  for (const part of node.querySelectorAll("details")) part.open = open.has(part.dataset.key) || part.open;
  return { version, node, mall };
}

function drawMall(mall, before) {
  return el(
    "section.mall", { "data-part": mall.part },
    el("h2", {}, mall.title ?? mall.part),
    drawStock(mall, before),
    drawOrders(mall),
    drawHands(mall),
    drawNotes(mall),
    drawFiles(mall),
  );
}

function drawStock(mall, before) {
  const hasExpected = mall.stock.some((row) => row.expected !== undefined);
  const head = ["コード", "商品", ...(hasExpected ? ["想定"] : []), "在庫", ""].map((text) => el("th", {}, text));
  const rows = mall.stock.map((row) => stockRow(mall, row, hasExpected, before));
  return el("div.table", {}, el("table.stock", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)));
}

function stockRow(mall, row, hasExpected, before) {
  const buy = () => ask(mall.part, "order", { lines: [{ code: row.code, quantity: 1 }] });
  const changed = before.has(row.code) && before.get(row.code) !== row.quantity;
  const number = el("button.number" + (row.quantity ? "" : ".sold-out") + (changed ? ".changed" : ""), {
    type: "button", title: "モールの画面で手で直す", onclick: () => edit(mall, row, number),
  }, String(row.quantity));
  return el(
    "tr", { "data-code": row.code },
    el("td.code", {}, row.code), el("td", {}, row.name ?? ""),
    hasExpected ? el("td.number", {}, String(row.expected ?? "")) : null,
    el("td.quantity", {}, number),
    el("td", {}, el("button.buy", { type: "button", onclick: buy, disabled: row.quantity < 1 }, "買う")),
  );
}

function edit(mall, row, number) {
  const box = el("input.edit", { type: "number", min: "0", value: String(row.quantity), "aria-label": `${row.code} の在庫` });
  const keep = () => {
    if (!box.isConnected) return;
    const quantity = Number(box.value);
    box.replaceWith(number);
    if (box.value !== "" && quantity !== row.quantity) ask(mall.part, "set_stock", { code: row.code, quantity });
  };
  box.addEventListener("blur", keep);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") box.replaceWith(number);
    if (event.key === "Enter") keep();
  });
  number.replaceWith(box);
  box.select();
}

function drawOrders(mall) {
  const orders = [...(mall.orders ?? [])].reverse();
  if (!orders.length) return null;
  const rows = orders.slice(0, SHOWN_ORDERS).map((order) => orderRow(mall, order));
  const more = orders.length > SHOWN_ORDERS ? el("p.more", {}, `ほか ${orders.length - SHOWN_ORDERS} 件`) : null;
  return el("details.orders", { open: true, "data-key": "orders" }, el("summary", {}, `注文 ${orders.length} 件`), el("ul", {}, rows), more);
}

function orderRow(mall, order) {
  const cancel = () => ask(mall.part, "cancel", { order_id: order.order_id });
  const lines = (order.lines ?? []).map((line) => `${line.code} × ${line.quantity}`).join("、");
  const isOver = /キャンセル|cancel/i.test(order.state ?? "");
  return el(
    `li${isOver ? ".over" : ""}`, { "data-order": order.order_id },
    el("span.lines", {}, lines), el("span.state", {}, order.state ?? ""),
    isOver ? null : el("button.quiet.cancel", { type: "button", onclick: cancel }, "キャンセル"),
    el("small", {}, order.order_id),
  );
}

/** What a person can do at this mall besides buying: each hand is a button; an answer is shown to be copied. */
function drawHands(mall) {
  const hands = (mall.hands ?? []).map((hand) => handButton(mall, hand));
  const faults = mall.faults ?? [];
  const clear = el("button.quiet.clear", { type: "button", onclick: () => ask(mall.part, "clear_faults", {}) }, "すべて直す");
  return el(
    "details.faults", { "data-key": "faults", open: true },
    el("summary", {}, faults.length ? `起きていること: ${faults.map(String).join("、")}` : "やってみる"),
    el("div.switches", {}, hands, faults.length ? clear : null),
    el("output.told", { "data-told": mall.part }, told.get(mall.part) ?? ""),
  );
}

function handButton(mall, hand) {
  const press = async () => {
    const result = await ask(mall.part, hand.verb, hand.arguments ?? {});
    if (result && typeof result === "object") {
      told.set(mall.part, Object.values(result)[0]);
      document.querySelector(`[data-told="${mall.part}"]`).textContent = told.get(mall.part);
    }
  };
  return el("button.fault", { type: "button", onclick: press, "data-verb": hand.verb }, hand.title);
}

function drawNotes(mall) {
  const notes = mall.notes ?? [];
  return notes.length ? el("ul.notes", {}, notes.map((note) => el("li", {}, String(note)))) : null;
}

function drawFiles(mall) {
  const files = Object.entries(mall.files ?? {});
  if (!files.length) return null;
  const each = files.map(([path, text]) =>
    el("details.file", { "data-key": path }, el("summary", {}, `${path}`), el("pre", {}, String(text))));
  return el("details.files", { "data-key": "files" }, el("summary", {}, `ファイル ${files.length} 件`), each);
}
