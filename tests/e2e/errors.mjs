// Ten errors in one form: every value that was typed comes back, each message stands beside its field and is named in the
// summary, and once the ten are mended the same form is accepted. With scripts and without, in both languages.
import { fill, hold, run, valueOf } from "./lib.mjs";
import { arrivalWithErrors, kit, press, signedIn, tenErrors } from "./pages.mjs";

/** The names of the fields beside which a message stands, and the message of each. */
function messages(page) {
  return page.locator(kit.fieldError).evaluateAll((all) =>
    all.map((message) => [message.parentElement.querySelector("[name]")?.name, message.textContent.trim()]),
  );
}

await run("errors", async ({ tally, demo, chrome }) => {
  for (const js of [true, false]) {
    for (const lang of ["fr", "en"]) {
      const how = `${lang}, scripts ${js ? "on" : "off"}`;
      const page = await signedIn(demo, chrome, demo.account("case_manager"), { js, lang });
      await tally.check(`${how}: the form comes back with ten errors`, async () => {
        const answer = await arrivalWithErrors(page);
        hold(answer.status() === 422, `answered ${answer.status()}`);
        hold((await messages(page)).length >= 10, `${(await messages(page)).length} messages`);
        hold(/^(Erreur|Error)/.test(await page.title()), `the title is "${await page.title()}"`);
      }, page);
      const beside = new Map(await messages(page));
      for (const [name, typed] of Object.entries(tenErrors)) {
        await tally.check(`${how}: ${name} kept as typed`, async () => {
          const now = await valueOf(page, name);
          hold(now !== undefined, "the field is gone");
          const same = JSON.stringify([now ?? []].flat().filter((v) => v !== "")) === JSON.stringify([typed ?? []].flat().filter((v) => v !== ""));
          hold(same, `typed ${JSON.stringify(typed)}, now ${JSON.stringify(now)}`);
        }, page);
      }
      await tally.check(`${how}: each message is beside its own field, with words of its own`, async () => {
        hold(![...beside.keys()].includes(undefined), "a message stands beside no field");
        const wrong = Object.keys(tenErrors).filter((name) => !beside.has(name));
        hold(wrong.length <= Object.keys(tenErrors).length - 10, `nothing beside ${wrong.join(", ")}`);
        for (const [name, words] of beside) hold(words.length > 10, `the message of ${name} is "${words}"`);
      }, page);
      await tally.check(`${how}: the summary leads to every field`, async () => {
        const targets = await page.locator(`${kit.summary} a`).evaluateAll((links) =>
          links.map((a) => document.getElementById(decodeURIComponent(a.getAttribute("href").slice(1))) !== null),
        );
        hold(targets.length === beside.size, `${targets.length} links for ${beside.size} messages`);
        hold(targets.every(Boolean), "a link of the summary leads nowhere");
      }, page);
      await tally.check(`${how}: mended, the same form is accepted`, async () => {
        const mended = {
          "F1E.01": `BR-${Date.now() % 100000}`, "F1E.02": "yes", "F1E.03": "Essai", "F1E.04": "X", "F1E.05": "31", "F1E.06": "alone",
          "F1E.07": "own", "F1E.08": "Garoua", "F1E.09": ["CALL"], "F1E.10": "+237 6 77 01 02 03", "F1E.11": "fra",
          happened_at: null,
        };
        for (const [name, value] of Object.entries(mended)) await fill(page, name, value);
        await press(page);
        hold(/^\/cases\//.test(new URL(page.url()).pathname), `still at ${page.url()}: ${(await messages(page)).join(" / ")}`);
      }, page);
      await page.context().close();
    }
  }
});
