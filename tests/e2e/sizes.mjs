// What a phone on a 2G line pays: each page's HTML at most 20 KB before compression, the first visit at most 60 KB in all,
// and no page asks another host for anything.
import { hold, run, session } from "./lib.mjs";
import { everyPage, expected, Visits } from "./every.mjs";
import { signIn } from "./pages.mjs";

const KB = 1024;

await run("sizes", async ({ tally, demo, chrome }) => {
  const visits = new Visits();
  for (const lang of ["fr", "en"]) {
    for (const page of await everyPage(demo, chrome, { lang })) {
      await tally.check(`${lang} ${page.name}: HTML of at most 20 KB`, async () => {
        const answer = await page.open();
        hold(expected(page.name).includes(answer.status()), `${answer.url()} answered ${answer.status()}`);
        visits.note(answer, lang);
        const size = (await answer.body()).length;
        hold(size > 0 && size <= 20 * KB, `${answer.url()} is ${(size / KB).toFixed(1)} KB`);
        console.log(`        ${(size / KB).toFixed(1)} KB`);
      });
    }
  }

  await tally.check("every page of the table of routes, in both languages", () => visits.check(demo, ["fr", "en"]));

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
