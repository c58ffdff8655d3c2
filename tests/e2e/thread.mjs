// What the figures say changes the rules, in a real browser. Requests that nobody answers make an indicator fall below its
// bound: it is put on the agenda, decided, worked on, commented in a workshop, made a rule change, adopted; from then on the
// procedures say the new limit, a new referral has it, and one that ran keeps its own. In French with scripts, in English without.
import { randomUUID as uuid } from "node:crypto";
import { cli, fill, hold, run, words } from "./lib.mjs";
import * as make from "./made.mjs";
import { addresses, api, at, journey, link, messages, press, provider, send, story, submit, unguard } from "./pages.mjs";

/** Requests that nobody answers: more than the least count that figures show. */
const SILENT = 12;
const save = /^(Enregistrer|Save)$/;
const hospital = (proposal) => /r[eé]gional/i.test(proposal.name);

let silence;

/** Sends requests to a provider that keeps silent, and lets the time to answer pass; once for both languages. */
async function leftAlone(demo) {
  const ask = api(demo, demo.account("case_manager"));
  let asked;
  for (let n = 0; n < SILENT; n += 1) {
    const id = await make.person(ask, { "F1E.03": `Essai Silence ${n + 1}` });
    await make.consent(ask, id);
    const { id: need, proposals } = await make.need(ask, id, { ...story.need, service: "MED.03" });
    const others = proposals.filter((p) => !hospital(p) && (!asked || p.id === asked));
    hold(others.length > 0, `nobody but the hospital is proposed: ${proposals.map((p) => p.name).join(" / ")}`);
    let refusal;
    for (const { id: service } of others) {
      try {
        await ask(`/needs/${need}/referrals`, { id: uuid(), service, person_informed: true });
        asked = service;
        refusal = undefined;
        break;
      } catch (error) {
        refusal = error;
      }
    }
    if (refusal) throw refusal;
  }
  await cli(demo, "clock", "set", "+9d");
  await cli(demo, "work", "--once");
}

/** A standard referral that the hospital has acknowledged: its id, and by when it is to be decided. */
async function acknowledged(demo) {
  const [ask, answers] = [demo.account("case_manager"), demo.account("focal_point", provider)].map((account) => api(demo, account));
  const id = await make.person(ask, { "F1E.03": "Essai Délai" });
  await make.consent(ask, id);
  const { id: need, proposals } = await make.need(ask, id, { ...story.need, service: "MED.03" });
  const service = proposals.find(hospital);
  hold(service, `the hospital is not proposed: ${proposals.map((p) => p.name).join(" / ")}`);
  const referral = uuid();
  await ask(`/needs/${need}/referrals`, { id: referral, service: service.id, person_informed: true });
  const { version } = await answers(`/referrals/${referral}`);
  await answers(`/referrals/${referral}/acts`, { id: uuid(), version, command: "acknowledge" });
  const { clock } = await ask(`/referrals/${referral}`);
  return { id: referral, due: clock.due };
}

/** The clock that the page of a referral shows. */
async function clockOf(page, referral) {
  await page.goto(at.referral(referral));
  return (await page.locator(".clock").first().innerText()).trim();
}

/** Within how many working days the procedures in force want a standard need to be decided. */
async function inProcedures(page, lang) {
  const answer = await page.context().request.get(`${new URL(page.url()).origin}${at.documentFile}?code=DOC10&lang=${lang}&as=html`);
  hold(answer.ok(), `the procedures answer ${answer.status()}`);
  const row = (await answer.text()).match(/>(?:Décider|Decide)<\/th>(?:<td>[^<]*<\/td>){2}<td>(\d+)[^<]*<\/td>/);
  hold(row, "the procedures have no row for deciding");
  return Number(row[1]);
}

/** Writes the line that is on the page, blank or not; resolves to its id. */
async function written(page, answers) {
  const named = Object.entries(answers).map(([code, value]) => [code === "state" ? code : `f.${code}`, value]);
  await submit(page, Object.fromEntries(named), save);
  const { pathname } = new URL(page.url());
  hold(link.line.test(pathname), `after saving, the page is ${pathname}`);
  return pathname.split("/").pop();
}

async function added(page, register, answers) {
  await page.goto(`/registers/${register}/new`);
  return written(page, answers);
}

/** From the page of a line to a blank one that links to it, by the page's own way. */
async function next(page, register) {
  const way = page.locator(`main a[href^="/registers/${register}/new?"]`).first();
  hold((await way.count()) === 1, `no way from ${page.url()} to a new ${register}`);
  await way.click();
  await page.waitForLoadState("load");
}

async function thread({ demo, enter, stage, look }) {
  silence ??= leftAlone(demo);
  await silence;
  // The other stories, and the time that passed, may have put the hospital aside.
  await make.confirmed(demo, demo.account("focal_point", provider));
  const office = await enter(demo.account("secretariat"));
  const sender = await enter(demo.account("case_manager"));
  const told = { subject: `Réponses en retard (essai ${look.lang})` };

  await stage("nobody answered: the figures propose it for the agenda", office, async () => {
    await office.goto("/registers");
    const ways = await office.locator('main a[href^="/registers/agenda/new?"]').evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    told.way = ways.find((href) => /indicator=(N04|R02|R05)/.test(href));
    hold(told.way, `the figures propose no rate of answers: ${ways.join(" ")}`);
    told.indicator = told.way.match(/indicator=(\w+)/)[1];
  });
  await stage("it is put before a session, and proposed no more", office, async () => {
    const body = await added(office, "body", { name: `Comité d’essai ${look.lang}`, kind: "committee", state: "active" });
    const session = await added(office, "session", { title: `Session d’essai ${look.lang}`, body, date: "20/12/2026" });
    await office.goto(told.way);
    told.agenda = await written(office, { subject: told.subject, session });
    hold((await words(office)).includes(told.indicator), "the item does not name its indicator");
    await office.goto("/registers");
    hold((await office.locator(`main a[href*="indicator=${told.indicator}"]`).count()) === 0, "it is proposed still");
  });
  await stage("decided, and made an action", office, async () => {
    await office.goto(`/registers/agenda/${told.agenda}`);
    await next(office, "decision");
    await written(office, { text: `Raccourcir le délai de décision (essai ${look.lang})`, owner: "Secrétariat technique" });
    await next(office, "action");
    told.action = await written(office, { title: `Consulter les prestataires (essai ${look.lang})`, owner: "Secrétariat technique" });
  });
  await stage("a workshop contributes, and is followed", office, async () => {
    const workshop = await added(office, "workshop", { title: `Atelier d’essai ${look.lang}`, date: "20/12/2026" });
    await office.goto(`/registers/action/${told.action}`);
    await next(office, "contribution");
    await written(office, { subject: `Décider plus tôt (essai ${look.lang})`, text: "Un jour de moins suffit.", workshop, document: "DOC10", state: "accepted" });
    told.contribution = new URL(office.url()).pathname;
  });
  await stage("a value that is none comes back beside its field", office, async () => {
    told.was = await inProcedures(office, look.lang);
    told.now = told.was - 1;
    await next(office, "rule_change");
    await unguard(office);
    const answer = await send(office, { "f.parameter": "priority.P3.decide", "f.value": "bientôt", "f.layer": "procedure" }, () => press(office, save));
    hold(answer.status() === 422, `answered ${answer.status()}`);
    hold(new Map(await messages(office)).has("f.value"), `nothing beside the value: ${await words(office)}`);
  });
  await stage("the limit is a rule change, accepted for the contribution", office, async () => {
    told.rule = await written(office, { value: `${told.now} wd`, state: "accepted" });
    const held = (await addresses(office)).includes(told.contribution);
    hold(held, "the change does not lead back to its contribution");
    hold((await inProcedures(office, look.lang)) === told.was, "the procedures changed before anything was adopted");
  });
  await stage("the procedures are adopted: the change is in force", office, async () => {
    told.earlier = await acknowledged(demo);
    told.shown = await clockOf(sender, told.earlier.id);
    await office.goto(`/registers/rule_change/${told.rule}`);
    await next(office, "adoption");
    told.adoption = await written(office, { document: "DOC10", step: "AD7", state: "in_force" });
    const seen = await words(office);
    hold(seen.includes(told.subject) && seen.includes(told.indicator), `the thread does not lead back to the indicator: ${seen}`);
    await office.goto(`/registers/rule_change/${told.rule}`);
    hold((await office.locator("main .tag").first().innerText()).match(/en vigueur|in force/i), await words(office));
  });
  await stage("the procedures say the new limit, and what changed", office, async () => {
    for (const lang of ["fr", "en"]) hold((await inProcedures(office, lang)) === told.now, `the procedures (${lang}) say ${await inProcedures(office, lang)}`);
    await office.goto(at.documents);
    hold((await addresses(office)).includes(at.redline("DOC10")), "the documents do not lead to what changed");
    await office.goto(at.redline("DOC10"));
    const texts = (tag) => office.locator(`main ${tag}`).allInnerTexts();
    const [gone, came] = [await texts("del"), await texts("ins")];
    hold(gone.some((text) => text.startsWith(`${told.was}`)) && came.some((text) => text.startsWith(`${told.now}`)), `${gone} / ${came}`);
    await office.locator("main form summary").click();
    await fill(office, "from", await office.locator("[name=to]").inputValue());
    await press(office);
    hold((await office.locator("main del, main ins").count()) === 0, "a version differs from itself");
  });
  await stage("a new referral has the new limit, the earlier one keeps its own", sender, async () => {
    const later = await acknowledged(demo);
    hold(Date.parse(later.due) < Date.parse(told.earlier.due), `${later.due} is not before ${told.earlier.due}`);
    const [before, after] = [await clockOf(sender, told.earlier.id), await clockOf(sender, later.id)];
    hold(before === told.shown, `the earlier one read "${told.shown}", now "${before}"`);
    hold(after !== before, `both read "${after}"`);
  });
}

await run("thread", async (world) => {
  for (const look of [{ js: true, lang: "fr" }, { js: false, lang: "en" }]) await journey(world, "thread", look, thread);
});
