// An arrival of many with the keyboard alone: from the list to the registered person and straight to the next, with and
// without scripts, in French and English, in less than a minute of keys at the pace of a hurried typist.
import { hold, run, words } from "./lib.mjs";
import { passengers, prepareArrival, press, signedIn } from "./pages.mjs";

/** Seconds that a hurried typist needs for one key. */
const KEY = 0.25;

/** Presses keys one after the other, and counts them. */
async function keys(page, count, ...pressed) {
  for (const key of pressed) {
    await page.keyboard.press(key);
    count.n += 1;
  }
}

/** Tabs until the control of this name has the focus. */
async function to(page, count, name) {
  for (let turn = 0; turn < 60; turn += 1) {
    if ((await page.evaluate(() => document.activeElement?.name ?? "")) === name) return;
    await keys(page, count, "Tab");
  }
  hold(false, `the key Tab does not reach ${name} on ${page.url()}`);
}

await run("keyboard", async ({ tally, demo, chrome }) => {
  for (const lang of ["fr", "en"]) {
    for (const js of [false, true]) {
      const page = await signedIn(demo, chrome, demo.account("case_manager"), { lang, js });
      await tally.check(`${lang}, ${js ? "with" : "without"} scripts: a person registered by keys alone, then the next`, async () => {
        const answer = await prepareArrival(page, passengers);
        hold(answer.status() === 303, `preparing answered ${answer.status()}`);
        await press(page, /Faire la file|Make the queue/);
        const queue = new URL(page.url()).pathname;
        const shown = await words(page);
        hold(/32 (attendues|expected)/.test(shown), `the queue says: ${shown.slice(0, 300)}`);
        await press(page, /Prendre la personne|Take the next/);
        const first = new URL(page.url()).pathname;
        const count = { n: 0 };
        const name = await page.locator('[name="F1E.03"]').inputValue();
        hold(/Épreuve-Ndjoré Zébédée/.test(name), `the list's name is not there: ${name}`);
        await to(page, count, "F1E.02");
        await keys(page, count, "Space");
        await to(page, count, "F1E.07");
        await keys(page, count, "ArrowDown");
        await to(page, count, "F1E.09");
        await keys(page, count, "Space");
        await to(page, count, "F1E.11");
        const language = page.locator('[name="F1E.11"]').first();
        if ((await language.evaluate((e) => e.tagName)) === "SELECT") await keys(page, count, "ArrowDown");
        else await keys(page, count, "Space");
        await to(page, count, "happened_at");
        const moved = page.waitForURL((url) => url.pathname !== first, { timeout: 10_000 }).catch(() => undefined);
        await keys(page, count, "Enter");
        await moved;
        const here = new URL(page.url()).pathname;
        const errors = await page.locator(".note.stop").allInnerTexts();
        hold(/^\/expected\//.test(here) && here !== first, `after Enter the page is ${here}: ${errors.join(" / ")}`);
        hold(/Épreuve-Ndjoré Zoë/.test(await page.locator('[name="F1E.03"]').inputValue()), "the rest of the family is not next");
        hold(count.n * KEY < 60, `${count.n} keys are ${count.n * KEY} s`);
        console.log(`        ${count.n} keys, about ${Math.round(count.n * KEY)} s`);
        await page.goto(queue);
        hold(/1 (enregistrées|registered)/.test(await words(page)), "the queue does not count the person");
      }, page);
      await page.context().close();
    }
  }
});
