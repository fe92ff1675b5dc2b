// The workspace: messages, Home, the open modal, and what a person does with them.

import { drawBlocks, drawText } from "./blocks.js";
import { el, textNodes, textString } from "./markup.js";

const NEAR_BOTTOM = 60;

let drawn = new Map();
let shown = { place: "channel", modal: "", home: "" };
let state = null;
let ask = null;

/** Begin: `control(part, verb, arguments)` asks the sandbox and refreshes the page. */
export function startSlack(control) {
  ask = control;
  document.querySelector("#composer").addEventListener("submit", send);
  for (const tab of document.querySelectorAll("#places [data-place]")) {
    tab.addEventListener("click", () => choosePlace(tab.dataset.place));
  }
}

/** Draw what has changed; scroll position and typed text stay. */
export function drawSlack(found) {
  state = found;
  document.querySelector("#tab-channel").textContent = `# ${state.channel.name}`;
  document.querySelector("#command").placeholder = `${state.command} help`;
  drawMessages();
  drawHome();
  drawModal();
}

function choosePlace(place) {
  shown.place = place;
  if (state) drawSlack(state);
  if (place === "home") ask("slack", "open_home", { user: state.user });
  else toBottom();
}

async function send(event) {
  event.preventDefault();
  const box = document.querySelector("#command");
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  toBottom();
  await ask("slack", "type", { user: state.user, text, channel: placeId() });
  toBottom();
}

function placeId() {
  return shown.place === "direct" ? state.direct : state.channel.id;
}

function toBottom() {
  const list = document.querySelector("#messages");
  list.scrollTop = list.scrollHeight;
}

function drawMessages() {
  for (const tab of document.querySelectorAll("#places [data-place]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.place === shown.place));
  }
  const list = document.querySelector("#messages");
  list.hidden = shown.place === "home";
  document.querySelector("#home").hidden = shown.place !== "home";
  const stays = list.scrollHeight - list.scrollTop - list.clientHeight > NEAR_BOTTOM;
  const here = state.messages.filter((message) => message.channel === placeId());
  const roots = here.filter((message) => !here.some((other) => other.ts === message.thread_ts));
  const kept = new Map();
  for (const root of roots) {
    const replies = here.filter((message) => message.thread_ts === root.ts && message !== root);
    kept.set(root.ts, nodeFor(root, replies));
  }
  arrange(list, [...kept.values()].map((entry) => entry.node));
  drawn = kept;
  if (!stays) toBottom();
}

function nodeFor(root, replies) {
  const version = JSON.stringify([root, replies]);
  const old = drawn.get(root.ts);
  if (old && old.version === version) return old;
  const node = drawMessage(root);
  if (replies.length) {
    const thread = el("div.thread", {}, el("p.count", {}, `${replies.length} 件の返信`), replies.map(drawMessage));
    node.append(thread);
  }
  return { version, node };
}

function arrange(list, nodes) {
  if (!nodes.length) nodes = [el("p.empty", {}, `まだメッセージはありません。下の欄に ${state.command} help と入力してください。`)];
  nodes.forEach((node, number) => {
    if (list.children[number] !== node) list.insertBefore(node, list.children[number] ?? null);
  });
  while (list.children.length > nodes.length) list.lastChild.remove();
}

function drawMessage(message) {
  const act = (kind, block, element, detail) => doAction(kind, block, element, detail, { message_ts: message.ts });
  const kind = message.notice ? ".notice" : message.ephemeral ? ".ephemeral" : "";
  const body = message.blocks.length ? drawBlocks(message.blocks, act) : message.text ? [drawText(message.text)] : [];
  const attached = message.attachments.map((item) =>
    el("div.attachment", { "data-color": item.color }, item.text ? drawText(item.text) : null, drawBlocks(item.blocks ?? [], act)));
  return el(
    `article.message${kind}`, { "data-ts": message.ts },
    el("span.face", { "aria-hidden": "true" }, message.author.slice(0, 1)),
    el("div.content", {}, drawByline(message), body, attached, message.files.map(drawFile)),
  );
}

function drawByline(message) {
  const time = new Date(Number(message.ts) * 1000).toLocaleTimeString("ja-JP", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Tokyo" });
  const isBot = message.user === state.bot.id;
  return el(
    "p.byline", {},
    el("strong", {}, message.author), isBot ? el("span.tag", {}, "アプリ") : null,
    el("time", {}, time),
    message.edited ? el("span.edited", {}, "（編集済み）") : null,
    message.ephemeral ? el("span.only-you", {}, "あなただけに表示") : null,
  );
}

function drawFile(file) {
  return el("details.file", {}, el("summary", {}, `${file.title}`), el("pre", {}, file.content ?? ""));
}

function drawHome() {
  const place = document.querySelector("#home");
  const { home } = state;
  const version = home ? `${home.view_id} ${home.revision} ${home.trouble}` : "none";
  if (version === shown.home) return;
  shown.home = version;
  const act = (kind, block, element, detail) => doAction(kind, block, element, detail, { home: true });
  place.replaceChildren(...(home ? drawBlocks(home.blocks, act, home.values) : [el("p.empty", {}, "ホームはまだ公開されていません。")]));
}

function drawModal() {
  const place = document.querySelector("#modal");
  const { modal } = state;
  const version = modal ? JSON.stringify([modal.view_id, modal.revision, modal.block_errors, modal.trouble]) : "";
  if (version === shown.modal) return;
  const isSame = shown.modal && modal && version.startsWith(`["${modal.view_id}"`) && place.dataset.view === modal.view_id;
  const typed = isSame ? modalValues() : {};
  shown.modal = version;
  place.hidden = !modal;
  place.dataset.view = modal ? modal.view_id : "";
  place.replaceChildren(...(modal ? [modalForm(modal)] : []));
  for (const [block, value] of Object.entries(typed)) restore(block, value);
  if (modal && !isSame) place.querySelector("input, textarea, select")?.focus();
}

function restore(block, value) {
  const field = document.querySelector(`#modal [data-block="${CSS.escape(block)}"]`);
  if (!field || field.type === "file") return;
  if (field.value !== undefined && typeof value === "string" && value !== "") field.value = value;
  for (const box of field.querySelectorAll("input[value]")) box.checked = [value].flat().includes(box.value);
}

function modalForm(modal) {
  const act = (kind, block, element, detail) => doAction(kind, block, element, detail, { view_id: modal.view_id });
  const close = () => ask("slack", "close_modal", { user: state.user });
  const buttons = [el("button", { type: "button", id: "modal-close", onclick: close }, modal.close || "キャンセル")];
  if (modal.submit) buttons.push(el("button.primary", { type: "submit", id: "modal-submit" }, modal.submit));
  return el(
    "form.card", { onsubmit: submit, autocomplete: "off", novalidate: "" },
    el("h2", { id: "modal-title" }, modal.title),
    el("div.body", {}, drawBlocks(modal.blocks, act, modal.values, modal.block_errors), modal.trouble ? el("p.error", {}, modal.trouble) : null),
    el("div.ends", {}, buttons),
  );
}

async function submit(event) {
  event.preventDefault();
  const button = document.querySelector("#modal-submit");
  button.disabled = true;
  await ask("slack", "submit", { user: state.user, values: { ...modalValues(), ...(await modalFiles()) } });
  button.disabled = false;
}

function modalValues() {
  const fields = [...document.querySelectorAll("#modal [data-block]")].filter((field) => field.type !== "file");
  return Object.fromEntries(fields.map((field) => [field.dataset.block, field.read()]));
}

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

async function modalFiles() {
  const found = {};
  for (const field of document.querySelectorAll('#modal input[type="file"]')) {
    const files = [...field.files].map(async (file) => ({ name: file.name, base64: await base64(file) }));
    found[field.dataset.block] = await Promise.all(files);
  }
  return found;
}

async function doAction(kind, block, element, detail, where) {
  if (element.confirm && !(await confirmed(element.confirm))) return;
  const values = where.view_id ? modalValues() : {};
  const named = { user: state.user, action_id: element.action_id, block_id: block.block_id, ...where };
  if (kind === "select") await ask("slack", "select", { ...named, option: detail });
  else await ask("slack", "click", { ...named, values, ...(detail ? { label: detail } : {}) });
  if (element.url) window.open(element.url, "_blank", "noreferrer");
}

function confirmed(confirm) {
  const dialog = document.querySelector("#confirm");
  document.querySelector("#confirm-title").textContent = textString(confirm.title);
  document.querySelector("#confirm-text").replaceChildren(...textNodes(confirm.text));
  const yes = document.querySelector("#confirm-yes");
  const no = document.querySelector("#confirm-no");
  yes.textContent = textString(confirm.confirm);
  no.textContent = textString(confirm.deny);
  yes.className = confirm.style === "danger" ? "danger" : "primary";
  dialog.showModal();
  return new Promise((resolve) => {
    const end = (answer) => () => { dialog.close(); resolve(answer); };
    yes.onclick = end(true);
    no.onclick = end(false);
    dialog.oncancel = () => resolve(false);
  });
}
