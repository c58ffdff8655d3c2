// Pictures of the main job's pages for docs/screenshots/: French at 360 and 1280 px; some in English, some in the dark.
// RELAIS_SCREENS names another folder.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hold, run, top } from "./lib.mjs";
import { everyPage, expected } from "./every.mjs";
import { withPalette } from "./png.mjs";

const folder = process.env.RELAIS_SCREENS ?? join(top, "docs/screenshots");
const looks = [
  { lang: "fr", width: 360, dark: false },
  { lang: "fr", width: 360, dark: true },
  { lang: "fr", width: 1280, dark: false },
  { lang: "en", width: 360, dark: false },
  { lang: "en", width: 1280, dark: false },
];

/** Pages of the main job, in the order of the job; the others add nothing to look at. */
const told = [
  "sign-in", "day", "arrival", "arrival-errors", "case", "consent", "need", "refer-preview", "inbox", "referral-provider",
  "referral-provider-accepted", "telephone", "confirm", "close", "late",
];

/** Those that are shown in English and in the dark too. */
const twice = ["day", "refer-preview", "referral-provider"];

await run("screens", async ({ tally, demo, chrome }) => {
  mkdirSync(folder, { recursive: true });
  for (const lang of ["fr", "en"]) {
    for (const { name, as, open } of await everyPage(demo, chrome, { lang })) {
      if (!told.includes(name)) continue;
      const opened = await tally.check(`${lang}: ${name} opens`, async () => {
        const answer = await open();
        hold(expected(name).includes(answer.status()), `${answer.url()} answered ${answer.status()}`);
      }, as);
      if (!opened) continue;
      for (const look of looks.filter((l) => l.lang === lang && (twice.includes(name) || (lang === "fr" && !l.dark)))) {
        const file = `${name}-${look.width}${look.dark ? "-dark" : ""}${lang === "en" ? ".en" : ""}.png`;
        await tally.check(file, async () => {
          await as.emulateMedia({ colorScheme: look.dark ? "dark" : "light" });
          await as.setViewportSize({ width: look.width, height: look.width < 600 ? 740 : 900 });
          writeFileSync(join(folder, file), withPalette(await as.screenshot({ fullPage: true })));
        });
      }
    }
  }
});
