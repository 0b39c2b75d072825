// What was measured, model by model: number, interval, on which side the truth lies; curves; and what is attached.
const FIRST = ["accuracy", "clean-accuracy", "robust-accuracy", "certified-accuracy", "attack-success", "evasion-distance-median", "balanced-accuracy", "auc", "calibration-error"];
const TOLD = 10;
const unrolled = []; // what shows each folded table, for paper
const failedOn = new Set(record.verdict.rules.filter((one) => one.outcome === "fail").flatMap((one) => list(one.measurements)));

const rank = (m) => (failedOn.has(m.id) ? -2 : m.blocked ? -1 : FIRST.includes(m.name) ? FIRST.indexOf(m.name) : FIRST.length);
const toneOf = (m) => (m.blocked ? "incomplete" : m.bound || "estimate");

function nameOf(id) {
  const asset = assets.get(id);
  return asset?.facts?.name && asset.facts.name !== asset.path ? String(asset.facts.name) : asset?.path || id;
}

function numberRow(m) {
  const bounds = [range(m), m.n !== undefined && m.n !== null ? `n = ${m.n.toLocaleString("en")}` : ""].filter(Boolean).join(", ");
  return make("tr", { class: `${toneOf(m)}${failedOn.has(m.id) ? " failed" : ""}` }, make("th", { scope: "row" }, foreign(capital(words(m.name))), m.subject ? make("span", { class: "subject foreign" }, cut(m.subject, 160)) : null),
    make("td", { class: "value foreign" }, cut(said(m), 60), make("span", { class: "range" }, bounds)), make("td", { class: "bar" }, bar(m)), make("td", { class: "truth foreign" }, truth(m), m.method ? make("span", { class: "method foreign" }, m.method) : null));
}

function numberTable(ms, title) {
  const head = ["What", "Number", "Interval", "What it means"].map((name) => make("th", { scope: "col" }, name));
  return make("table", { class: "numbers" }, make("caption", { class: "unseen" }, title), make("thead", {}, make("tr", {}, head)), make("tbody", {}, ms.map(numberRow)));
}

function crossing(table, byId) {
  const cell = (id) => { const m = byId.get(id); return make("td", { class: `value foreign ${m ? toneOf(m) : ""}` }, m ? [cut(said(m), 60), make("span", { class: "range" }, ends(m))] : "–"); };
  const level = (column) => table.rows.map((row) => byId.get(row.cells[column])?.level).find(Boolean);
  const head = [make("th", { scope: "col" }, foreign(capital(table.title))), ...table.columns.map((name, column) => make("th", { scope: "col" }, foreign(capital(name)), level(column) ? make("span", { class: "range" }, `interval of ${short(level(column) * 100)} %`) : null))];
  const rows = table.rows.map((row) => make("tr", { class: row.chosen ? "chosen" : "" }, make("th", { scope: "row" }, foreign(cut(row.subject, 160))), row.cells.map(cell)));
  return make("div", { class: "wide", tabindex: "0", role: "group", "aria-label": `${table.title || "Measurements"}, as a table` },
    make("table", { class: "numbers crossing" }, make("caption", { class: "unseen" }, cut(table.title || "Measurements", 100)), make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows)));
}

function folded(ms, title) {
  const fold = make("summary", { class: "fold" }, counted(ms.length, "more number"));
  const box = make("details", { class: "rest", ontoggle: () => box.open && unroll() }, fold);
  const unroll = () => box.childElementCount === 1 && box.append(numberTable(ms, `More of ${title}`));
  unrolled.push(() => { unroll(); box.open = true; });
  return box;
}

function figure(m) {
  const picture = curve(m);
  return picture && make("figure", { class: toneOf(m) }, make("figcaption", { class: "foreign" }, capital(words(m.name)), make("span", {}, [m.subject, said(m), m.level && `band: ${short(m.level * 100)} %`].filter(Boolean).join(" · "))), picture);
}

function exhibit(kept) {
  const shows = data.exhibits[kept.id];
  const why = kept.sensitive ? "sensitive, so only named here" : shows ? "" : "not shown: of another type, too large, or not at hand as the record has it";
  const about = make("p", { class: "small" }, make("b", { class: "foreign" }, capital(words(kept.role))), " ", kept.sensitive ? [badge("accepted", "sensitive"), " "] : null, mono(kept.path),
    make("span", { class: "muted" }, ` ${kept.size.toLocaleString("en")} bytes${why ? ` · ${why}` : ""}`));
  return make("div", {}, about, shows?.picture ? make("img", { src: shows.picture, alt: `${words(kept.role)} of this run` }) : null,
    shows?.lines ? make("pre", { class: "foreign" }, shows.lines.slice(0, 400).map((line) => [marked(line), "\n"])) : null);
}

function attached(ids, title) {
  const kept = [...new Set(ids)].map((id) => attachments.get(id)).filter(Boolean);
  return kept.length ? make("div", { class: "kept" }, make("h4", {}, title), partly(kept, exhibit, 30, "div")) : null;
}

function modelCard(ids, ms) {
  const byId = new Map(ms.map((m) => [m.id, m])), tables = data.pivots.filter((table) => table.assets.join("\n") === ids.join("\n"));
  const tabled = new Set(tables.flatMap((table) => table.rows.flatMap((row) => row.cells)));
  const sorted = ms.filter((m) => !tabled.has(m.id) || failedOn.has(m.id)).sort((a, b) => rank(a) - rank(b));
  const told = sorted.slice(0, Math.max(TOLD, sorted.filter((m) => rank(m) < 0).length)), rest = sorted.slice(told.length);
  const title = ids.map(nameOf).join(", ");
  const paths = ids.map((id) => assets.get(id)?.path).filter(Boolean).join(", ");
  const figures = ms.filter((m) => list(m.curve).length).slice(0, 24).map(figure).filter(Boolean);
  return make("article", { class: "card model" }, make("header", {}, make("h3", { class: "foreign" }, cut(title, 300)), paths !== title ? make("div", { class: "path foreign" }, cut(paths, 400)) : null),
    strips(ms), told.length ? numberTable(told, cut(title, 100)) : null, rest.length ? folded(rest, cut(title, 100)) : null,
    tables.map((table) => crossing(table, byId)), figures.length ? make("div", { class: "curves" }, figures) : null, attached(ms.flatMap((m) => list(m.attachments)), "Attached"));
}

function showMeasurements() {
  const named = new Set(record.measurements.flatMap((m) => list(m.attachments)));
  const others = attached([...attachments.keys()].filter((id) => !named.has(id)), "Attached to the run");
  if (!record.measurements.length && !others) return null;
  const box = section("measurements", "Measurements", make("span", { class: "muted" }, "Each number with its interval, and the side on which the truth lies."));
  const grouped = new Map();
  for (const m of record.measurements) {
    const key = m.assets.join("\n");
    if (!grouped.has(key)) grouped.set(key, [m.assets, []]);
    grouped.get(key)[1].push(m);
  }
  const weight = ([ids]) => (ids.some((id) => /^(model|endpoint):/.test(id)) ? 0 : 1);
  const sorted = [...grouped.values()].sort((a, b) => weight(a) - weight(b));
  box.append(make("ul", { class: "key" }, make("li", { class: "estimate" }, "estimate: the truth is around it"), make("li", { class: "attack" }, "attack: the truth is no better"), make("li", { class: "certificate" }, "certificate: the truth is proven no worse")),
    partly(sorted, ([ids, ms]) => modelCard(ids, ms), 30, "div"), ...(others ? [make("article", { class: "card model" }, make("h3", { class: "unseen" }, "The run"), others)] : []));
  return box;
}
