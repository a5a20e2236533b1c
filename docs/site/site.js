// What is wider than the page scrolls by itself, and the keyboard must reach it.
for (const wide of document.querySelectorAll("main pre > code, .table-wrapper")) {
  wide.tabIndex = 0;
  wide.setAttribute("role", "group");
  wide.setAttribute("aria-label", wide.tagName === "CODE" ? "code" : "table");
}

// mdBook's button for the contents is a label: neither the keyboard nor a screen reader takes it for a button.
const toggle = document.getElementById("mdbook-sidebar-toggle");
toggle.setAttribute("role", "button");
toggle.tabIndex = 0;
toggle.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  toggle.click();
});
