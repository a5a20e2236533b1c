// Looks at the site in a headless Chromium. Prints every fault, and fails if there is one.
//
// Usage: check.cjs FOLDER

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const axe = require.resolve("axe-core");
const puppeteer = require("puppeteer-core");

const WIDTHS = [390, 768, 1440];
// The colours that readers with a light and with a dark system see.
const THEMES = ["light", "navy"];
// The pages of the dark colours; between them they have everything that is coloured.
const DARK = ["index.html", "docs/configuration.html", "docs/cookbook.html", "docs/errors/RATE_LIMITED.html"];
const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

const root = path.resolve(process.argv[2]);
const files = fs.readdirSync(root, { recursive: true }).map((file) => file.split(path.sep).join("/"));
// 404.html has addresses for the root of a server; toc.html is the menu of readers without JavaScript.
const pages = files.filter((file) => file.endsWith(".html") && !["404.html", "toc.html"].includes(file)).sort();
const faults = new Set();

function fault(page, text) {
  if (!faults.has(`${page}: ${text}`)) console.error(`site: ${page}: ${text}`);
  faults.add(`${page}: ${text}`);
}

const server = http.createServer((request, response) => {
  const file = path.join(root, decodeURIComponent(new URL(request.url, "http://site").pathname));
  fs.readFile(file, (error, content) => {
    response.writeHead(error ? 404 : 200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
    response.end(content);
  });
});

async function open(browser, theme) {
  // Tabs of one context have one storage, so that the theme of one could be that of another.
  const context = await browser.createBrowserContext();
  const tab = await context.newPage();
  await tab.evaluateOnNewDocument((theme) => {
    // The empty page of a new tab has no storage.
    if (location.protocol.startsWith("http")) localStorage.setItem("mdbook-theme", theme);
  }, theme);
  await tab.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: theme === "light" ? "light" : "dark" },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  tab.current = "";
  tab.on("pageerror", (error) => fault(tab.current, error.message));
  tab.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) fault(tab.current, `asks ${request.url()}`);
  });
  tab.on("response", (response) => {
    // Browsers ask for this one by themselves.
    const isAsked = !response.url().endsWith("/favicon.ico");
    if (response.status() >= 400 && isAsked) fault(tab.current, `${response.url()} is not there`);
  });
  return tab;
}

async function look(tab, page, width, theme) {
  tab.current = page;
  await tab.setViewport({ width, height: 844, isMobile: width < 768, hasTouch: width < 768 });
  await tab.goto(`${base}/${page}`, { waitUntil: "load" });
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const seen = await tab.evaluate(() => window.innerWidth);
  if (wide > 0 || seen > width) fault(page, `is ${Math.max(seen, width + wide)} px wide at ${width} px`);
  if (width !== WIDTHS[0]) return;
  await tab.addScriptTag({ path: axe });
  const { violations } = await tab.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, impact, nodes } of violations.filter(({ impact }) => ["serious", "critical"].includes(impact)))
    fault(page, `${theme}: ${impact} ${id} at ${nodes.length} places: ${nodes[0].target} ${nodes[0].failureSummary}`);
}

/** The links of a page and the anchors that links may lead to. */
async function read(tab, page) {
  const found = await tab.evaluate(() => ({
    links: [...document.querySelectorAll("a[href]")].map((link) => link.href),
    anchors: [...document.querySelectorAll("[id]")].map((one) => one.id),
  }));
  return [page, found];
}

/** A reader without a mouse reaches the menu and the text, and finds a word. */
async function keys(tab) {
  const page = "index.html";
  tab.current = page;
  for (const width of WIDTHS) {
    await tab.setViewport({ width, height: 844 });
    await tab.goto(`${base}/${page}`, { waitUntil: "load" });
    const reached = new Set();
    for (let press = 0; press < 120; press++) {
      await tab.keyboard.press("Tab");
      const at = await tab.evaluate(() => {
        const one = document.activeElement;
        const { outlineStyle, boxShadow } = getComputedStyle(one);
        const place = one.closest("main") ? "the text" : one.closest(".sidebar") ? "the contents" : "the bar";
        return { place, visible: outlineStyle !== "none" || boxShadow !== "none", html: one.outerHTML.slice(0, 120) };
      });
      reached.add(at.place);
      if (!at.visible) fault(page, `shows no focus at ${width} px: ${at.html}`);
      if (at.place === "the text") break;
    }
    for (const place of ["the bar", "the text"])
      if (!reached.has(place)) fault(page, `the keyboard does not reach ${place} at ${width} px`);
  }
  await tab.goto(`${base}/${page}`, { waitUntil: "load" });
  await tab.keyboard.press("s");
  await tab.waitForSelector("#mdbook-searchbar:focus, #searchbar:focus");
  await tab.keyboard.type("OUTCOME_UNKNOWN");
  await tab.waitForFunction(() => document.querySelector("#mdbook-searchresults a, #searchresults a"));
}

let base;
async function main() {
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  base = `http://127.0.0.1:${server.address().port}`;
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    protocolTimeout: 600_000,
  });
  const content = new Map();
  const walk = async (theme, mine) => {
    const tab = await open(browser, theme);
    tab.setDefaultTimeout(600_000);
    for (const [page, width] of mine) {
      await look(tab, page, width, theme);
      if (width === WIDTHS[2]) content.set(...(await read(tab, page)));
    }
  };
  const share = (all, part) => all.filter((_, at) => at % 2 === part);
  const light = pages.flatMap((page) => WIDTHS.map((width) => [page, width]));
  const dark = DARK.map((page) => [page, WIDTHS[0]]);
  const walks = [walk(THEMES[0], share(light, 0)), walk(THEMES[0], share(light, 1)), walk(THEMES[1], dark)];
  await Promise.all(walks);
  await keys(await open(browser, THEMES[0]));
  await browser.close();
  server.close();

  let links = 0;
  for (const [page, { links: of }] of content) {
    for (const link of of.filter((link) => link.startsWith(base))) {
      const { pathname, hash } = new URL(link);
      const target = decodeURIComponent(pathname).slice(1) || "index.html";
      const anchor = decodeURIComponent(hash.slice(1));
      links++;
      if (!files.includes(target)) fault(page, `links to ${target}, which is not there`);
      else if (anchor && !content.get(target)?.anchors.includes(anchor)) fault(page, `links to ${target}#${anchor}, no such place`);
    }
  }
  if (pages.length < 60 || links < 1000) throw new Error(`only ${pages.length} pages with ${links} links`);
  console.log(`site: ${pages.length} pages at ${WIDTHS.join(", ")} px, ${links} links, ${faults.size} faults`);
  process.exitCode = faults.size > 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(`site: ${error.stack}`);
  process.exit(1);
});
