// Agreements, enforced, in a real browser: a memorandum that a ministry and a centre signed ends overnight with its grace. The
// next standard request to the ministry's hospital is refused with why and what to do; an emergency of the same night goes, and
// stands to be reviewed; the office notes the renewal, and the standard one goes. The one that runs keeps the terms under which
// it went. With scripts and without, in French and in English.
import { randomUUID } from "node:crypto";
import { cli, hold, run, words } from "./lib.mjs";
import * as pages from "./pages.mjs";
import { act, addNeed, addresses, api, at, journey, label, link, messages, preview, recordConsent, registerArrival, send, sendReferral, story, unguard } from "./pages.mjs";

const DAY = 24 * 60 * 60 * 1000;

/** A day as it is typed, so many days from the deployment's own today. */
async function day(demo, offset) {
  const { now } = JSON.parse(await cli(demo, "clock", "show", "--format", "json"));
  const local = new Date(Date.parse(now) + 60 * 60 * 1000 + offset * DAY);
  const two = (n) => String(n).padStart(2, "0");
  return `${two(local.getUTCDate())}/${two(local.getUTCMonth() + 1)}/${local.getUTCFullYear()}`;
}

/** Opens one of the forms of an agreement's page, fills it and sends it; resolves to the answer. */
async function note(page, panel, answers) {
  const form = page.locator(`#${panel} form`);
  if ((await page.locator(`#${panel}`).getAttribute("open")) === null) await page.locator(`#${panel} > summary`).click();
  for (const [name, value] of Object.entries(answers)) {
    if (name === "party" && panel === "denunciation") await form.locator(`[name=party][value="${value}"]`).check({ force: true });
    else await form.locator(`[name=${name}]`).fill(value);
  }
  const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === "POST"), form.locator("button.btn").click()]);
  await page.waitForLoadState("load");
  return answer;
}

/** The same, that goes well. */
async function noted(page, panel, answers) {
  const answer = await note(page, panel, answers);
  hold(answer.status() === 303, `${panel}: ${answer.status()} ${(await messages(page)).join(" / ")}`);
}

/** The hospital says that its entries are true: the other requests of the demonstration wait for it, and a day passes. */
async function confirmed(demo, account) {
  const call = api(demo, account);
  const { rows } = await call("/entries");
  await call("/entries/confirmation", { id: randomUUID(), entries: rows.map(({ id, version }) => ({ service: id, version })) });
}

/** What the page of a referral says of its terms. */
async function terms(page, id) {
  await page.goto(at.referral(id));
  const all = await page.locator("dl.facts > dt").evaluateAll((labels) => labels.map((l) => [l.textContent, l.nextElementSibling.textContent]));
  const found = all.find(([name]) => /^(Partagé sous|Shared under)$/.test(name.trim()));
  hold(found, `no terms on the page: ${all.map(([name]) => name).join(", ")}`);
  return found[1].replace(/\s+/g, " ");
}

async function enforced({ demo, look, enter, stage }) {
  const accounts = {
    sender: demo.account("case_manager"),
    office: demo.account("secretariat"),
    supervisor: demo.account("supervisor"),
    hospital: demo.account("focal_point", pages.provider),
  };
  const told = { reference: label("PA") };
  let [sender, office] = [await enter(accounts.sender), await enter(accounts.office)];

  /** A person with consent, and a need of care. */
  const person = async () => {
    const id = await registerArrival(sender, { ...story.arrival, "F1E.01": label("M") });
    await recordConsent(sender, id, story.consent);
    return id;
  };
  const care = (id, priority) => addNeed(sender, id, { service: "MED.03", priority, words: "" });
  const accepts = async (id, answers = {}) => {
    const hospital = await enter(accounts.hospital);
    await hospital.goto(at.referral(id));
    await act(hospital, "accept", answers);
  };

  await stage("the office ends what covered the hospital, and writes down a memorandum that its ministry signed", office, async () => {
    await office.goto(at.agreements);
    await office.getByRole("link", { name: "ENG-DEMO-001" }).click();
    await office.waitForLoadState("load");
    // The story that was told before has ended it.
    if ((await office.locator('#denunciation [name=party][value="MINSANTE"]').count()) > 0) {
      await noted(office, "denunciation", { party: "MINSANTE", on: await day(demo, 0), reason: "Essai" });
    }
    await office.goto(at.newAgreement);
    await unguard(office);
    const said = {
      reference: told.reference, kind: "MOU", classes: ["identity", "contact", "health"], purposes: ["refer", "deliver"], max_sensitivity: "S3",
      // Ninety days of grace: today is the last of them.
      until: await day(demo, -90), party: "MINSANTE", from: "avant-hier", function: "Secrétaire général d’essai",
    };
    const wrong = await send(office, said);
    hold(wrong.status() === 422, `a day that is none: ${wrong.status()}`);
    hold((await messages(office)).some(([name]) => name === "from"), `which field: ${JSON.stringify(await messages(office))}`);
    hold((await office.locator("[name=reference]").inputValue()) === told.reference, "what was typed is lost");
    await office.locator("[name=scan]").setInputFiles({ name: "accord.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 essai") });
    const made = await send(office, { from: await day(demo, -200) });
    hold(made.status() === 303, `not written down: ${made.status()} ${JSON.stringify(await messages(office))}`);
    told.agreement = new URL(office.url()).pathname;
    const seen = await words(office);
    hold(/délai de grâce|In grace/.test(seen) && /SHA-256 [0-9a-f]{64}/.test(seen), seen);
  });
  await stage("a centre signs too, from its own day", office, async () => {
    await noted(office, "signatures", { party: "CPS-DLA", from: await day(demo, -150), function: "Directrice d’essai" });
    const seen = await words(office);
    hold(/New-Bell/.test(seen), seen);
    const again = await note(office, "signatures", { party: "CPS-DLA", from: await day(demo, 0), function: "Directrice d’essai" });
    hold(again.status() === 422 && (await messages(office)).some(([name]) => name === "party"), "it signs twice");
  });
  await stage("the hospital is covered by its ministry: a standard request goes, and names its terms", sender, async () => {
    await confirmed(demo, accounts.hospital);
    told.case = await person();
    told.need = await care(told.case, "P3");
    told.hospital = await pages.findService(sender, told.need, pages.hospital);
    await preview(sender, told.need, told.hospital);
    told.running = await sendReferral(sender, story.send);
    await accepts(told.running);
    told.terms = await terms(sender, told.running);
    hold(told.terms.includes(`${told.reference}, version 2`) && told.terms.includes(await day(demo, -90)), told.terms);
  });
  await stage("overnight term and grace end: the next standard request is refused, with what to do", sender, async () => {
    await cli(demo, "clock", "set", "+1d");
    await cli(demo, "work", "--once");
    [sender, office] = [await enter(accounts.sender), await enter(accounts.office)];
    await confirmed(demo, accounts.hospital);
    told.other = await person();
    told.standard = await care(told.other, "P3");
    await sender.goto(`${at.refer(told.standard)}?service=${told.hospital}`);
    const seen = await words(sender);
    hold(/L’accord de cette organisation a expiré|This organisation’s agreement has expired/.test(seen), seen);
    hold(/Prévenez le secrétariat technique|Tell the technical secretariat/.test(seen), seen);
    const refused = await send(sender, story.send, () => sender.locator("form[method=post] button.btn.big").click());
    hold(refused.status() >= 400 && refused.status() < 500, `sent all the same: ${refused.status()}`);
    hold(/L’accord de cette organisation a expiré|This organisation’s agreement has expired/.test(await words(sender)), await words(sender));
  });
  await stage("an emergency of the same night goes, and stands to be reviewed", sender, async () => {
    const need = await care(told.other, "P1");
    await preview(sender, need, told.hospital);
    hold((await sender.locator(".note.stop").count()) === 0, await words(sender));
    told.urgent = await sendReferral(sender, { ...story.send, stays_with: "M. Garde Épreuve" });
    await accepts(told.urgent, { by_name: "M. Garde Épreuve" });
    const says = await terms(sender, told.urgent);
    hold(/régime vital · sans accord|vital regime · no agreement/.test(says), says);
    const supervisor = await enter(accounts.supervisor);
    await supervisor.goto(at.cosign);
    hold((await addresses(supervisor)).includes(at.referral(told.urgent)), await words(supervisor));
  });
  await stage("the office notes the renewal, and the standard one goes", office, async () => {
    await office.goto(told.agreement);
    hold(/Arrivé à terme|Run out/.test(await words(office)), await words(office));
    const shorter = await note(office, "renewal", { until: await day(demo, -100), function: "Ministre d’essai" });
    hold(shorter.status() === 422 && (await messages(office)).some(([name]) => name === "until"), "the new term may be shorter");
    told.until = await day(demo, 365);
    await noted(office, "renewal", { until: told.until });
    await preview(sender, told.standard, told.hospital);
    hold((await sender.locator(".note.stop").count()) === 0, await words(sender));
    told.renewed = await sendReferral(sender, story.send);
    await accepts(told.renewed);
    const says = await terms(sender, told.renewed);
    hold(says.includes(`${told.reference}, version 3`) && says.includes(told.until), says);
  });
  await stage("the one that runs keeps the terms under which it went", sender, async () => {
    const says = await terms(sender, told.running);
    hold(says === told.terms, `${says}, not ${told.terms}`);
  });
  await stage("whoever sends reads the agreement, and not its register", sender, async () => {
    const answer = await sender.goto(told.agreement);
    hold(answer.ok(), `answered ${answer.status()}`);
    const seen = await words(sender);
    hold(seen.includes(told.reference) && !/SHA-256/.test(seen), seen);
    hold((await sender.locator("#renewal").count()) === 0, "it may be renewed by anybody");
  });
  await stage("the office ends it, and no standard request goes any more", office, async () => {
    await office.goto(told.agreement);
    await noted(office, "denunciation", { party: "", on: await day(demo, 0), reason: look.lang === "fr" ? "Fin de l’essai" : "End of the trial" });
    const need = await care(await person(), "P3");
    await sender.goto(`${at.refer(need)}?service=${told.hospital}`);
    const seen = await words(sender);
    hold(/a été dénoncé|was denounced/.test(seen), seen);
    await office.goto(at.agreements);
    hold(link.agreement.test(told.agreement) && (await addresses(office)).includes(told.agreement), "the list does not have it");
  });
}

await run("agreements", async (world) => {
  for (const look of [
    { js: false, lang: "fr" },
    { js: true, lang: "en" },
  ]) {
    await journey(world, "m", look, enforced);
  }
});
