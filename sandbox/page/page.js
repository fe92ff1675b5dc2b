// The page: asks for the state every second and hands it to its parts.

import { drawForge, startForge } from "./forge.js";
import { drawMalls, startMalls } from "./malls.js";
import { el, useNames } from "./markup.js";
import { drawScript } from "./script.js";
import { drawSlack, startSlack } from "./slack.js";

const POLL_MS = 1000;
const TOAST_MS = 6000;

let user = new URLSearchParams(location.search).get("user") ?? "alice";
let last = "";
let toastTimer = 0;
let asked = 0;
let shown = 0;

async function refresh() {
  const number = ++asked;
  const status = document.querySelector("#state");
  try {
    const reply = await fetch(`/page/state?user=${encodeURIComponent(user)}`);
    const text = await reply.text();
    // A slower, older answer must not undo a newer one; yet where each takes longer than the pause, all are shown.
    if (number < shown) return;
    shown = number;
    if (text !== last) draw(JSON.parse(text));
    last = text;
  } catch {
    status.textContent = "サンドボックスは止まっています";
    status.className = "bad";
    last = "";
  }
}

function draw(found) {
  document.querySelector("#clock").textContent = new Date(found.time).toLocaleString("ja-JP", { timeZone: "Asia/Tokyo", hour12: false });
  if (found.slack) {
    useNames(found.slack.names);
    drawPeople(found.slack);
    drawSlack(found.slack);
    drawStatus(found.slack);
  }
  drawScript(found.script);
  drawForge(found.forge, user);
  drawMalls(found.malls);
}

function drawStatus(slack) {
  const status = document.querySelector("#state");
  const broken = slack.violations.length;
  status.textContent = (slack.connected ? "ボット接続中" : "ボット未接続") + (broken ? `・違反 ${broken} 件` : "");
  status.className = slack.connected && !broken ? "good" : "bad";
  status.title = slack.violations.join("\n");
}

function drawPeople(slack) {
  const menu = document.querySelector("#act-as");
  if (menu.options.length !== slack.users.length) {
    menu.replaceChildren(...slack.users.map((person) => el("option", { value: person.name }, person.real_name)));
  }
  menu.value = slack.users.find((person) => person.id === slack.user).name;
}

async function control(part, verb, values) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) };
  const running = fetch(`/control/${part}/${verb}`, request);
  try {
    const answer = await (await running).json();
    if (!answer.ok) toast(answer.error);
    return answer.ok && (answer.result ?? true);
  } catch {
    toast("サンドボックスに届きませんでした。");
    return false;
  } finally {
    await refresh();
  }
}

function toast(text) {
  const place = document.querySelector("#toast");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { place.hidden = true; }, TOAST_MS);
}

function start() {
  startSlack(control);
  startMalls(control);
  startForge(control);
  document.querySelector("#act-as").addEventListener("change", (event) => {
    user = event.target.value;
    refresh();
  });
  for (const button of document.querySelectorAll("#sides [data-side]")) {
    button.addEventListener("click", () => { document.body.dataset.side = button.dataset.side; });
  }
  refresh();
  setInterval(refresh, POLL_MS);
}

start();
