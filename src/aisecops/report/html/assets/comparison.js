// What changed between two runs: first what got worse, then what got better, then what nobody can tell.
const change = data.difference;
const KINDS = {
  new: ["New", "fail", "Not in the earlier run."],
  graver: ["Graver than before", "fail", "The same weakness with a higher severity."],
  moved: ["Moved", "accepted", "The same weakness in another file."],
  milder: ["Milder than before", "pass", "The same weakness with a lower severity."],
  unexamined: ["Not looked at again", "incomplete", "Not in the later run because nobody looked."],
  removed: ["Gone with what they stood in", "accepted", "What they stood in is no longer found."],
  fixed: ["Fixed", "pass", "The later run looked with the same check at the same place, and it is gone."],
};
const CHANGES = { worse: "fail", better: "pass", changed: "accepted", unclear: "incomplete", incomparable: "incomplete", new: "estimate", gone: "not-covered", noise: "not-covered", same: "not-covered" };
const QUIET = new Set(["noise", "same"]);
const CHUNK = 200;
const unfolded = []; // what unfolds each row, for paper
const of = (kind) => change.findings.filter((one) => one.kind === kind);
const stands = (one) => one.status || "open";

function runSide(name, run) {
  const said = [["When", run.started.replace("T", " ").replace(/\.\d+/, "").replace("Z", " UTC")], ["Policy", run.policy], ["Findings", run.findings.toLocaleString("en")], ["Commit", (run.commit || "").slice(0, 10)], ["By", `aisecops ${run.version}`]];
  return make("div", { class: `side ${run.outcome}` }, make("h2", { class: "small" }, name, " ", badge(run.outcome)), mono(run.id),
    make("dl", {}, said.filter(([, value]) => value).map(([key, value]) => [make("dt", {}, key), make("dd", { class: "foreign" }, value)])));
}

function tile(kind) {
  const n = of(kind).length;
  const told = [make("b", {}, n.toLocaleString("en")), make("span", {}, KINDS[kind][0])];
  return make("li", { class: n ? KINDS[kind][1] : "zero" }, n ? make("a", { href: `#${kind}` }, told) : make("span", {}, told));
}

function tellDifference() {
  const box = document.getElementById("verdict");
  const caveats = change.caveats.map((caveat) => make("li", {}, make("span", {}, badge("incomplete", "take care")), make("span", { class: "why foreign" }, caveat)));
  box.append(make("ul", { class: "tiles" }, Object.keys(KINDS).map(tile), make("li", { class: "zero" }, make("span", {}, make("b", {}, change.unchanged.toLocaleString("en")), make("span", {}, "Unchanged")))),
    make("div", { class: "sides" }, runSide("Before", change.before), make("div", { class: "to", "aria-hidden": "true" }, "→"), runSide("After", change.after)));
  if (caveats.length) box.append(make("ul", { class: "rules caveats" }, caveats));
}

function placeOf(finding) {
  const place = list(finding.locations)[0];
  return place ? [fileOf(place), position(place)].filter(Boolean).join(" at ") : finding.asset;
}

function severity(one) {
  const [before, after] = [one.before?.severity, one.after?.severity];
  return before && after && before !== after ? [badge(before), " → ", badge(after)] : badge(after || before);
}

function changeRow(one) {
  const finding = one.after || one.before;
  const where = one.kind === "moved" ? `${placeOf(one.before)} → ${placeOf(one.after)}` : placeOf(finding);
  const summary = make("summary", {}, make("span", {}, severity(one)), make("h3", { class: "foreign" }, cut(finding.title, 500)), make("span", { class: "times" }),
    make("span", { class: "at" }, stands(one) === "open" ? null : [badge(stands(one)), " "], foreign(cut(where, 400)), ` · ${cut(finding.check, 80)}`, one.cause ? make("span", { class: "cause-of foreign" }, cut(one.cause, 400)) : null));
  const box = make("details", { class: "cause", ontoggle: () => box.open && unfold() }, summary);
  const unfold = () => box.childElementCount === 1 && box.append(bodyOf([finding]));
  unfolded.push(() => { unfold(); box.open = true; });
  return box;
}

function changed(kind) {
  const found = of(kind);
  if (!found.length) return null;
  const [title, tone, about] = KINDS[kind];
  const box = section(kind, title, badge(tone, found.length.toLocaleString("en")), make("span", { class: "muted" }, about));
  const rows = make("div", { class: "card changes" });
  let drawn = 0;
  const more = make("button", { type: "button", class: "more", onclick: () => drawMore() });
  const drawMore = () => {
    rows.append(...found.slice(drawn, drawn + CHUNK).map(changeRow), more);
    drawn = Math.min(drawn + CHUNK, found.length);
    more.hidden = drawn >= found.length;
    more.textContent = counted(found.length - drawn, "more finding");
  };
  drawMore();
  box.append(rows);
  return box;
}

// Both numbers on one scale, each with its interval: the earlier pale, the later in the colour of the verdict.
function pair(one) {
  const width = 300, height = 40, pad = 8;
  const ends = [one.before, one.after].filter(Boolean).map(extent);
  const from = Math.min(...ends.map(([low]) => low)), to = Math.max(...ends.map(([, high]) => high));
  const x = (value) => pad + ((Math.min(Math.max(value, from), to) - from) / (to - from)) * (width - 2 * pad);
  const mark = (m, y, kind) => (m && finite(m.value) && !m.blocked ? [finite(m.low) && finite(m.high) ? draw("line", { class: `span ${kind}`, x1: x(m.low), x2: x(m.high), y1: y, y2: y }) : null, draw("circle", { class: `dot ${kind}`, cx: x(m.value), cy: y, r: 4.5 })] : []);
  const rail = (y) => draw("line", { class: "rail", x1: pad, x2: width - pad, y1: y, y2: y });
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `before ${spell(one.before)}, after ${spell(one.after)}` }, rail(8), rail(21), mark(one.before, 8, "then"), mark(one.after, 21, "now"),
    draw("text", { x: pad, y: 38 }, short(from)), draw("text", { x: width - pad, y: 38, "text-anchor": "end" }, short(to)));
}

const spell = (m) => (m ? said(m) : "not measured");

function gap(one) {
  if (!finite(one.difference)) return null;
  const signed = (value) => (value > 0 ? "+" : "") + short(value);
  return [make("b", {}, signed(one.difference)), finite(one.low) && finite(one.high) ? make("span", { class: "range" }, `${signed(one.low)} to ${signed(one.high)}${one.level ? ` (${short(Number((one.level * 100).toPrecision(4)))} %)` : ""}`) : null];
}

function readingRow(one) {
  const m = one.after || one.before;
  return make("tr", { class: CHANGES[one.change] }, make("td", {}, badge(CHANGES[one.change], one.change)), make("th", { scope: "row" }, foreign(capital(words(m.name))), make("span", { class: "subject foreign" }, cut([m.subject, m.assets.join(", ")].filter(Boolean).join(" · "), 200))),
    make("td", { class: "value foreign" }, `${spell(one.before)} → ${spell(one.after)}`), make("td", { class: "gap" }, gap(one)), make("td", { class: "bar" }, pair(one)), make("td", { class: "truth foreign" }, one.why, one.method ? make("span", { class: "method foreign" }, one.method) : null));
}

function readingTable(readings, title) {
  const head = ["Verdict", "What", "Before → after", "Difference", "Intervals", "Why"].map((name) => make("th", { scope: "col" }, name));
  return make("table", { class: "numbers pairs" }, make("caption", { class: "unseen" }, title), make("thead", {}, make("tr", {}, head)), make("tbody", {}, readings.map(readingRow)));
}

function measured() {
  if (!change.measurements.length) return null;
  const box = section("measurements", "Measurements", make("span", { class: "muted" }, "A change is called one only where it is more than noise."));
  const loud = change.measurements.filter((one) => !QUIET.has(one.change)), quiet = change.measurements.filter((one) => QUIET.has(one.change));
  const card = make("div", { class: "card" }, loud.length ? readingTable(loud.slice(0, 1000), "Measurements that changed") : make("p", { class: "none" }, "Nothing beyond noise."));
  if (quiet.length) {
    const rest = make("details", { class: "rest", ontoggle: () => rest.open && unroll() }, make("summary", { class: "fold" }, `${counted(quiet.length, "number")} as before, or within noise`));
    const unroll = () => rest.childElementCount === 1 && rest.append(readingTable(quiet.slice(0, 1000), "Measurements within noise"));
    unfolded.push(() => { unroll(); rest.open = true; });
    card.append(rest);
  }
  box.append(card);
  return box;
}

tellDifference();
const kinds = Object.keys(KINDS).map(changed).filter(Boolean);
const numbers = measured();
const nothing = !kinds.length && make("section", { id: "findings" }, make("p", { class: "card none" }, "No finding came, went or moved."));
document.getElementById("main").append(...[nothing, ...kinds, numbers].filter(Boolean));
document.querySelector(".skip").setAttribute("href", `#${(kinds[0] || nothing).id}`);
document.querySelector(".skip").textContent = "Skip to the changes";
navigate([make("a", { class: "name", href: "#verdict" }, "aisecops diff"), ...kinds.map((box) => link(box.id, KINDS[box.id][0], of(box.id).length)), numbers && link("measurements", "Measurements", change.measurements.length)]);
printable(() => unfolded.slice(0, 300).forEach((show) => show()), () => {});
performance.mark("ready");
