// The posture matrix: threat by stage; each cell opens its evidence.
const STATES = {
  failing: ["✗", "failing", "an open finding (those of severity info aside), or a rule failed on a number"],
  "not-examined": ["?", "not examined", "a part was not looked at, or a number is not usable"],
  accepted: ["≈", "accepted", "somebody answers for all that was found"],
  passing: ["✓", "passing", "checks looked, and nothing is left"],
  "not-covered": ["·", "not covered", "this run had no check for it"],
};

function shortly(cell) {
  if (cell.state === "failing") return cell.open ? `${cell.open.length.toLocaleString("en")} open` : "too low";
  if (cell.state === "accepted") return `${cell.accepted.length.toLocaleString("en")} accepted`;
  if (cell.state === "not-examined") return "not examined";
  return cell.state === "passing" ? "passing" : "";
}

function cellOf(cell) {
  const [sign, name] = STATES[cell.state];
  const where = `${words(cell.threat)}, ${cell.stage}`;
  if (cell.state === "not-covered") return make("td", {}, make("div", { class: "cell not-covered" }, make("span", { "aria-hidden": "true" }, sign), make("span", { class: "unseen" }, name)));
  const worst = SEVERITIES.find((severity) => list(cell.open).some((id) => findings.get(id)?.severity === severity));
  const label = `${where}: ${name}, ${shortly(cell)}${worst ? `, worst ${worst}` : ""}. Show the evidence`;
  const open = () => openCell(cell);
  return make("td", {}, make("button", { type: "button", class: `cell ${cell.state}`, "aria-label": label, "aria-haspopup": "dialog", onclick: open },
    make("span", { "aria-hidden": "true" }, sign), make("span", {}, shortly(cell))));
}

function showMatrix() {
  const box = section("posture", "Posture", make("span", { class: "muted" }, "What is known of each threat at each stage. A cell opens its evidence."));
  const head = make("tr", {}, make("th", { scope: "col" }, make("span", { class: "unseen" }, "Threat")), data.stages.map((stage) => make("th", { scope: "col" }, capital(stage))));
  const rows = data.threats.map((threat) => make("tr", {}, make("th", { scope: "row" }, capital(words(threat))), data.cells.filter((cell) => cell.threat === threat).map(cellOf)));
  const legend = Object.entries(STATES).map(([state, [sign, name, meaning]]) => make("li", {}, badge(state, `${sign} ${name}`), meaning));
  const loose = data.unplaced.length && make("p", { class: "legend" }, `${counted(data.unplaced.length, "gap")} below ${data.unplaced.length === 1 ? "belongs" : "belong"} to no cell: nobody knows what is in there.`);
  box.append(make("div", { class: "card" }, make("div", { class: "matrix", tabindex: "0", role: "region", "aria-label": "Posture matrix" },
    make("table", {}, make("caption", { class: "unseen" }, "Posture: threats by stages of the life cycle"), make("thead", {}, head), make("tbody", {}, rows))), make("ul", { class: "legend" }, legend), loose || null));
  return box;
}

// Evidence beside the page: of a cell, or of a rule. Escape closes it, and focus goes back to where it came from.
function openEvidence(title, state, parts) {
  const close = make("button", { type: "button", class: "close", onclick: () => panel.close() }, "Close");
  const panel = make("dialog", { "aria-labelledby": "evidence-title", onclose: () => panel.remove(), onclick: (event) => event.target === panel && panel.close() },
    make("div", { class: "inner" }, close, make("header", {}, make("h2", { id: "evidence-title", class: "foreign" }, cut(title, 300)), make("p", {}, state)), parts(() => panel.close())));
  document.body.append(panel);
  panel.showModal();
}

function part(title, items, one) {
  return items.length ? make("section", {}, make("h3", { class: "small" }, `${title} (${items.length.toLocaleString("en")})`), partly(items, one, 40)) : null;
}

const known = (ids, where) => list(ids).map((id) => where.get(id)).filter(Boolean);
const gravest = (ids) => known(ids, findings).sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));

function openCell(cell) {
  openEvidence(`${capital(words(cell.threat))} · ${cell.stage}`, badge(cell.state, STATES[cell.state][1]), (leave) => {
    const finding = (one) => findingLine(one, leave);
    return [part("Open findings", gravest(cell.open), finding), part("Accepted", gravest(cell.accepted), finding), part("Noted", gravest(cell.noted), finding),
      part("Measurements", known(cell.measurements, measurements), (m) => measureLine(m, cell)), part("Not examined", list(cell.gaps).map((number) => record.not_examined[number]), gapLine),
      part("Checks", known(cell.checks, checks), checkLine)];
  });
}

function openRule(rule) {
  const cell = rule.outcome === "fail" ? { failed: rule.measurements } : rule.outcome === "incomplete" ? { weak: rule.measurements } : {};
  openEvidence(rule.id, badge(rule.outcome, RULE_SAID[rule.outcome]), (leave) => [make("p", { class: "foreign" }, rule.reason),
    part("Findings", gravest(rule.findings), (one) => findingLine(one, leave)), part("Measurements", known(rule.measurements, measurements), (m) => measureLine(m, cell))]);
}

function findingLine(finding, leave) {
  const go = () => { leave(); showFinding(finding); };
  return make("li", { class: finding.severity }, badge(finding.severity), " ", make("button", { type: "button", class: "link foreign", onclick: go }, cut(finding.title, 300)),
    make("div", { class: "muted small foreign" }, cut(list(finding.locations).map(fileOf)[0] || "", 300)));
}

function measureLine(m, cell) {
  const tone = list(cell.failed).includes(m.id) ? "failing" : list(cell.weak).includes(m.id) ? "not-examined" : m.bound || "estimate";
  return make("li", { class: tone }, foreign(words(m.name)), " ", make("b", {}, said(m)), make("div", { class: "muted small foreign" }, [m.subject, m.blocked && `not usable: ${m.blocked}`].filter(Boolean).join(" · ")));
}

const gapLine = (gap) => make("li", { class: "incomplete" }, foreign(fileOf({ path: gap.path || gap.asset || "", member: gap.member })), make("div", { class: "muted small foreign" }, cut(gap.reason, 500)));

const checkLine = (check) => make("li", {}, foreign(check.title), make("div", { class: "muted small" }, mono(check.id), " · ", check.skipped ? foreign(`not run: ${check.skipped}`) : `looked at ${counted(check.planned, "asset")}`));
