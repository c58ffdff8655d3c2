// Ten errors in one form: every value that was typed comes back, each message stands beside its field and is named in the
// summary, and once the ten are mended the same form is accepted. With scripts and without, in both languages.
// The same of the forms of what is asked of somebody else and decided there (mistakes.mjs).
// Then nonsense into every form and every query: whatever is typed, no server error.
import { fill, hold, run, valueOf } from "./lib.mjs";
import { everyPage, expected, Visits } from "./every.mjs";
import { mistakes, sameAnswer } from "./mistakes.mjs";
import { arrivalWithErrors, at, kit, label, messages, press, signedIn, tenErrors } from "./pages.mjs";

/**
 * Sends every POST form of the page with nonsense: in its texts, in all its fields, in its hidden ones, many times over,
 * nothing at all, far too much. Resolves to "form: kind: status" for each.
 */
function nonsense(page) {
  return page.evaluate(async () => {
    const words = "☃ <script>alert(1)</script> ' OR 1=1 -- %00 ../../etc \u202e\u0000 \ud83d\ude00 99999999999999999999 −1 NaN";
    const pairs = (form) => [...new FormData(form)];
    const typed = (form, name) => [...form.elements].some((e) => e.name === name && (e.tagName === "TEXTAREA" || /^(text|tel|password|email|search)$/.test(e.type)));
    const kinds = {
      "texts": (form) => pairs(form).map(([n, v]) => [n, typed(form, n) ? words : v]),
      "every field": (form) => [...new Set([...form.elements].map((e) => e.name).filter(Boolean))].map((n) => [n, words]),
      "all but the id and version": (form) => {
        const keep = ["id", "version", "command", "service"];
        const names = new Set([...form.elements].map((e) => e.name).filter((n) => n && !keep.includes(n)));
        return [...pairs(form).filter(([n]) => keep.includes(n)), ...[...names].map((n) => [n, words])];
      },
      "every field thrice": (form) => pairs(form).flatMap((pair) => [pair, pair, [pair[0], words]]),
      "unknown fields": (form) => [...pairs(form), ["__proto__", "1"], ["F1E.99", words], ["", ""], [words, words]],
      "nothing": () => [],
      "too much": (form) => pairs(form).map(([n, v]) => [n, typed(form, n) ? "é".repeat(200_000) : v]),
    };
    const seen = [];
    for (const form of document.querySelectorAll("form[method=post]")) {
      const action = form.getAttribute("action");
      if (action === "/sign-out") continue;
      for (const [kind, body] of Object.entries(kinds)) {
        const answer = await fetch(action, { method: "POST", body: new URLSearchParams(body(form)), redirect: "manual" });
        seen.push([action, kind, answer.type === "opaqueredirect" ? 303 : answer.status]);
      }
      const answer = await fetch(action, { method: "POST", body: new Uint8Array([0x25, 0xff, 0x3d, 0x26, 0, 0x80]), headers: { "content-type": "application/x-www-form-urlencoded" }, redirect: "manual" });
      // A form without a field does what its button says, whatever came with it.
      seen.push([action, "bytes that are no text", answer.type === "opaqueredirect" ? 303 : answer.status]);
    }
    return seen;
  });
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
          hold(sameAnswer(typed, now), `typed ${JSON.stringify(typed)}, now ${JSON.stringify(now)}`);
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
          "F1E.01": label("BR"), "F1E.02": "yes", "F1E.03": "Essai", "F1E.04": "X", "F1E.05": "31", "F1E.06": "alone",
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

  await mistakes({ tally, demo, chrome });

  const visits = new Visits();
  let forms = 0;
  for (const { name, as, open } of await everyPage(demo, chrome, { lang: "fr", bypassCSP: true })) {
    if (name.endsWith("-errors")) continue; // the same forms once more, some of them used up by then
    await tally.check(`nonsense into every form of: ${name}`, async () => {
      const answer = await open();
      hold(expected(name).includes(answer.status()), `${answer.url()} answered ${answer.status()}`);
      visits.note(answer, "fr");
      const seen = await nonsense(as);
      forms += seen.length;
      const broken = seen.filter(([, , status]) => status >= 500 || status === 0);
      hold(broken.length === 0, broken.map((b) => b.join(" ")).join("\n"));
    }, as);
  }
  await tally.check("every page of the table of routes", () => visits.check(demo, ["fr"]));
  await tally.check("forms were found to type nonsense into", () => hold(forms >= 60, `${forms} sendings`));
  const page = await signedIn(demo, chrome, demo.account("case_manager"), {});
  for (const [path, names] of [[at.day, ["late", "others"]], [at.cases, ["after", "code"]], ["/sign-in", ["next", "to"]], ["/language/xx", ["to"]], ["/cases/x", ["done"]]]) {
    await tally.check(`nonsense into the query of ${path}`, async () => {
      for (const name of names) {
        for (const value of ["-1", "18446744073709551615", "%00", "%ff%fe", "☃".repeat(300), "../..", "'", "0.0.0"]) {
          const answer = await page.request.get(`${path}?${name}=${value}`, { maxRedirects: 0 });
          hold(answer.status() < 500, `${name}=${value.slice(0, 20)} answered ${answer.status()}`);
        }
      }
    });
  }
});
