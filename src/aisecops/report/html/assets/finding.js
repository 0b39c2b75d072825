// One cause in full: what, where, how it travels, what was seen, how to mend it, and the lesson of the check.
function titled(title, body, extra = "") {
  return body ? make("section", { class: extra || undefined }, make("h4", {}, title), body) : null;
}

// The lines of an excerpt with their numbers, those that count marked; a line that holds a secret is not in the page at all.
function codeOf(excerpt) {
  const [from, to] = excerpt.hit;
  const one = (text, index) => {
    const number = excerpt.first + index;
    return make("span", { class: number >= from && number <= to ? "row hit" : "row" }, make("span", { class: "at-line" }, String(number)), make("span", { class: text === null ? "withheld" : "foreign" }, text === null ? "withheld: it holds a secret or personal data" : text || " "), "\n");
  };
  return make("pre", { class: "excerpt" }, excerpt.lines.map(one));
}

function bytesOf(excerpt) {
  const one = ([start, digits, signs]) => make("span", { class: "row" }, make("span", { class: "at-line" }, start.toString(16).padStart(8, "0")),
    make("span", { class: "digits" }, digits.map((two, index) => [start + index === excerpt.hit ? make("mark", {}, two) : two, " "])), make("span", { class: "foreign signs" }, signs), "\n");
  return make("pre", { class: "excerpt bytes" }, excerpt.rows.map(one));
}

const excerptOf = (excerpt) => (excerpt ? (excerpt.rows ? bytesOf : codeOf)(excerpt) : null);

function placeList(members) {
  const many = members.length > 1;
  const places = members.flatMap((finding) => list(finding.locations).map((place, index) => [finding, place, index]));
  const one = ([finding, place, index]) => {
    const status = statusOf(finding);
    const differs = many && finding.message !== members[0].message ? make("div", { class: "muted small foreign" }, cut(finding.message, 400)) : null;
    return make("li", {}, mono(fileOf(place)), " ", make("span", { class: "muted" }, position(place)), status === "open" ? null : [" ", badge(status)], differs, excerptOf(data.excerpts?.[finding.id]?.places[index]));
  };
  return partly(places, one, 25, "ul", { class: "places" });
}

function flow(finding) {
  const steps = list(finding.flow);
  const shown = data.excerpts?.[finding.id]?.flow || [];
  const one = (step, index) => make("li", {}, mono(`${step.path}:${step.line}`), make("div", { class: "foreign" }, step.message), excerptOf(shown[index]));
  return steps.length ? partly(steps, one, 60, "ol", { class: `flow ${finding.severity}` }) : null;
}

// `[until->υntil]` and `bytes 113 -> 349`, as examples tell a change, with what was and what is now marked.
function marked(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(/\[([^[\]]{0,80}?)->([^[\]]{0,80})\]|(\S{1,40}) -> (\S{1,40}?)(?=[,;]?(?:\s|$))/g)) {
    const [before, after] = found[3] === undefined ? [found[1], found[2]] : [found[3], found[4]];
    parts.push(text.slice(from, found.index), before && make("del", {}, before), " ", after && make("ins", {}, after));
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}

function shown(value, name) {
  if (Array.isArray(value)) return value.length === 1 ? shown(value[0], name) : partly(value, (item) => make("li", {}, shown(item, name)), 20);
  if (value !== null && typeof value === "object") return make("dl", { class: "evidence" }, Object.entries(value).slice(0, 60).map(([key, item]) => [make("dt", { class: "foreign" }, cut(words(key), 80)), make("dd", {}, shown(item, key))]));
  const text = typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(4))) : String(value);
  return make("span", { class: "foreign" }, name === "examples" ? marked(text) : text);
}

function evidence(finding) {
  const entries = Object.entries(finding.evidence || {});
  if (!entries.length) return null;
  return make("dl", { class: "evidence" }, entries.slice(0, 60).map(([name, value]) => [make("dt", { class: "foreign" }, cut(words(name.replaceAll("_", " ")), 80)), make("dd", {}, shown(value, name))]));
}

function fix(finding) {
  if (!finding.fix) return null;
  const edit = (one) => make("div", {}, make("span", { class: "muted small" }, mono(`${one.path}:${one.line}`)), make("pre", { class: "foreign" }, one.replacement.map((line) => [make("ins", {}, line || " "), "\n"])));
  const edits = list(finding.fix.edits);
  return make("div", {}, make("p", { class: "foreign" }, spoken(finding.fix.summary)), edits.length ? [make("p", { class: "muted small" }, finding.fix.safe ? "This edit keeps the meaning:" : "An edit that needs a person's eye:"), edits.slice(0, 20).map(edit)] : null);
}

// `code` in back quotes, as messages write it.
const spoken = (text) => text.split(/`([^`]{1,200})`/).map((part, index) => (index % 2 ? mono(part) : part));

// ``code`` in double back quotes, as docstrings write it.
const prose = (text) => text.split("``").map((part, index) => (index % 2 ? mono(part) : part));

function paragraph(one) {
  if (!Array.isArray(one)) return make("p", {}, prose(one));
  if (one[0]?.startsWith(" ")) return make("pre", {}, one.map((line) => `${line.replace(/^ {4}/, "")}\n`).join(""));
  return make("ul", {}, one.join("\n").split(/\n(?=[-*] )/).map((item) => make("li", {}, prose(item.replace(/^[-*] /, "").replace(/\s+/g, " ")))));
}

function lesson(check) {
  const taught = data.lessons[check];
  if (!taught) return null;
  const body = make("div", {}, taught.summary.map(paragraph), taught.sections.map((part) => make("section", {}, make("h4", {}, part.heading), part.paragraphs.map(paragraph))));
  return make("details", { class: "lesson" }, make("summary", {}, `Learn: ${checks.get(check)?.title || check}`), body);
}

function references(finding) {
  const refs = list(finding.refs);
  if (!refs.length) return null;
  const one = (ref) => make("li", { title: `${ref.framework} ${ref.version}` }, make("b", { class: "foreign" }, ref.id), " ", foreign(data.references[`${ref.framework} ${ref.version} ${ref.id}`] || ref.framework));
  return make("ul", { class: "refs" }, refs.map(one));
}

function answered(finding) {
  const status = statuses.get(finding.id);
  if (!status || status.status === "open") return null;
  const waiver = waivers.get(status.waiver);
  const why = waiver ? `${waiver.reason} — ${waiver.owner}, until ${waiver.expires}` : finding.suppressed || (status.status === "baseline" ? "accepted in the baseline" : status.waiver || "");
  return make("p", {}, badge(status.status), " ", foreign(why));
}

function bodyOf(members) {
  const first = members[0];
  return make("div", { class: "body" }, answered(first), make("p", { class: "foreign" }, spoken(first.message)), titled("Where", placeList(members)), titled("How it gets there", flow(first)),
    titled("Fix", fix(first), "fix"), titled("What was seen", evidence(first)), lesson(first.check), titled("Taxonomies", references(first)),
    make("p", { class: "muted small" }, mono(first.check), ` · ${words(first.threat)}, ${first.stage} · ${first.confidence} confidence · id `, mono(first.id), " · fingerprint ", mono(first.fingerprint)));
}
