// A child alone at night: the emergency goes by telephone first. Two numbers stay silent, whoever is on call takes it by
// name; the sender holds it until then and says at each step who is with the child. On a screen of 360 px, with scripts and
// without, French and English.
import { hold, run, source, words } from "./lib.mjs";
import * as pages from "./pages.mjs";
import { addNeed, at, findService, journey, label, preview, registerArrival, sendReferral, story } from "./pages.mjs";

const child = { ...story.arrival, "F1E.03": "Dieudonnée Épreuve-Mbassi", "F1E.04": "F", "F1E.05": "9", "F1E.06": "alone", "F1E.07": "nowhere", "F1E.08": "Douala" };
const onCall = "Astreinte Littoral";
const taker = "Mme Astreinte Épreuve, cheffe de garde";

/** The number that the page proposes now: who, and the link that calls it. */
async function proposed(page) {
  const main = page.locator("form", { has: page.locator("#now") });
  return { who: await main.locator("p").first().innerText(), tel: await main.locator('a[href^="tel:"]').first().getAttribute("href") };
}

async function byTelephone({ demo, enter, stage: tell }) {
  const sender = await enter(demo.account("case_manager"));
  const told = {};
  const stage = (name, body) => tell(name, sender, body);

  await stage("a child alone, without a bed, is an emergency", async () => {
    told.case = await registerArrival(sender, { ...child, "F1E.01": label("P") });
    told.need = await addNeed(sender, told.case, { service: "RCP.02", priority: "P1", words: "" });
    told.service = await findService(sender, told.need, /./);
  });
  await stage("the form shows the numbers to call, in order", async () => {
    await preview(sender, told.need, told.service);
    const numbers = await sender.locator("#calls a[href^='tel:']").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    hold(numbers.length >= 3, `${numbers.length} numbers`);
    hold(numbers.includes("tel:116") && numbers.indexOf("tel:116") > 0, `the national line comes last: ${numbers}`);
    hold((await sender.locator("#calls").innerText()).includes("xercice"), "whoever is on call is not among the numbers");
  });
  await stage("sent with who stays: the calls are the next page", async () => {
    told.referral = await sendReferral(sender, { ...story.send, stays_with: "M. Garde Épreuve, agent d’accueil" });
    hold(new URL(sender.url()).pathname === at.calls(told.referral), `the next page is ${sender.url()}`);
    hold((await sender.locator("[name=with_person]").inputValue()).includes("Garde Épreuve"), "it does not say who is with the child");
  });
  await stage("the page fits a small screen", async () => {
    const wide = await sender.evaluate(() => document.documentElement.scrollWidth);
    hold(wide <= 360, `the page is ${wide} px wide`);
    const size = (await source(sender)).length;
    hold(size <= 20 * 1024, `the page has ${size} characters`);
  });
  const silent = async () => {
    const before = await proposed(sender);
    await sender.locator('button[name=result][value="no_answer"]').click();
    await sender.waitForLoadState("load");
    return { before, after: await proposed(sender) };
  };
  await stage("the first number is silent: one tap, and the next is proposed", async () => {
    const { before, after } = await silent();
    hold(before.tel !== after.tel, `still ${after.tel}`);
  });
  await stage("nobody is left alone: without a name the call is not noted", async () => {
    await sender.locator("[name=with_person]").fill("");
    const before = await proposed(sender);
    await sender.locator('button[name=result][value="no_answer"]').click();
    await sender.waitForLoadState("load");
    hold((await sender.locator(`${pages.kit.summary}`).count()) === 1, "the page does not say what is missing");
    hold((await proposed(sender)).tel === before.tel, "the number was passed over");
    await sender.locator("[name=with_person]").fill("M. Garde Épreuve");
  });
  await stage("the second is silent: whoever is on call is next, and the supervisor was told", async () => {
    // A service whose own number is also its organisation's has one number only.
    for (let n = 0; n < 3 && !(await proposed(sender)).who.includes("xercice)"); n += 1) await silent();
    hold((await proposed(sender)).who.includes(onCall), `the next is ${(await proposed(sender)).who}`);
    hold(/superviseur|supervisor/.test(await words(sender)), "it does not say that the supervisor was told");
  });
  await stage("until then the sender holds it", async () => {
    await sender.goto(at.referral(told.referral));
    hold((await pages.addresses(sender)).includes(at.calls(told.referral)), "the referral does not lead to the calls");
    await sender.goto(at.calls(told.referral));
    hold(/Vous restez responsable|You stay responsible/.test(await words(sender)), "the page does not say whose it is");
  });
  await stage("“I take it” needs a name", async () => {
    await sender.locator('button[name=result][value="takes"]').click();
    await sender.waitForLoadState("load");
    hold((await sender.locator(`${pages.kit.summary}`).count()) === 1, "taken by nobody");
  });
  await stage("on-call takes it: two taps, by name", async () => {
    await sender.locator("[name=name]").fill(taker);
    await sender.locator('button[name=result][value="takes"]').click();
    await sender.waitForLoadState("load");
    const seen = await words(sender);
    hold(seen.includes(taker), "the page does not say who took it");
    hold(/À dire à qui prend|Say to whoever takes it/.test(seen), "the page does not say what to tell whoever took it");
    hold((await sender.locator('button[name=result]').count()) === 0, "calls can still be noted");
  });
  await stage("the referral is accepted, with the name of who answered", async () => {
    await sender.goto(at.referral(told.referral));
    hold((await words(sender)).includes(taker), "the referral does not say who took it");
    hold(/Accepté|Accepted/.test(await words(sender)), "it is not accepted");
  });
}

await run("emergency", async (world) => {
  for (const lang of ["fr", "en"]) for (const js of [true, false]) await journey(world, "calls", { js, lang, width: 360 }, byTelephone);
});
