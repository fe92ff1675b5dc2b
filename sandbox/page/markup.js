// Slack's markup as DOM nodes. Text never passes through innerHTML.

const EMOJIS = {
  white_check_mark: "✅", heavy_check_mark: "✔️", warning: "⚠️", x: "❌", rotating_light: "🚨",
  double_vertical_bar: "⏸️", arrow_forward: "▶️", hourglass_flowing_sand: "⏳", lock: "🔒", key: "🔑",
  bell: "🔔", package: "📦", large_green_circle: "🟢", large_yellow_circle: "🟡", red_circle: "🔴",
  white_circle: "⚪",
};
// Signs that every system can draw, coloured by the page: not all have a font for emoji.
const MARKS = {
  "✅": ["✔", "good"], "✔️": ["✔", "good"], "⚠️": ["⚠", "care"], "⚠": ["⚠", "care"], "❌": ["✖", "bad"],
  "🚨": ["⚠", "bad"], "🟢": ["●", "good"], "🟡": ["●", "care"], "🔴": ["●", "bad"], "⚪": ["●", "off"],
  "⏸️": ["■", "off"], "⏸": ["■", "off"], "▶️": ["▶", "good"],
};
const MARK = new RegExp(`(${Object.keys(MARKS).join("|")})`);
const TOKEN = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])|(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])|(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])/;

let names = {};

/** Tell the names behind user ids. */
export function useNames(found) {
  names = found;
}

/** Make an element: el("p.small", {title: "x"}, child, "text"). */
export function el(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") node[name] = value;
    else if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** A text object (plain_text or mrkdwn, or a table's cell) as nodes. */
export function textNodes(text) {
  if (!text) return [];
  if (text.type === "mrkdwn") return markup(text.text);
  if (text.type === "rich_text") return [richText(text)];
  return marked(emojis(String(text.text ?? text.value ?? "")));
}

/** A text object as a string, for labels. */
export function textString(text) {
  return text ? emojis(String(text.text ?? "")) : "";
}

function richText(node) {
  if (node.elements) return node.elements.map(richText).join("");
  return node.text ?? node.url ?? node.name ?? node.user_id ?? "";
}

function emojis(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJIS[name] ?? whole);
}

function marked(text) {
  return text.split(MARK).filter(Boolean).map((piece) => {
    if (!(piece in MARKS)) return piece;
    const [sign, kind] = MARKS[piece];
    return el(`span.mark.${kind}`, { role: "img", "aria-label": piece }, sign);
  });
}

function plain(text) {
  return emojis(text).replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Text in Slack's markup as nodes. */
export function markup(text) {
  const nodes = [];
  let rest = text;
  for (let found = TOKEN.exec(rest); found; found = TOKEN.exec(rest)) {
    nodes.push(...marked(plain(rest.slice(0, found.index))), token(found));
    rest = rest.slice(found.index + found[0].length);
  }
  nodes.push(...marked(plain(rest)));
  return nodes;
}

function token([, block, code, reference, bold, slanted, struck]) {
  if (block !== undefined) return el("pre", {}, plain(block.replace(/^\n|\n$/g, "")));
  if (code !== undefined) return el("code", {}, plain(code));
  if (bold !== undefined) return el("strong", {}, ...markup(bold));
  if (slanted !== undefined) return el("em", {}, ...markup(slanted));
  if (struck !== undefined) return el("s", {}, ...markup(struck));
  return referenceNode(reference);
}

function referenceNode(reference) {
  const bar = reference.indexOf("|");
  const target = bar < 0 ? reference : reference.slice(0, bar);
  const label = bar < 0 ? "" : plain(reference.slice(bar + 1));
  if (target.startsWith("!date^")) return dateText(target, label);
  if (target.startsWith("@")) return el("span.mention", {}, "@" + (names[target.slice(1)] ?? target.slice(1)));
  if (target.startsWith("#")) return el("span.mention", {}, "#" + (label || target.slice(1)));
  if (target.startsWith("!")) return el("span.mention.loud", {}, label || "@" + target.slice(1));
  if (!/^(https?:|mailto:)/.test(target)) return label || plain(target);
  return el("a", { href: plain(target), target: "_blank", rel: "noreferrer" }, label || plain(target));
}

function dateText(target, fallback) {
  const [, seconds, form] = target.split("^");
  const at = new Date((Number(seconds) + 9 * 3600) * 1000).toISOString();
  const [year, month, day] = at.slice(0, 10).split("-").map(Number);
  const parts = {
    date_num: at.slice(0, 10), date: `${year}年${month}月${day}日`, date_short: `${month}月${day}日`,
    time: at.slice(11, 16), time_secs: at.slice(11, 19),
  };
  if ([...form.matchAll(/{(\w+)}/g)].some(([, name]) => !(name in parts))) return fallback;
  return form.replace(/{(\w+)}/g, (whole, name) => parts[name]);
}
