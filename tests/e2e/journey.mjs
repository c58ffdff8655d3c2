// The mechanism's main job, once and whole, by three users in a real browser, with scripts and again without:
// arrival → consent → need → service → sent → the provider sees no name → accepts, sees name and contact and nothing else →
// reports → the sender confirms → need met → closure proposed → sent back by the supervisor → confirmed: case closed. Then a
// need answered by telephone with a decline, which comes back to the sender's day with its owner and its due time.
import { existsSync } from "node:fs";
import { facilities, hold, run, source, words } from "./lib.mjs";
import * as pages from "./pages.mjs";
import { act, addNeed, at, bare, caseCode, findService, journey, kit, label, namesNobody, openDay, preview, recordConsent, registerArrival, sendReferral, story, submit, telephone } from "./pages.mjs";

async function served({ demo, enter, stage }) {
  const sender = await enter(demo.account("case_manager"));
  const provider = await enter(demo.account("focal_point", pages.provider));
  const supervisor = await enter(demo.account("supervisor"));
  const told = {};

  await stage("an arrival is registered", sender, async () => {
    told.case = await registerArrival(sender, { ...story.arrival, "F1E.01": label("J") });
    hold((await words(sender)).includes(story.name), "the case does not show the person's name to its holder");
  });
  await stage("consent is recorded", sender, async () => {
    await recordConsent(sender, told.case, story.consent);
    await sender.goto(at.case(told.case));
  });
  await stage("a need is added", sender, async () => {
    told.need = await addNeed(sender, told.case, story.need);
  });
  await stage(`${list ? "a real" : "the demonstration's"} hospital in Garoua is proposed, with its reasons`, sender, async () => {
    told.service = await findService(sender, told.need, list ? pages.realHospital : pages.hospital);
  });
  await stage("before sending: what the provider sees now, after acceptance, never", sender, async () => {
    const { now, after, never } = await preview(sender, told.need, told.service);
    hold(!bare(now).includes(bare("Zébédée")) && !bare(now).includes(telephone), `"now" names the person: ${now}`);
    hold(bare(after).includes(bare("Zébédée")), `"after acceptance" does not show the name: ${after}`);
    hold(bare(after).includes(telephone), `"after acceptance" does not show the telephone: ${after}`);
    hold(!story.family.test(now + after), "the family situation would be shared");
    hold(never.trim().split("\n").length > 1, `"never" says nothing: ${never}`);
  });
  await stage("the referral is sent", sender, async () => {
    told.referral = await sendReferral(sender, story.send);
  });
  await stage("the provider's inbox and referral name nobody", provider, async () => {
    await provider.goto(at.inbox);
    const there = await pages.addresses(provider);
    hold(there.includes(at.referral(told.referral)), `the inbox has no link to the referral; it has ${there.filter((a) => pages.link.referral.test(a)).length} others`);
    await namesNobody(provider);
    await provider.goto(at.referral(told.referral));
    await namesNobody(provider);
  });
  await stage("the provider does not see the case itself", provider, async () => {
    const answer = await provider.goto(at.case(told.case));
    hold(answer.status() === 404, `answered ${answer.status()}`);
    await namesNobody(provider);
  });
  await stage("accepted: name and contact, not the other classes", provider, async () => {
    await provider.goto(at.referral(told.referral));
    await act(provider, "accept");
    await provider.goto(at.referral(told.referral));
    const seen = await words(provider);
    hold(seen.includes(story.name), "the name does not show after acceptance");
    hold(bare(seen).includes(telephone), "the telephone does not show after acceptance");
    hold(!story.family.test((await source(provider)).replace(/[\u00a0\u202f]/g, " ")), "the family situation shows");
  });
  await stage("the sender sees who received what", sender, async () => {
    await sender.goto(at.case(told.case));
    hold((await sender.locator("#seen ~ table").first().innerText()).length > 0, "no disclosure is listed");
  });
  await stage("the service starts, and the provider reports", provider, async () => {
    await provider.goto(at.referral(told.referral));
    await act(provider, "start");
    await provider.goto(at.referral(told.referral));
    await act(provider, "report", { outcome: "served", text: "" });
  });
  await stage("reported is not yet met: the sender confirms with the person", sender, async () => {
    await sender.goto(at.referral(told.referral));
    hold((await pages.addresses(sender)).includes(at.confirm(told.referral)), "the referral does not lead to its confirmation");
    await sender.goto(at.confirm(told.referral));
    await submit(sender, { confirmation: "person_through_sender" });
  });
  await stage("the need is met", sender, async () => {
    await sender.goto(at.case(told.case));
    hold(!(await pages.addresses(sender)).includes(at.refer(told.need)), "the need can still be referred");
    hold(pages.met.test(await sender.locator("#needs ~ table").first().innerText()), "the case does not say that the need is met");
  });
  await stage("the case worker proposes the closure, with what the person says of it", sender, async () => {
    await sender.goto(at.close(told.case));
    await submit(sender, { reason: "GOAL", interview: "yes", satisfaction: "4", told: ["contacts", "complaint", "reopening"], remarks: story.remarks });
    await sender.goto(at.case(told.case));
    hold(!pages.closed.test(await sender.locator(".head").innerText()), "the case is closed by its author alone");
  });
  await stage("the supervisor finds it in the day and sends it back with a reason", supervisor, async () => {
    const there = async () => (await pages.addresses(supervisor)).includes(at.close(told.case));
    await openDay(supervisor, there);
    hold(await there(), "the day has no link to the closure");
    await supervisor.goto(at.close(told.case));
    hold((await words(supervisor)).includes(story.remarks), "what the person says does not show");
    await submit(supervisor, { reason: story.missing }, /Renvoyer|Send back/);
  });
  await stage("the case worker reads why, and proposes it again", sender, async () => {
    await sender.goto(at.close(told.case));
    hold((await words(sender)).includes(story.missing), "the reason does not show");
    await submit(sender, {});
  });
  await stage("the supervisor confirms: the case is closed", supervisor, async () => {
    await supervisor.goto(at.close(told.case));
    await submit(supervisor, {}, /Confirmer la clôture|Confirm the closure/);
    await sender.goto(at.case(told.case));
    hold(pages.closed.test(await sender.locator(".head").innerText()), `the case says "${await sender.locator(".head").innerText()}"`);
    hold(!(await pages.addresses(sender)).includes(at.newNeed(told.case)), "a closed case still takes a need");
  });
}

async function declined({ demo, enter, stage }) {
  const sender = await enter(demo.account("case_manager"));
  const secretariat = await enter(demo.account("secretariat"));
  const told = {};

  await stage("another person, another need, sent", sender, async () => {
    told.case = await registerArrival(sender, { ...story.arrival, "F1E.01": label("K") });
    told.code = await caseCode(sender);
    await recordConsent(sender, told.case, story.consent);
    told.need = await addNeed(sender, told.case, story.secondNeed);
    told.service = await findService(sender, told.need, /./);
    await preview(sender, told.need, told.service);
    told.referral = await sendReferral(sender, story.send);
  });
  await stage("answered by telephone: declined, with number, name and reason", sender, async () => {
    await sender.goto(at.telephone(told.referral));
    await submit(sender, { number: "+237 2 22 00 00 01", answered_by: "Mme Essai Standard", command: "decline", code: "no_capacity" });
  });
  await stage("the need is back in my day, with its owner and its due time", sender, async () => {
    const row = sender.locator(kit.item, { hasText: told.code });
    await openDay(sender, async () => (await row.count()) > 0);
    hold((await row.count()) === 1, `${await row.count()} rows of my day have the code ${told.code}`);
    hold((await row.locator(".hand.you").count()) === 1, "the row does not say that the move is mine");
    hold((await row.locator(".clock").innerText()).trim().length > 0, "the row has no due time");
    hold((await row.locator(`a[href^="${at.refer(told.need)}"]`).count()) > 0, "the row does not lead to finding another service");
  });
  await stage("the service that declined is not proposed again", sender, async () => {
    await sender.goto(at.refer(told.need));
    hold((await sender.locator(`input[name=service][value="${told.service}"]`).count()) === 0, "it is");
  });

  await stage("the secretariat sees lateness and no person", secretariat, async () => {
    const answer = await secretariat.goto(at.late);
    hold(answer.status() === 200, `answered ${answer.status()}`);
    await namesNobody(secretariat);
    hold((await secretariat.goto(at.case(told.case))).status() === 404, "the secretariat opens a case");
  });
  await stage("signing out ends it", sender, async () => {
    await sender.goto(at.day);
    await sender.getByRole("button", { name: pages.button.signOut }).click();
    await sender.waitForLoadState("load");
    await sender.goto(at.case(told.case));
    hold(new URL(sender.url()).pathname === at.signIn, `still at ${sender.url()}`);
    await namesNobody(sender);
  });
}

// With the list of real facilities beside the project, the hospital is a real one of Garoua; else one of the demonstration's.
const list = existsSync(facilities) ? facilities : undefined;
if (!list) console.log(`skipped: the journey to a real hospital, because the list of health facilities is not at ${facilities}`);

await run(
  "journey",
  async (world) => {
    for (const look of [{ js: true, lang: "fr" }, { js: false, lang: "fr" }, { js: true, lang: "en" }]) {
      await journey(world, "served", look, served);
      await journey(world, "declined", look, declined);
    }
  },
  { list },
);
