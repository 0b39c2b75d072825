// Pictures of numbers. An upper bound by an attack, a proven lower bound and an estimate differ in colour and in shape: what an attack leaves open fades away on the
// side where the truth may lie, a certificate ends in a wall.
const PLAIN = new Set(["", "1", "fraction", "ratio", "probability", "share"]);
const short = (x) => (x === 0 ? "0" : Math.abs(x) >= 1e5 || Math.abs(x) < 1e-3 ? x.toExponential(1) : String(Number(x.toPrecision(3))));
const finite = (x) => typeof x === "number" && Number.isFinite(x);

// On which side of the number the truth lies: -1 below, 1 above, 0 around it.
function side(m) {
  if (!m.better || !m.bound || m.bound === "estimate") return 0;
  return (m.bound === "attack") === (m.better === "higher") ? -1 : 1;
}

function said(m) {
  if (m.blocked) return "not usable";
  if (!finite(m.value)) return "no value";
  return `${["≤ ", "", "≥ "][side(m) + 1]}${short(m.value)}${PLAIN.has(m.unit) ? "" : ` ${m.unit}`}`;
}

function truth(m) {
  if (m.blocked) return `Not usable: ${m.blocked}`;
  if (m.bound === "attack") return `Attacked: the truth is ${side(m) < 0 ? "at most" : "at least"} this; a stronger attack may find ${side(m) < 0 ? "less" : "more"}.`;
  if (m.bound === "certificate") return `Proven: the truth is ${side(m) > 0 ? "at least" : "at most"} this.`;
  return m.better ? `Estimated; ${m.better} is better.` : "Estimated.";
}

// What is known of each sample: proven to stay right, changed by an attack (or wrong already), and what neither says. One strip for each robust accuracy.
function strip(m, certificate) {
  const width = 600, height = 22, proven = certificate ? Math.min(certificate.value, m.value) : 0, x = (value) => value * width;
  const piece = (from, to, kind) => (to > from ? draw("rect", { class: kind, x: x(from), y: 0, width: x(to) - x(from), height, rx: 2 }) : null);
  const percent = (value) => `${short(Number((value * 100).toPrecision(3)))} %`;
  const told = [certificate ? `${percent(proven)} proven to stay right` : "nothing proven: no certificate was measured", `${percent(m.value - proven)} unknown: not changed by this attack, and not proven`, `${percent(1 - m.value)} changed, or wrong already`];
  const tones = ["certificate", "unknown", "attack"];
  return make("figure", { class: "strip" }, make("figcaption", { class: "foreign" }, "Of all samples", make("span", {}, cut(m.subject || "", 200))),
    draw("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": told.join("; ") }, piece(0, proven, "certificate"), piece(proven, m.value, "unknown"), piece(m.value, 1, "attack")),
    make("ul", { class: "key" }, told.map((text, index) => make("li", { class: tones[index] }, text))));
}

function strips(ms) {
  const fits = (m) => !m.blocked && finite(m.value) && m.value >= 0 && m.value <= 1 && PLAIN.has(m.unit);
  const robust = ms.filter((m) => m.name === "robust-accuracy" && m.bound === "attack" && fits(m)).slice(0, 12);
  return robust.map((m) => strip(m, ms.find((other) => other.name === "certified-accuracy" && other.bound === "certificate" && other.subject === m.subject && fits(other))));
}

// The scale of a row: shares all have 0 to 1, so that rows can be compared; other units one that holds the numbers and 0.
function extent(m) {
  const ends = [m.value, m.low, m.high].filter(finite);
  if (PLAIN.has(m.unit) && ends.every((x) => x >= 0 && x <= 1)) return [0, 1];
  if (PLAIN.has(m.unit) && ends.every((x) => x >= -1 && x <= 1)) return [-1, 1];
  const most = Math.max(0, ...ends), least = Math.min(0, ...ends);
  return most === least ? [0, 1] : [least * 1.15, most * 1.15];
}

function bar(m) {
  const width = 300, height = 26, pad = 8, middle = 11;
  const [from, to] = extent(m);
  const x = (value) => pad + ((Math.min(Math.max(value, from), to) - from) / (to - from)) * (width - 2 * pad);
  const ends = side(m);
  const parts = [draw("line", { class: "rail", x1: pad, x2: width - pad, y1: middle, y2: middle }), draw("text", { x: pad, y: 26 }, short(from)), draw("text", { x: width - pad, y: 26, "text-anchor": "end" }, short(to))];
  if (from < 0) parts.push(draw("line", { class: "axis", x1: x(0), x2: x(0), y1: 4, y2: 18 }));
  if (finite(m.value) && !m.blocked) {
    if (ends) parts.push(draw("rect", { class: "truths", x: ends < 0 ? pad : x(m.value), width: Math.max(ends < 0 ? x(m.value) - pad : width - pad - x(m.value), 0), y: middle - 8, height: 16, rx: 3 }));
    if (finite(m.low) && finite(m.high)) parts.push(draw("line", { class: "span", x1: x(m.low), x2: x(m.high), y1: middle, y2: middle }));
    if (ends) parts.push(draw("path", { class: "dot", d: ends < 0 ? `M${x(m.value) - 7} ${middle}l9 -6.5v13z` : `M${x(m.value) + 7} ${middle}l-9 -6.5v13z` }));
    else parts.push(draw("circle", { class: "dot", cx: x(m.value), cy: middle, r: 5 }));
  }
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${said(m)}${range(m) ? `, ${range(m)}` : ""}` }, parts);
}

function ends(m) {
  if (!finite(m.low) && !finite(m.high)) return "";
  return `${finite(m.low) ? short(m.low) : "−∞"} to ${finite(m.high) ? short(m.high) : "∞"}`;
}

const range = (m) => `${ends(m)}${ends(m) && m.level ? ` (${short(m.level * 100)} %)` : ""}`;

const ALONG = { "extraction-fidelity": "queries", "robust-accuracy": "allowed distance", "attack-success": "queries a sample", "certified-accuracy": "allowed distance", "over-confidence": "confidence", "calibration-error": "confidence", "corruption-accuracy": "severity" };
const along = (m) => (m.subject || "").startsWith("edited words") ? "edited words" : ALONG[m.name] || "";
const UP = { "over-confidence": "accuracy", "calibration-error": "accuracy" };

function curve(m) {
  const width = 420, height = 200, left = 38, bottom = 34, top = 8, right = 10;
  const points = m.curve.filter((row) => row.length >= 2 && row.slice(0, 2).every(finite));
  if (points.length < 2) return null;
  const xs = points.map((row) => row[0]), ys = points.flatMap((row) => row.slice(1, 4).filter(finite));
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const unit = PLAIN.has(m.unit) && ys.every((y) => y >= 0 && y <= 1);
  const [y0, y1] = unit ? [0, 1] : [Math.min(...ys), Math.max(...ys)];
  const x = (value) => left + ((value - x0) / (x1 - x0 || 1)) * (width - left - right);
  const y = (value) => height - bottom - ((value - y0) / (y1 - y0 || 1)) * (height - bottom - top);
  const path = (rows, column) => rows.map((row) => `${x(row[0]).toFixed(1)},${y(row[column]).toFixed(1)}`);
  const banded = points.filter((row) => finite(row[2]) && finite(row[3]));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => y0 + part * (y1 - y0));
  const grid = ticks.map((value) => [draw("line", { class: "axis", x1: left, x2: width - right, y1: y(value), y2: y(value) }), draw("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, short(Number(value.toPrecision(3))))]);
  const marks = [x0, (x0 + x1) / 2, x1].map((value, index) => draw("text", { x: x(value), y: height - bottom + 15, "text-anchor": ["start", "middle", "end"][index] }, short(Number(value.toPrecision(3)))));
  const diagonal = UP[m.name] && unit ? draw("line", { class: "axis", "stroke-dasharray": "4 4", x1: x(x0), y1: y(x0), x2: x(x1), y2: y(x1) }) : null;
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Curve of ${words(m.name)} with its band over ${along(m) || "its parameter"}, from ${short(points[0][1])} to ${short(points.at(-1)[1])}` },
    grid, marks, draw("text", { x: (left + width) / 2, y: height - 3, "text-anchor": "middle" }, along(m)), diagonal,
    banded.length > 1 ? draw("polygon", { class: "band", points: [...path(banded, 3), ...path([...banded].reverse(), 2)].join(" ") }) : null,
    draw("polyline", { class: "trace", points: path(points, 1).join(" ") }), points.length <= 24 ? points.map((row) => draw("circle", { class: "dot", cx: x(row[0]), cy: y(row[1]), r: 2.6 })) : null);
}
