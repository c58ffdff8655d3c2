// axe-core finds no violation on any page: light and dark, 360 and 1280 px, French and English, every `details` open;
// and no page scrolls sideways. Every page of the server's table of routes was looked at in each of these ways.
// What a phone on a 2G line pays: each page's HTML at most 20 KB before compression, the first visit at most 60 KB in all,
// and no page asks another host for anything.
import { axeSource, hold, run, session } from "./lib.mjs";
import { everyPage, expected, Visits } from "./every.mjs";
import { signIn } from "./pages.mjs";

const KB = 1024;

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
/** In the dark only colours differ: the style sheet says nothing else of a scheme, which is looked at first. */
const colours = ["cat.color"];

/** The violations on the page as it stands, each with the elements that it names. */
async function violations(page, values = rules) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => {
    details.removeAttribute("name"); // an exclusive group would close its neighbour
    details.open = true;
  }));
  // The engine stays where the page stays: another width or scheme needs no other copy.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  return page.evaluate(async (values) => {
    // What holds is counted and not told element by element; there are no frames, and a fault is told by its HTML.
    const lean = { resultTypes: ["violations"], iframes: false, selectors: false };
    const { violations, passes } = await axe.run({ runOnly: { type: "tag", values }, ...lean });
    if (passes.length === 0) throw new Error("axe found nothing to look at");
    return violations.map((v) => `${v.id} (${v.impact}): ${v.help}\n  ${v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200)).join("\n  ")}`);
  }, values);
}

/** One way to look at a page. */
const way = (lang, dark, width) => `${lang} ${dark ? "dark" : "light"} ${width} px`;

await run("axe", async ({ tally, demo, chrome }) => {
  await tally.check("axe sees a fault that was planted", async () => {
    const page = await session(chrome, demo.base, { bypassCSP: true });
    await page.setContent("<!DOCTYPE html><html lang=fr><title>x</title><main><h1>x</h1><img src=x><input></main></html>");
    const seen = (await violations(page)).join("\n");
    hold(/image-alt/.test(seen) && /label/.test(seen), `planted two, seen: ${seen}`);
    await page.context().close();
  });

  await tally.check("a page that nobody looks at is told by its name; what shows no page is not", async () => {
    const told = await new Visits().check(demo, ["once"]).then(() => "", (error) => error.message);
    for (const page of ["/sign-in", "/cosign", "/post/held", "/cases/{id}", "/overrides/{id}"]) hold(told.includes(`\n${page}: once`), `${page} is not told: ${told}`);
    for (const route of ["/", "/health", "/ready", "/language/{lang}"]) hold(!told.includes(`\n${route}: `), `${route} shows no page: ${told}`);
  });

  await tally.check("axe sees a fault of colour that was planted, among the rules for the dark", async () => {
    const page = await session(chrome, demo.base, { bypassCSP: true });
    await page.setContent("<!DOCTYPE html><html lang=fr><title>x</title><main><h1>x</h1><p style='color:#ccc;background:#fff'>pâle</p></main></html>");
    const seen = (await violations(page, colours)).join("\n");
    hold(/color-contrast/.test(seen), `planted one, seen: ${seen}`);
    await page.context().close();
  });

  await tally.check("the dark scheme changes colours and nothing else", async () => {
    const page = await session(chrome, demo.base);
    await page.goto("/sign-in");
    const others = await page.evaluate(() => {
      const found = [];
      const walk = (rules, dark) => {
        for (const rule of rules) {
          const inside = dark || /prefers-color-scheme/.test(rule.conditionText ?? rule.media?.mediaText ?? "");
          if (rule.cssRules?.length) walk(rule.cssRules, inside);
          if (inside && rule.style) found.push(...[...rule.style].filter((name) => !/^(--|color|background|border-.*color|fill|stroke|outline-color|box-shadow)/.test(name)));
        }
      };
      for (const sheet of document.styleSheets) walk(sheet.cssRules, false);
      return found;
    });
    hold(others.length === 0, `the dark scheme sets ${others.join(", ")}`);
    await page.context().close();
  });

  const visits = new Visits();
  const ways = ["fr", "en"].flatMap((lang) => [false, true].flatMap((dark) => [360, 1280].map((width) => way(lang, dark, width))));
  for (const lang of ["fr", "en"]) {
    const pages = await everyPage(demo, chrome, { lang, bypassCSP: true });
    for (const { name, as, open } of pages) {
      let answer;
      const opened = await tally.check(`${lang}: ${name} opens, in at most 20 KB`, async () => {
        answer = await open();
        hold(expected(name).includes(answer.status()), `${answer.url()} answered ${answer.status()}`);
        hold((await as.locator("html").getAttribute("lang")) === lang, `the page does not say lang=${lang}`);
        const size = (await answer.body()).length;
        hold(size > 0 && size <= 20 * KB, `${answer.url()} is ${(size / KB).toFixed(1)} KB`);
        console.log(`        ${(size / KB).toFixed(1)} KB`);
      }, as);
      if (!opened) continue;
      // Another width is laid out anew, another scheme only painted: the widths are the outer turn.
      for (const width of [360, 1280]) {
        await as.setViewportSize({ width, height: 800 });
        for (const dark of [false, true]) {
          await tally.check(`${way(lang, dark, width)}: ${name}`, async () => {
            await as.emulateMedia({ colorScheme: dark ? "dark" : "light" });
            visits.note(answer, way(lang, dark, width));
            const found = await violations(as, dark ? colours : rules);
            hold(found.length === 0, found.join("\n"));
            const over = await as.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            hold(over <= 0, `scrolls sideways by ${over} px`);
          }, as);
        }
      }
    }
  }
  await tally.check("every page of the table of routes, each way", () => visits.check(demo, ways));

  await tally.check("first visit, sign-in and the day after it: at most 60 KB in all, from one host", async () => {
    const page = await session(chrome, demo.base);
    const strangers = [];
    let total = 0;
    const reads = [];
    const kept = new Set(); // what the browser keeps (immutable) it answers itself the second time
    page.on("response", (response) => {
      if (!response.url().startsWith(demo.base)) strangers.push(response.url());
      if (kept.has(response.url())) return;
      if (/immutable/.test(response.headers()["cache-control"] ?? "")) kept.add(response.url());
      reads.push(response.body().then((body) => (total += body.length)).catch(() => {})); // a redirect has no body
    });
    await signIn(page, demo.account("case_manager"));
    await page.waitForLoadState("networkidle");
    await Promise.all(reads);
    hold(strangers.length === 0, `asked ${strangers.join(", ")}`);
    hold(total > 0 && total <= 60 * KB, `${(total / KB).toFixed(1)} KB`);
    console.log(`        ${(total / KB).toFixed(1)} KB`);
  });
});
