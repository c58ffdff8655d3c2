// Pictures of every page for docs/screenshots/: French at 360 and 1280 px, one of them dark; English at 1280 px.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hold, run, top } from "./lib.mjs";
import { everyPage, expected } from "./pages.mjs";

const folder = join(top, "docs/screenshots");
const looks = [
  { lang: "fr", width: 360, dark: false },
  { lang: "fr", width: 360, dark: true },
  { lang: "fr", width: 1280, dark: false },
  { lang: "en", width: 1280, dark: false },
];

await run("screens", async ({ tally, demo, chrome }) => {
  mkdirSync(folder, { recursive: true });
  for (const lang of ["fr", "en"]) {
    for (const { name, as, open } of await everyPage(demo, chrome, { lang })) {
      const opened = await tally.check(`${lang}: ${name} opens`, async () => {
        const answer = await open();
        hold(expected(name).includes(answer.status()), `${answer.url()} answered ${answer.status()}`);
      }, as);
      if (!opened) continue;
      for (const look of looks.filter((l) => l.lang === lang)) {
        const file = `${name}-${look.width}${look.dark ? "-dark" : ""}${lang === "en" ? ".en" : ""}.png`;
        await tally.check(file, async () => {
          await as.emulateMedia({ colorScheme: look.dark ? "dark" : "light" });
          await as.setViewportSize({ width: look.width, height: look.width < 600 ? 740 : 900 });
          await as.screenshot({ path: join(folder, file), fullPage: true });
        });
      }
    }
  }
});
