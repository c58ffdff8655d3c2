// What the browser tests share: the program under test, browser sessions, one way to fill any field, and the count.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** The folder of the project. */
export const top = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Where a failed check leaves the page that it saw. */
export const out = join(top, "tests/e2e/out");

/** The list of real health facilities: it stays beside the project and out of its commits. RELAIS_FACILITIES names another. */
export const facilities = process.env.RELAIS_FACILITIES ?? join(top, "../shared/data/cameroon-health-facilities.csv");

/** The axe-core rules engine, as text to put into a page. */
export const axeSource = readFileSync(join(top, "tests/e2e/node_modules/axe-core/axe.min.js"), "utf8");

/** What was given on the command line as `--name value` or `--name`. */
export function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return otherwise;
  const value = process.argv[at + 1];
  return value === undefined || value.startsWith("--") ? true : value;
}

/** A port of 127.0.0.1 on which nobody listens now. */
export function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** The binary under test: RELAIS_BIN, else the release build, else the development build. */
export function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(top, "target");
  const found = [process.env.RELAIS_BIN, join(target, "release/relais"), join(target, "debug/relais")].find(
    (path) => path && existsSync(path),
  );
  if (!found) throw new Error("no relais binary: cargo build --release -p relais, or set RELAIS_BIN");
  return found;
}

/** Runs a command of the program to its end; rejects with what it said when it fails. */
export function relais(args, env = {}) {
  return new Promise((done, fail) => {
    const child = spawn(binary(), args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    let complained = "";
    child.stdout.on("data", (data) => (said += data));
    child.stderr.on("data", (data) => (complained += data));
    child.once("error", fail);
    child.once("exit", (code) =>
      code === 0 ? done(said) : fail(new Error(`relais ${args.join(" ")}: exit ${code}\n${said}${complained}`)),
    );
  });
}

/** The command line on the demonstration's own data. */
export const cli = (demo, ...args) => relais(["--data", join(demo.folder, "data"), "--keys", join(demo.folder, "keys"), ...args]);

/**
 * Starts `relais demo` on a fresh folder and a free port, waits until it answers; `list` imports real facilities from a file.
 *
 * The program prints one JSON object (`--format json`): `address`, and `accounts`, each with `role`, `login`,
 * `password`, `organisation`, `token`. Resolves to `{ base, accounts, account(want), folder, log(), stop() }`.
 */
export async function startDemo({ seconds = 120, list } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "relais-e2e-"));
  const port = await freePort();
  const args = ["demo", "--fresh", "--listen", `127.0.0.1:${port}`, "--data", join(folder, "demo"), "--format", "json"];
  if (list) args.push("--facilities", list);
  const child = spawn(binary(), args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let complained = "";
  let ended = false;
  child.stdout.on("data", (data) => (said += data));
  child.stderr.on("data", (data) => (complained += data));
  const exit = new Promise((done) => child.once("exit", (code) => ((ended = true), done(code))));
  child.once("error", (error) => ((ended = true), (complained += error)));
  const base = `http://127.0.0.1:${port}`;

  const until = Date.now() + seconds * 1000;
  let printed;
  for (;;) {
    if (ended || Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`relais ${args.join(" ")}: ${ended ? "ended" : `not ready in ${seconds} s`}\n${said}${complained}`);
    }
    printed ??= firstObject(said);
    if (printed && (await answers(`${base}/sign-in`))) break;
    await sleep(100);
  }
  const accounts = printed.accounts;
  return {
    base,
    folder: join(folder, "demo"),
    accounts,
    /** The first account with this role (and, where given, whose organisation or login matches). */
    account(role, match = /./) {
      const found = accounts.find((a) => a.role === role && (match.test(a.organisation ?? "") || match.test(a.login)));
      if (!found) {
        const there = accounts.map((a) => `${a.role} ${a.login} (${a.organisation})`).join("\n  ");
        throw new Error(`no demo account with role ${role} matching ${match}; there are\n  ${there}`);
      }
      return found;
    },
    log: () => said + complained,
    async stop() {
      child.kill("SIGTERM");
      await Promise.race([exit, sleep(5000).then(() => child.kill("SIGKILL"))]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The first complete JSON object in a text that may go on, or undefined. */
function firstObject(text) {
  const start = text.indexOf("{");
  if (start < 0) return undefined;
  for (let end = text.indexOf("}", start); end >= 0; end = text.indexOf("}", end + 1)) {
    try {
      return JSON.parse(text.slice(start, end + 1));
    } catch {
      // an inner brace: go on to the next one
    }
  }
  return undefined;
}

async function answers(address) {
  try {
    return (await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(2000) })).status < 500;
  } catch {
    return false;
  }
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * A headless Chromium that talks to nobody but the page's own address: the build without a window, which lays out and
 * runs a page the same for two thirds of the work. CHROMIUM names another.
 */
export function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A page of its own user: no cookie is shared with another session.
 * `js`: scripts on or off; `lang`: fr or en; `dark`; `width`; `bypassCSP` only where a test puts axe into the page.
 */
export async function session(chrome, base, { js = true, lang = "fr", dark = false, width = 1280, bypassCSP = false } = {}) {
  const context = await chrome.newContext({
    baseURL: base,
    javaScriptEnabled: js,
    locale: lang === "fr" ? "fr-CM" : "en-GB",
    timezoneId: "Africa/Douala",
    colorScheme: dark ? "dark" : "light",
    viewport: { width, height: width < 600 ? 740 : 900 },
    bypassCSP,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  // Whatever the server answers, no page may end in a server error.
  page.serverErrors = [];
  page.on("response", (response) => {
    if (response.status() >= 500) page.serverErrors.push(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  return page;
}

/**
 * Writes one answer into the field of this name, whatever kind of field it is.
 * A choice is given by its code; several by a list; `null` clears a text.
 */
export async function fill(page, name, value) {
  const field = page.locator(`[name=${JSON.stringify(name)}]`);
  const first = field.first();
  await first.waitFor({ state: "attached" });
  const [tag, type] = await first.evaluate((element) => [element.tagName, element.type]);
  if (type === "radio" || type === "checkbox") {
    const wanted = new Set([value].flat().map(String));
    for (const choice of await field.all()) {
      const code = await choice.getAttribute("value");
      if (wanted.has(code ?? "on")) await choice.check({ force: true });
      else if (type === "checkbox") await choice.uncheck({ force: true });
    }
  } else if (tag === "SELECT") {
    await first.selectOption([value].flat().map(String));
  } else {
    await first.fill(value === null ? "" : String(value));
  }
}

/** What stands in the field of this name now: a text, a code, a list of codes, or null for an unanswered choice. */
export async function valueOf(page, name) {
  return page.locator(`[name=${JSON.stringify(name)}]`).evaluateAll((elements) => {
    const [first] = elements;
    if (!first) return undefined;
    if (first.type === "radio") return elements.find((e) => e.checked)?.value ?? null;
    if (first.type === "checkbox") return elements.filter((e) => e.checked).map((e) => e.value);
    return first.value;
  });
}

/** The visible words of the page, spaces made plain, for looking for what must or must not be there. */
export async function words(page) {
  const text = await page.locator("body").evaluate((body) => body.innerText);
  return text.replace(/[\u00a0\u202f\s]+/g, " ");
}

/** The whole source of the page: what a viewer could read with the browser's own tools. */
export const source = (page) => page.content();

/** Counts checks, keeps the page of each failed one, ends with the line that `./test` reads. */
export class Tally {
  constructor(part) {
    this.part = part;
    this.passed = 0;
    this.failed = 0;
  }

  /** Runs one check; a thrown error is a failure, is told, and does not stop the next. Returns whether it held. */
  async check(name, run, page) {
    const began = Date.now();
    try {
      await run();
      this.passed += 1;
      console.log(`ok      ${this.part}: ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
      return true;
    } catch (error) {
      this.failed += 1;
      console.log(`FAILED  ${this.part}: ${name}\n        ${String(error?.message ?? error).replaceAll("\n", "\n        ")}`);
      if (page) await this.keep(name, page);
      return false;
    }
  }

  /** Lays the page's picture and source into `tests/e2e/out`. */
  async keep(name, page) {
    mkdirSync(out, { recursive: true });
    const file = join(out, `${this.part}-${name}`.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 120));
    try {
      writeFileSync(`${file}.html`, `<!-- ${page.url()} -->\n${await page.content()}`);
      await page.screenshot({ path: `${file}.png`, fullPage: true });
      console.log(`        seen at ${page.url()}, kept as ${file}.png`);
    } catch (error) {
      console.log(`        (the page could not be kept: ${error.message})`);
    }
  }

  /** Prints the count alone on the last line and sets the exit code. */
  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed > 0 ? 1 : 0;
  }
}

/** An assertion with words. */
export function hold(condition, message) {
  if (!condition) throw new Error(message);
}

/** Runs a part: server, browser, the body, and an orderly end whatever happens. */
export async function run(part, body, { demo: wantsDemo = true, list } = {}) {
  const tally = new Tally(part);
  let demo;
  let chrome;
  try {
    demo = wantsDemo ? await startDemo({ list }) : undefined;
    chrome = await browser();
    await body({ tally, demo, chrome });
  } catch (error) {
    tally.failed += 1;
    console.log(`FAILED  ${part}: stopped\n        ${String(error?.stack ?? error).replaceAll("\n", "\n        ")}`);
    if (demo) console.log(`        the server said last:\n${demo.log().slice(-2000)}`);
  } finally {
    await chrome?.close();
    await demo?.stop();
  }
  tally.end();
}
