// All findings by cause, with filters. Rows come as they are scrolled to; a filter looks at every finding each time: ten thousand take a few milliseconds.
const CHUNK = 50;
const PRINTED = 300;
const chosen = { text: "", path: "", check: "", category: "", status: "open", severities: new Set() };
const groups = data.causes.map((positions) => positions.map((number) => record.findings[number]));
const haystacks = new Map();
let visible = [];
let drawn = 0;
let rows, sentinel, tally;

function haystack(finding) {
  let found = haystacks.get(finding);
  if (!found) {
    const paths = list(finding.locations).map(fileOf).join("\n").toLowerCase();
    const parts = [finding.title, finding.message, finding.check, finding.category, finding.root_cause, finding.fix?.summary, finding.id, finding.fingerprint, words(finding.threat), ...list(finding.refs).map((ref) => ref.id)];
    found = { paths, text: parts.filter(Boolean).join("\n").toLowerCase() + "\n" + paths };
    haystacks.set(finding, found);
  }
  return found;
}

function keeps(finding) {
  if (chosen.status && statusOf(finding) !== chosen.status) return false;
  if (chosen.severities.size && !chosen.severities.has(finding.severity)) return false;
  if (chosen.check && finding.check !== chosen.check) return false;
  if (chosen.category && finding.category !== chosen.category) return false;
  if (!chosen.text && !chosen.path) return true;
  const { text, paths } = haystack(finding);
  return paths.includes(chosen.path) && chosen.text.split(/\s+/).every((word) => text.includes(word));
}

function where(members) {
  const files = new Set();
  for (const finding of members) for (const place of list(finding.locations)) files.add(fileOf(place));
  const [first] = files;
  return cut(first || "", 200) + (files.size > 1 ? ` and ${counted(files.size - 1, "more file")}` : "");
}

function row(members) {
  const first = members[0];
  const status = statusOf(first);
  const summary = make("summary", {}, make("span", {}, badge(first.severity)), make("h3", { class: "foreign" }, cut(first.title, 500)),
    make("span", { class: "times" }, members.length > 1 ? `×${members.length.toLocaleString("en")}` : ""),
    make("span", { class: "at" }, status === "open" ? null : [badge(status), " "], foreign(where(members)), ` · ${cut(first.check, 80)}`));
  const box = make("details", { class: "cause", ontoggle: () => box.open && unfold(box, members) }, summary);
  return box;
}

function unfold(box, members) {
  if (box.childElementCount === 1) box.append(bodyOf(members));
}

function drawMore() {
  rows.append(...visible.slice(drawn, drawn + CHUNK).map(row));
  drawn = Math.min(drawn + CHUNK, visible.length);
  sentinel.hidden = drawn >= visible.length;
  sentinel.textContent = `${counted(visible.length - drawn, "more cause")}`;
}

function apply() {
  performance.mark("filter-begins");
  visible = groups.map((members) => members.filter(keeps)).filter((members) => members.length);
  const n = visible.reduce((sum, members) => sum + members.length, 0);
  tally.textContent = `${n.toLocaleString("en")} of ${counted(record.findings.length, "finding")}, by ${counted(visible.length, "cause")}`;
  drawn = 0;
  rows.replaceChildren();
  drawMore();
  if (!visible.length) rows.append(make("p", { class: "none" }, record.findings.length ? "Nothing matches these filters." : "Nothing was found."));
  performance.measure("filter", "filter-begins");
}

function field(label, input, wide = "") {
  return make("label", { class: wide || undefined }, label, input);
}

function select(label, name, values, all) {
  const options = [make("option", { value: "" }, all), ...values.map((value) => make("option", { value, selected: chosen[name] === value }, cut(words(value), 60)))];
  return field(label, make("select", { id: `by-${name}`, onchange: (event) => { chosen[name] = event.target.value; apply(); } }, options));
}

function search(label, name, hint) {
  const input = make("input", { type: "search", id: `by-${name}`, autocomplete: "off", spellcheck: "false", placeholder: hint, oninput: (event) => { chosen[name] = event.target.value.trim().toLowerCase(); apply(); } });
  return field(label, input, "wide");
}

function chips() {
  const count = (severity) => record.findings.reduce((sum, finding) => sum + (finding.severity === severity && statusOf(finding) === "open"), 0);
  const one = (severity) => {
    const press = (event) => {
      const on = !chosen.severities.delete(severity);
      if (on) chosen.severities.add(severity);
      event.currentTarget.setAttribute("aria-pressed", String(on));
      apply();
    };
    return make("button", { type: "button", class: `chip ${severity}`, "aria-pressed": "false", onclick: press }, `${capital(severity)} ${count(severity).toLocaleString("en")}`);
  };
  return make("fieldset", {}, make("legend", {}, "Severity"), SEVERITIES.map(one));
}

function showFindings() {
  const box = section("findings", "Findings", make("span", { class: "muted" }, "Grouped by what one change would mend, the gravest first."));
  const values = (name) => [...new Set(record.findings.map((finding) => finding[name]))].sort();
  if (!record.findings.some((finding) => statusOf(finding) === "open")) chosen.status = "";
  const filters = make("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() }, search("Search", "text", "title, message, check, CWE …"),
    search("Path", "path", "part of a path"), select("Check", "check", values("check"), "All checks"), select("Category", "category", values("category"), "All categories"), select("Status", "status", ["open", "waived", "baseline", "suppressed"], "Any status"), chips());
  rows = make("div", {});
  tally = make("p", { class: "shown", role: "status" });
  sentinel = make("button", { type: "button", class: "more", onclick: drawMore });
  new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && drawn < visible.length && drawMore(), { rootMargin: "600px" }).observe(sentinel);
  box.append(make("div", { class: "card" }, filters, tally, rows, sentinel));
  apply();
  return box;
}

// Go to a finding from elsewhere: filters that would hide it are lifted.
function showFinding(finding) {
  Object.assign(chosen, { text: "", path: "", check: "", category: "", status: "" });
  chosen.severities.clear();
  for (const control of document.querySelectorAll(".filters input, .filters select")) control.value = "";
  for (const chip of document.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", "false");
  apply();
  const index = visible.findIndex((members) => members.includes(finding));
  while (drawn <= index) drawMore();
  const box = rows.children[index];
  box.open = true;
  box.scrollIntoView({ block: "start" });
  box.querySelector("summary").focus({ preventScroll: true });
}

function printFindings() {
  while (drawn < Math.min(visible.length, PRINTED)) drawMore();
  for (const [index, box] of [...rows.querySelectorAll(".cause")].slice(0, PRINTED).entries()) {
    unfold(box, visible[index]);
    box.open = true;
  }
  if (visible.length > drawn) tally.textContent += `; the first ${drawn.toLocaleString("en")} causes are printed`;
}
