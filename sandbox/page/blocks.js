// Block Kit as DOM nodes. `act(kind, block, element, detail)` is called for presses and choices.

import { el, markup, textNodes, textString } from "./markup.js";

/** Draw blocks; `values` is the state of their fields, `errors` the texts under them by block_id. */
export function drawBlocks(blocks, act, values = {}, errors = {}) {
  return blocks.map((block) => (DRAW[block.type] ?? unknown)(block, act, values[block.block_id] ?? {}, errors));
}

const DRAW = {
  header: (block) => el("h3.block", {}, ...textNodes(block.text)),
  divider: () => el("hr.block"),
  section: drawSection,
  context: (block) => el("div.block.context", {}, block.elements.map((item) => el("span", {}, ...piece(item)))),
  actions: drawActions,
  input: drawInput,
  table: drawTable,
  data_table: drawTable,
  data_visualization: drawChart,
  image: (block) => el("p.block.image", {}, `（画像: ${block.alt_text}）`),
  markdown: (block) => el("p.block", {}, block.text),
  alert: (block) => el(`p.block.alert.${block.level ?? "default"}`, {}, ...textNodes(block.text)),
  rich_text: (block) => el("p.block", {}, ...textNodes(block)),
};

function unknown(block) {
  return el("p.block.context", {}, `（${block.type}）`);
}

function piece(item) {
  return item.type === "image" ? [`（画像: ${item.alt_text}）`] : textNodes(item);
}

function drawSection(block, act, values) {
  const words = el("div.words", {});
  if (block.text) words.append(el("p", {}, ...textNodes(block.text)));
  if (block.fields) {
    words.append(el("div.fields", {}, block.fields.map((field) => el("p", {}, ...textNodes(field)))));
  }
  const side = block.accessory ? drawElement(block, block.accessory, act, values) : null;
  return el("div.block.section", {}, words, side);
}

function drawActions(block, act, values) {
  return el("div.block.actions", {}, block.elements.map((item) => drawElement(block, item, act, values)));
}

function drawElement(block, element, act, values) {
  if (element.type === "button") return drawButton(block, element, act);
  if (element.type === "overflow") return drawOverflow(block, element, act);
  if (element.type === "image") return el("span.image", {}, `（画像: ${element.alt_text}）`);
  const field = drawField(element, values[element.action_id]);
  field.addEventListener("change", () => act("select", block, element, readField(element, field)));
  return field;
}

function drawButton(block, element, act) {
  const press = () => act("click", block, element, null);
  const attributes = { type: "button", onclick: press, "data-action": element.action_id };
  const button = el("button", attributes, ...textNodes(element.text));
  if (element.style) button.classList.add(element.style);
  return button;
}

function drawOverflow(block, element, act) {
  const menu = el("select.overflow", { "aria-label": "その他", "data-action": element.action_id });
  menu.append(el("option", { value: "" }, "…"));
  menu.append(...element.options.map((option) => el("option", { value: option.value }, textString(option.text))));
  menu.addEventListener("change", () => {
    const option = element.options.find((one) => one.value === menu.value);
    menu.value = "";
    if (option) act("click", block, element, textString(option.text));
  });
  return menu;
}

function drawInput(block, act, values, errors) {
  const element = block.element;
  const field = drawField(element, values[element.action_id]);
  field.id = `field-${block.block_id}`;
  field.dataset.block = block.block_id;
  field.read = () => readField(element, field);
  if (block.dispatch_action) {
    field.addEventListener("change", () => act("select", block, element, field.read()));
  }
  const title = el("span", {}, ...textNodes(block.label), block.optional ? el("small", {}, "（任意）") : null);
  const error = errors[block.block_id];
  return el(
    "div.block.input" + (error ? ".wrong" : ""), {},
    el("label", { for: field.id }, title), field,
    error ? el("p.error", { role: "alert" }, error) : null,
    block.hint ? el("p.hint", {}, ...textNodes(block.hint)) : null,
  );
}

const TYPES = {
  number_input: "text", email_text_input: "email", url_text_input: "url", plain_text_input: "text",
  datepicker: "date", timepicker: "time", datetimepicker: "number", file_input: "file",
};

function drawField(element, state = {}) {
  const common = { "data-action": element.action_id, placeholder: textString(element.placeholder) || undefined };
  if (["checkboxes", "radio_buttons"].includes(element.type)) return drawChoices(element, state);
  if (element.type.endsWith("static_select")) return drawSelect(element, state, common);
  const value = state.value ?? state.selected_date ?? state.selected_time ?? state.selected_date_time ?? "";
  if (element.multiline) return el("textarea", { ...common, rows: 4 }, value);
  const kind = TYPES[element.type] ?? "text";
  return el("input", { ...common, type: kind, value: kind === "file" ? undefined : value, autocomplete: "off" });
}

function drawSelect(element, state, common) {
  const many = element.type === "multi_static_select";
  const chosen = (many ? state.selected_options : [state.selected_option]) ?? [];
  const values = chosen.filter(Boolean).map((option) => option.value);
  const menu = el("select", { ...common, multiple: many });
  if (!many) menu.append(el("option", { value: "" }, common.placeholder ?? "選択"));
  const groups = element.option_groups ?? [{ options: element.options }];
  for (const group of groups) {
    const options = group.options.map((option) =>
      el("option", { value: option.value, selected: values.includes(option.value) }, textString(option.text)));
    menu.append(...(group.label ? [el("optgroup", { label: textString(group.label) }, options)] : options));
  }
  return menu;
}

function drawChoices(element, state) {
  const kind = element.type === "checkboxes" ? "checkbox" : "radio";
  const chosen = [state.selected_option, ...(state.selected_options ?? [])].filter(Boolean).map((one) => one.value);
  const group = `${element.action_id}-${Math.random()}`;
  return el("div.choices", { "data-action": element.action_id }, element.options.map((option) => {
    const checked = chosen.includes(option.value);
    const box = el("input", { type: kind, name: group, value: option.value, checked });
    const more = option.description ? el("small", {}, ...textNodes(option.description)) : null;
    return el("label", {}, box, el("span", {}, ...textNodes(option.text), more));
  }));
}

function readField(element, field) {
  if (element.type === "checkboxes") return checkedValues(field);
  if (element.type === "radio_buttons") return checkedValues(field)[0] ?? "";
  if (element.type === "multi_static_select") return [...field.selectedOptions].map((option) => option.value);
  if (element.type.startsWith("multi_")) return field.value.split(/[\s,]+/).filter(Boolean);
  return field.value;
}

function checkedValues(field) {
  return [...field.querySelectorAll("input:checked")].map((box) => box.value);
}

function drawTable(block) {
  const rows = block.rows.map((row, number) => {
    const kind = number === 0 ? "th" : "td";
    return el("tr", {}, row.map((cell) => el(cellKind(kind, cell), {}, ...textNodes(cell))));
  });
  const caption = block.caption ? el("caption", {}, block.caption) : null;
  return el("div.block.table", { tabindex: "0" }, el("table", {}, caption, rows));
}

function cellKind(kind, cell) {
  const isNumber = cell.type === "raw_number" || /^[-+]?[\d,.]+$/.test(cell.text ?? "");
  return isNumber ? `${kind}.number` : kind;
}

function drawChart(block) {
  const { chart } = block;
  const series = chart.series ?? [{ name: "", data: chart.segments }];
  const most = Math.max(...series.flatMap((one) => one.data.map((point) => Math.abs(point.value))), 1);
  const bars = series.flatMap((one) => one.data.map((point) => {
    const meter = el("meter", { min: 0, max: most, value: point.value });
    return el("div.bar", {}, el("span", {}, [one.name, point.label].filter(Boolean).join(" ")), meter, String(point.value));
  }));
  return el("div.block.chart", {}, el("strong", {}, block.title), bars);
}

/** A message's text when it has no blocks. */
export function drawText(text) {
  return el("p.block", {}, ...markup(text));
}
