// The data of the page, and how elements are made. Text of the record only ever becomes a text node: `make` knows no other way.
const data = JSON.parse(document.getElementById("record").textContent);
const record = data.record;
const list = (value) => value || [];
const byId = (items) => new Map(items.map((item) => [item.id, item]));
const checks = byId(record.checks);
const findings = byId(record.findings);
const measurements = byId(record.measurements);
const assets = byId(record.assets);
const attachments = byId(record.attachments);
const statuses = new Map(record.verdict.statuses.map((status) => [status.finding, status]));
const waivers = byId(list(record.verdict.waivers));
const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

const make = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const draw = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const foreign = (text, tag = "span") => make(tag, { class: "foreign" }, String(text));
const mono = (text) => make("code", { class: "foreign" }, String(text));
const badge = (name, text = name) => make("span", { class: `badge ${name}` }, text);
const words = (name) => name.replaceAll("-", " ");
const counted = (n, noun) => `${n.toLocaleString("en")} ${n === 1 ? noun : noun.replace(/y$/, "ie") + "s"}`;
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const statusOf = (finding) => statuses.get(finding.id)?.status || "open";
const cut = (text, length) => (text.length > length ? text.slice(0, length - 1) + "…" : text);

function section(id, title, ...said) {
  return make("section", { id, "aria-labelledby": `${id}-title` }, make("header", {}, make("h2", { id: `${id}-title` }, title), ...said));
}

function position(place) {
  if (place.offset !== undefined) return `byte ${place.offset.toLocaleString("en")}`;
  const line = place.line === undefined ? "" : `line ${place.line}` + (place.column === undefined ? "" : `, column ${place.column}`);
  return [place.cell === undefined ? "" : `cell ${place.cell}`, line].filter(Boolean).join(", ");
}

const fileOf = (place) => place.path + (place.member ? `!${place.member}` : "");

// Long lists come in parts: the rest is a click away, and never a million nodes.
function partly(items, one, first, tag = "ul", attributes = {}) {
  const box = make(tag, attributes, items.slice(0, first).map((item, index) => one(item, index)));
  let next = first;
  if (items.length > first) {
    const rest = () => `${Math.min(items.length - next, 500).toLocaleString("en")} more of ${items.length.toLocaleString("en")}`;
    const more = make("button", { type: "button", class: "link", onclick: () => {
      last.before(...items.slice(next, next + 500).map((item, index) => one(item, next + index)));
      next += 500;
      if (next >= items.length) last.remove();
      else more.textContent = rest();
    } }, rest());
    const last = make("li", {}, more);
    box.append(last);
  }
  return box;
}
