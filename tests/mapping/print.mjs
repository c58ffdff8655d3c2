// Pages printed as PDF, for tests/mapping/run: reads { base, login, password, paths } on standard input, signs in, and says of
// each page, as one line of JSON, how it answered, how many sheets it prints, and how large they are (points).
import { readFileSync } from "node:fs";
import { browser, session } from "../e2e/lib.mjs";
import { signIn } from "../e2e/pages.mjs";

const { base, login, password, paths } = JSON.parse(readFileSync(0, "utf8"));
const chrome = await browser();
try {
  const page = await session(chrome, base);
  await signIn(page, { login, password });
  const printed = [];
  for (const path of paths) {
    const answer = await page.goto(path);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    const [, width, height] = pdf.match(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/);
    const pages = pdf.match(/\/Type \/Page\b(?!s)/g) ?? [];
    printed.push({ path, status: answer.status(), pages: pages.length, width: Number(width), height: Number(height) });
  }
  console.log(JSON.stringify(printed));
} finally {
  await chrome.close();
}
