// What is wider than the page scrolls by itself, and the keyboard must reach it.
for (const wide of document.querySelectorAll("main pre > code, .table-wrapper")) {
  wide.tabIndex = 0;
  wide.setAttribute("role", "group");
  wide.setAttribute("aria-label", wide.tagName === "CODE" ? "code" : "table");
}
