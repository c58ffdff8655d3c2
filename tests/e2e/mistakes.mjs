// Mistakes in the forms of what is asked of somebody else and decided there: each comes back beside its field, in the form in
// which it was made and where it is seen, named in the summary, with every other value as it was typed.
import { fill, hold, session, valueOf } from "./lib.mjs";
import * as make from "./made.mjs";
import { api, at, firstAddress, kit, link, messages, other, previewWithdrawal, signedIn, story, unguard } from "./pages.mjs";

const long = (n) => "Essai trop long. ".repeat(60).slice(0, n);

/** Whether what stands in a field is what was typed, in whatever order the browser tells a choice of many. */
export const sameAnswer = (typed, now) => {
  const list = (value) => JSON.stringify([value ?? []].flat().filter((v) => v !== ""));
  return list(typed) === list(now);
};

/**
 * The forms, each with mistakes: `{ name, page, open(), form, typed, wrong, press }`. `form` selects the form, `typed` is what is
 * typed into it, `wrong` names the fields beside which a message must stand; `press` selects the button, else the form's first.
 */
async function forms(demo, chrome) {
  const enter = (account) => signedIn(demo, chrome, account, { js: false });
  const sender = await enter(demo.account("case_manager"));
  const boss = await enter(demo.account("supervisor"));
  const elsewhere = await enter(demo.account("case_manager", other));
  const office = await enter(demo.account("secretariat"));
  const all = [];
  const add = (name, page, path, form, typed, wrong, press) => all.push({ name, page, open: () => page.goto(path), form, typed, wrong, press });

  const unasked = await make.unasked(demo);
  const preview = `${at.refer(unasked.need)}?service=${unasked.service}`;
  const aside = `form[action="${at.override(unasked.need)}"]`;
  add("override apart, nothing written", sender, preview, aside, { scope: "two_hours" }, ["kind", "reason"]);
  add("override apart, a legal duty for two hours", sender, preview, aside, { kind: "LEGAL", scope: "two_hours", reason: "Essai : réquisition." }, ["kind"]);
  add("override apart, far too long", sender, preview, aside, { kind: "VITAL", scope: "referral", reason: long(600) }, ["reason"]);
  const refer = `form[method=post][action="${at.refer(unasked.need)}"]`;
  add("override with the referral, no reason", sender, preview, refer, { words: "Essai : toux.", override_kind: "VITAL", override_reason: "", person_informed: "yes", provider_called: "yes" }, ["override_reason"], "button.btn.big");
  add("override with the referral, far too long", sender, preview, refer, { override_kind: "VITAL", override_reason: long(600), person_informed: "yes", provider_called: "yes" }, ["override_reason"], "button.btn.big");

  const judged = at.judge((await make.override(demo)).id);
  const refusing = 'form:has([name=decision][value="refuse"])';
  add("a co-signature refused without a word", boss, judged, refusing, {}, ["reason"]);
  add("a co-signature refused at length", boss, judged, refusing, { reason: long(600) }, ["reason"]);

  await office.goto(at.late);
  const calls = await firstAddress(office, link.lateCalls);
  add("late call, nobody answered and a day that is none", office, calls, "form[action$='/calls']", { channel: "letter", answered_by: "", promised: "Essai : demain", promised_on: "demain" }, ["answered_by", "promised_on"]);
  add("late call, far too long", office, calls, "form[action$='/calls']", { answered_by: long(400), promised: long(400), promised_on: "01/12/2030" }, ["answered_by", "promised"]);

  const moving = await make.transfer(demo);
  const declining = 'form:has([name=command][value="decline"])';
  add("transfer declined at length", elsewhere, at.moving(moving.transfer), declining, { text: long(600) }, ["text"]);
  const going = await make.accepted(demo);
  await make.consent(api(demo, demo.account("case_manager")), going.case, moving.to);
  add("transfer proposed, the person not told", sender, `${at.transfer(going.case)}?to=${moving.to}`, "form[method=post][action$='/transfer']", { note: "Essai : habite là-bas." }, ["person_informed"]);

  const pair = await make.same(demo);
  add("same person, no answer chosen", elsewhere, at.same(pair.ask), "form[action^='/same/']", {}, ["answer"], "none");

  const stopped = at.stop((await make.stop(demo)).stop);
  add("a stop noted without a name", sender, stopped, "form[action^='/stops/']", { number: "+237 6 99 12 34 57", answered_by: "" }, ["answered_by"]);
  add("a stop noted without a number", sender, stopped, "form[action^='/stops/']", { number: "", answered_by: "Mme Essai Standard" }, ["number"]);
  add("a stop noted with nothing", sender, stopped, "form[action^='/stops/']", { number: "", answered_by: "" }, ["number", "answered_by"]);

  const withdraw = at.withdraw(going.case);
  add("withdrawal, nothing chosen", sender, withdraw, "form[method=get]", {}, ["consent", "effect"]);
  add("withdrawal, words far too long", sender, withdraw, "form[method=post][action$='/withdraw']", { words: long(600) }, ["words"]);
  all.at(-1).open = () => previewWithdrawal(sender, going.case);

  const computer = await make.tied(demo, chrome, sender, { js: false });
  const untied = await session(chrome, demo.base, { js: false });
  add("post, a code that ties nothing", untied, at.post, "form[action='/post/tie']", { code: "rien-du-tout" }, ["code"]);
  add("post, a PIN that is not right", computer, at.post, "form[action='/post']", { pin: "000111" }, ["pin"]);
  all.at(-1).first = () => computer.locator("[name=user]").first().check({ force: true });
  all.at(-1).secret = ["pin"];
  return { all, computer };
}

async function comesBack({ page, open, form, typed, wrong, press, first, secret = [] }) {
  await open();
  await unguard(page);
  const there = page.locator(form).first();
  hold((await page.locator(form).count()) > 0, `${page.url()} has no ${form}`);
  await opened(page, there);
  await first?.();
  for (const [name, value] of Object.entries(typed)) await fill(there, name, value);
  const reading = (await there.getAttribute("method"))?.toLowerCase() === "get";
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.request().isNavigationRequest() && (reading || r.request().method() === "POST")),
    press === "none" ? there.evaluate((f) => f.submit()) : there.locator(press ?? "button").first().click(),
  ]);
  await page.waitForLoadState("load");
  if (press === "none") await page.locator(kit.summary).waitFor();
  hold(answer.status() >= 400 && answer.status() < 500, `answered ${answer.status()} at ${page.url()}`);
  const again = page.locator(form).first();
  hold((await page.locator(form).count()) > 0, "the form is gone");
  const beside = new Map(await messages(again));
  for (const name of wrong) {
    hold(beside.has(name), `nothing stands beside ${name}; beside others: ${[...beside.keys()].join(", ") || "nothing"}`);
    hold(beside.get(name).length > 10, `the message of ${name} is "${beside.get(name)}"`);
    const message = again.locator(kit.fieldError, { hasText: beside.get(name) }).first();
    hold(await message.isVisible(), `the message of ${name} is folded away`);
  }
  const extra = [...beside.keys()].filter((name) => !wrong.includes(name) && name in typed);
  hold(extra.length === 0, `a message stands beside ${extra.join(", ")}, which was right`);
  for (const [name, value] of Object.entries(typed)) {
    const now = await valueOf(again, name);
    if (secret.includes(name)) hold(sameAnswer("", now), `${name} is written back into the page`);
    else hold(sameAnswer(value, now), `${name}: typed ${JSON.stringify(value).slice(0, 60)}, now ${JSON.stringify(now)?.slice(0, 60)}`);
  }
  const targets = await page.locator(`${kit.summary} a`).evaluateAll((links) => links.map((a) => document.getElementById(decodeURIComponent(a.getAttribute("href").slice(1))) !== null));
  hold(targets.length >= wrong.length && targets.every(Boolean), `the summary leads to ${targets.filter(Boolean).length} of ${wrong.length}`);
  hold(/^(Erreur|Error)/.test(await page.title()), `the title is "${await page.title()}"`);
}

/** Opens the `details` in which a form stands, and those in it. */
async function opened(page, form) {
  await form.evaluate((element) => {
    for (let up = element; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    for (const details of element.querySelectorAll("details")) details.open = true;
  });
}

/** What was held has mistakes: sent, it comes to its own form, every value and every message there. */
async function heldWithMistakes(demo, { computer }) {
  const typed = { ...story.arrival, "F1E.01": "B-31", "F1E.03": "Zita Épreuve-Retenue", "F1E.05": "douze ans", "F1E.10": "+237 6 77 00" };
  await computer.goto(at.post);
  await make.open(computer);
  await make.typedTooLate(demo, computer, typed);
  await make.open(computer);
  hold(new URL(computer.url()).pathname === at.held, `at ${computer.url()}`);
  const [answer] = await Promise.all([
    computer.waitForResponse((r) => r.request().method() === "POST" && new URL(r.url()).pathname === at.arrival),
    computer.locator("button[name=send_held]").click(),
  ]);
  await computer.waitForLoadState("load");
  hold(answer.status() === 422, `answered ${answer.status()}`);
  const beside = new Map(await messages(computer));
  for (const name of ["F1E.05", "F1E.10"]) hold(beside.has(name), `nothing stands beside ${name}`);
  for (const [name, value] of Object.entries(typed)) {
    const now = await valueOf(computer, name);
    hold(sameAnswer(value, now), `${name}: typed ${JSON.stringify(value)}, now ${JSON.stringify(now)}`);
  }
}

/** Every form's mistakes, in both languages. */
export async function mistakes({ tally, demo, chrome }) {
  const made = await forms(demo, chrome);
  for (const lang of ["fr", "en"]) {
    for (const page of new Set(made.all.map((form) => form.page))) await page.goto(at.language(lang));
    for (const form of made.all) await tally.check(`${lang}: ${form.name}`, () => comesBack(form), form.page);
    await tally.check(`${lang}: what was held had mistakes`, () => heldWithMistakes(demo, made), made.computer);
    await made.computer.locator('form[action="/sign-out"] button').click().catch(() => {});
  }
  const pages = [...new Set(made.all.map((form) => form.page))];
  await tally.check("no mistake ended in a server error", () => {
    const errors = pages.flatMap((page) => page.serverErrors);
    hold(errors.length === 0, errors.join("\n"));
  });
  for (const page of pages) await page.context().close();
}
