// The whole page, in the order in which a reader asks: what came out, where do we stand, what is wrong, how good is it, what does nobody know.
function showNavigation(measured) {
  const open = record.findings.filter((finding) => statusOf(finding) === "open").length;
  navigate([make("a", { class: "name", href: "#verdict" }, "aisecops"), link("posture", "Posture"), link("findings", "Findings", open),
    measured && link("measurements", "Measurements", record.measurements.length), link("not-examined", "Not examined", record.not_examined.length)]);
}

tellVerdict();
const measured = showMeasurements();
document.getElementById("main").append(...[showMatrix(), showFindings(), measured, showGaps()].filter(Boolean));
showNavigation(measured);
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();

printable(() => {
  printFindings();
  for (const show of unrolled) show();
}, apply);
// What search looks at is prepared while nobody waits, a few hundred at a time.
let prepared = 0;
(function prepare() {
  for (const end = Math.min(prepared + 500, record.findings.length); prepared < end; prepared += 1) haystack(record.findings[prepared]);
  if (prepared < record.findings.length) setTimeout(prepare);
})();
performance.mark("ready");
