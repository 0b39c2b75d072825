// What nobody looked at, and why; and what the scope left out.
const GAP_SAID = {
  "no-parser": "no parser for this format yet", "missing-extra": "an extra is not installed", timeout: "the time limit was reached", crash: "the examination crashed",
  truncated: "the data end too early", "too-large": "larger than the limits allow", unreadable: "could not be read", "weak-isolation": "isolation is weaker than asked",
  "not-trusted": "not trusted to be loaded", "no-power": "too few samples to tell", "bad-input": "the input is broken",
};

function gapGroups() {
  const grouped = new Map();
  for (const gap of record.not_examined) {
    const key = [gap.code, gap.reason, gap.remedy].join("\n");
    if (!grouped.has(key)) grouped.set(key, []);
    grouped.get(key).push(gap);
  }
  return [...grouped.values()].sort((a, b) => b.length - a.length);
}

function gapGroup(gaps) {
  const first = gaps[0];
  const names = [...new Set(gaps.map((gap) => fileOf({ path: gap.path || gap.asset || "", member: gap.member })))].filter(Boolean);
  const by = [...new Set(gaps.map((gap) => gap.check).filter(Boolean))];
  return make("li", {}, make("span", {}, badge("incomplete", words(first.code))), make("div", {}, make("p", { class: "foreign" }, first.reason),
    make("p", { class: "small muted" }, GAP_SAID[first.code] || "", by.length ? [" · ", foreign(cut(by.join(", "), 300))] : null),
    first.remedy ? make("p", { class: "remedy foreign" }, `→ ${first.remedy}`) : null,
    names.length ? partly(names, (name) => make("li", {}, mono(name)), 12, "ul", { class: "places paths" }) : null));
}

function leftOut() {
  const grouped = new Map();
  for (const left of record.left_out) grouped.set(left.reason, (grouped.get(left.reason) || 0) + (left.count ?? 1));
  return [...grouped].sort((a, b) => b[1] - a[1]).map(([reason, n]) => make("li", {}, make("span", {}, badge("not-covered", "out of scope")), make("p", {}, foreign(reason), make("span", { class: "muted" }, ` (${n.toLocaleString("en")})`))));
}

function skipped() {
  const grouped = new Map();
  for (const check of record.checks.filter((one) => one.skipped)) grouped.set(check.skipped, [...(grouped.get(check.skipped) || []), check.id]);
  return [...grouped].map(([reason, ids]) => make("li", {}, make("span", {}, badge("not-covered", "not run")), make("div", {}, make("p", { class: "foreign" }, reason), partly(ids, (id) => make("li", {}, mono(id)), 12, "ul", { class: "places paths" }))));
}

function showGaps() {
  const box = section("not-examined", "Not examined", make("span", { class: "muted" }, "What nobody looked at is never counted as passed."));
  const others = [...skipped(), ...leftOut()];
  const groups = gapGroups();
  const nothing = make("li", {}, make("span", {}, badge("pass", "✓ nothing")), make("p", {}, "Everything that the checks were to look at was examined."));
  const all = [...(groups.length ? groups.map(gapGroup) : [nothing]), ...others];
  box.append(make("div", { class: "card" }, partly(all, (one) => one, 200, "ul", { class: "gaps" })));
  return box;
}
