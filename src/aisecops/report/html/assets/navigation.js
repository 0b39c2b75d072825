// What stands at the top of every page, and how a page dresses for paper.
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

function navigate(links) {
  document.getElementById("sections").append(...links.filter(Boolean), themeButton());
}

// Paper is white, and nobody can unfold it.
function printable(unfoldAll, after) {
  let worn = "";
  addEventListener("beforeprint", () => {
    worn = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
    unfoldAll();
  });
  addEventListener("afterprint", () => {
    document.documentElement.dataset.theme = worn || document.documentElement.dataset.theme;
    after();
  });
}
