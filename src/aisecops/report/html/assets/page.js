// The whole page, in the order in which a reader asks: what came out, where do we stand, what is wrong, how good is it, what does nobody know.
function link(id, title, count) {
  return make("a", { href: `#${id}` }, title, count === undefined ? null : make("span", { class: "count" }, count.toLocaleString("en")));
}

function themeButton() {
  const root = document.documentElement;
  const says = () => (root.dataset.theme === "dark" ? "Light" : "Dark");
  const button = make("button", { type: "button", onclick: () => {
    root.dataset.chosen = "yes";
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    button.textContent = says();
  } }, says());
  button.setAttribute("aria-label", "Change between dark and light");
  return button;
}

function showNavigation(measured) {
  const open = record.findings.filter((finding) => statusOf(finding) === "open").length;
  document.getElementById("sections").append(...[make("a", { class: "name", href: "#verdict" }, "aisecops"), link("posture", "Posture"), link("findings", "Findings", open),
    measured && link("measurements", "Measurements", record.measurements.length), link("not-examined", "Not examined", record.not_examined.length), themeButton()].filter(Boolean));
}

tellVerdict();
const measured = showMeasurements();
document.getElementById("main").append(...[showMatrix(), showFindings(), measured, showGaps()].filter(Boolean));
showNavigation(measured);
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();

// Paper is white, and nobody can unfold it.
let worn = "";
addEventListener("beforeprint", () => {
  worn = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  printFindings();
  for (const show of unrolled) show();
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = worn || document.documentElement.dataset.theme;
  apply();
});
// What search looks at is prepared while nobody waits, a few hundred at a time.
let prepared = 0;
(function prepare() {
  for (const end = Math.min(prepared + 500, record.findings.length); prepared < end; prepared += 1) haystack(record.findings[prepared]);
  if (prepared < record.findings.length) setTimeout(prepare);
})();
performance.mark("ready");
