// The verdict and why: the rules that decided, the worst first.
const RULE_ORDER = ["fail", "incomplete", "pass"];
const RULE_SAID = { fail: "✗ failed", incomplete: "? incomplete", pass: "✓ passed" };

function lead() {
  const rules = record.verdict.rules;
  const by = (outcome) => rules.filter((rule) => rule.outcome === outcome).length;
  const of = `${counted(rules.length, "rule")} of the policy ${record.verdict.policy}`;
  if (record.verdict.outcome === "pass") return `All ${of} hold.`;
  const parts = [by("fail") && `${by("fail").toLocaleString("en")} failed`, by("incomplete") && `${by("incomplete").toLocaleString("en")} could not be decided`];
  return `Of ${of}, ${parts.filter(Boolean).join(" and ")}.`;
}

function rule(one) {
  const rests = list(one.findings).length + list(one.measurements).length;
  const name = rests ? make("button", { type: "button", class: "link foreign", "aria-haspopup": "dialog", onclick: () => openRule(one) }, one.id || "rule") : foreign(one.id);
  return make("li", {}, make("span", {}, badge(one.outcome, RULE_SAID[one.outcome])), make("span", {}, name), make("span", { class: "why foreign" }, one.reason));
}

function facts() {
  const run = record.run;
  const seconds = (Date.parse(run.finished) - Date.parse(run.started)) / 1000;
  const planned = record.checks.filter((check) => !check.skipped).length;
  const said = [
    ["Examined", `${counted(record.assets.length, "asset")} by ${counted(planned, "check")}`],
    ["When", run.finished.replace("T", " ").replace(/\.\d+/, "").replace("Z", " UTC")],
    ["Took", Number.isFinite(seconds) && seconds >= 0 ? (seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`) : ""],
    ["Commit", list(run.roots).map((root) => root.commit && root.commit.slice(0, 10) + (root.dirty ? " with changes" : "")).filter(Boolean).slice(0, 3).join(", ")],
    ["Seed", String(run.seed)],
    ["By", `${run.tool.name} ${run.tool.version}`],
  ];
  return make("div", { class: "facts" }, said.filter(([, value]) => value).map(([name, value]) => make("span", {}, make("b", {}, name), " ", foreign(value))));
}

function waiverList() {
  const used = [...waivers.values()];
  if (!used.length) return null;
  const one = (waiver) => make("li", {}, badge(waiver.expired ? "fail" : "accepted", waiver.expired ? "expired" : `used ${waiver.used}×`),
    make("span", { class: "foreign" }, waiver.id), make("span", { class: "why foreign" }, `${waiver.reason} — ${waiver.owner}, until ${waiver.expires}`));
  return make("div", {}, make("h2", { class: "small" }, "Waivers"), partly(used, one, 20, "ul", { class: "rules" }));
}

function tellVerdict() {
  const box = document.getElementById("verdict");
  const rules = [...record.verdict.rules].sort((a, b) => RULE_ORDER.indexOf(a.outcome) - RULE_ORDER.indexOf(b.outcome));
  const interrupted = record.run.incomplete && make("p", { class: "lead incomplete" }, badge("incomplete", "interrupted"), " What follows is what was done until then.");
  box.append(...[make("p", { class: "lead foreign" }, lead()), interrupted, partly(rules, rule, 60, "ul", { class: "rules" }), waiverList(), facts()].filter(Boolean));
}
