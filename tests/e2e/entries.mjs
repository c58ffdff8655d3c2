// A provider's two minutes a quarter, at 360 px, by thumb, with scripts and again without: the focal point signs in, finds
// eleven services, ticks and confirms them, corrects one, says that another is full. Every tap is counted: a press of a finger
// on a link, on a box, on a button, into a field; the keys of a word that is typed are not. Then the coordination unit reads
// old and new side by side and accepts, and a search shows it at once.
import { hold, run, session, words } from "./lib.mjs";
import { api, at, button, journey, kit } from "./pages.mjs";

const TAPS = 30;
const SECONDS = 120;

/** A finger: counts what it does. */
function finger(page) {
  const hand = { taps: 0 };
  hand.tap = async (target) => {
    hand.taps += 1;
    await target.click();
    await page.waitForLoadState("load");
  };
  hand.type = async (name, text) => {
    hand.taps += 1;
    await page.locator(`[name=${name}]`).first().fill(text);
  };
  return hand;
}

const main = (page) => page.locator("main");
const press = (page, name) => main(page).getByRole("button", { name }).first();

async function quarter({ demo, look, watch, enter, stage }) {
  const account = demo.account("focal_point", /centre\.douala/);
  const provider = watch(await session(look.chrome, demo.base, look));
  const unit = await enter(demo.account("secretariat"));
  const seeks = api(demo, demo.account("case_manager"));
  const hand = finger(provider);
  const told = {};
  /** The corrected service, as whoever looks for it from the other end of the country finds it. */
  told.served = async () => {
    const { rows } = await seeks("/services?q=New-Bell&place=Maroua&limit=50");
    return rows.find((row) => told.corrected.endsWith(row.id));
  };
  let began;

  await stage("signing in leads in one tap to our services, and all eleven are on one page", provider, async () => {
    began = Date.now();
    hand.taps += 1; // the address
    await provider.goto(at.signIn);
    await hand.type("login", account.login);
    await hand.type("password", account.password);
    await hand.tap(provider.getByRole("button", { name: button.signIn }));
    await hand.tap(provider.locator(`nav a[href="${at.entries}"]`));
    told.boxes = main(provider).locator("input[name=entry]:not([disabled])");
    hold((await told.boxes.count()) === 11, `${await told.boxes.count()} entries to confirm, not eleven`);
    const wide = await provider.evaluate(() => document.documentElement.scrollWidth);
    hold(wide <= 360, `the page scrolls sideways: ${wide} px`);
  });
  await stage("eleven are still true: eleven ticks and a button", provider, async () => {
    for (const box of await told.boxes.all()) {
      hand.taps += 1;
      await box.check({ force: true });
    }
    await hand.tap(press(provider, /Confirmer ce qui est coché|Confirm what is ticked/));
    const text = await words(provider);
    hold(/Avec votre nom|With your name/.test(text), "it does not say that it is confirmed");
    hold(!/En doute depuis|In doubt since/.test(text), "a doubt is left after the confirmation");
  });
  await stage("one is corrected: the telephone at once, the area served when the unit has accepted it", provider, async () => {
    const published = main(provider).locator(kit.item, { has: provider.locator(".tag.go") });
    told.corrected = await published.nth(look.js ? 0 : 2).locator("a.btn").getAttribute("href");
    told.full = await published.nth(1).locator("a.btn").getAttribute("href");
    hold(!(await told.served()), "the service serves Maroua already");
    await hand.tap(main(provider).locator(`a[href="${told.corrected}"]`));
    told.name = (await provider.locator("h1").innerText()).trim();
    await hand.tap(provider.locator("#correct > summary"));
    told.number = `6 99 00 ${String(Date.now() % 10_000).padStart(4, "0").replace(/(..)(..)/, "$1 $2")}`;
    await hand.type("telephones", told.number);
    await hand.type("served_area", look.lang === "fr" ? "tout le pays" : "the whole country");
    await hand.tap(press(provider, /^(Enregistrer|Save)$/));
    const text = await words(provider);
    hold(text.replace(/\s/g, "").includes(told.number.replace(/\s/g, "")), "the telephone is not changed at once");
    hold(/(Proposé, en attente : tout le pays|Proposed, waiting: the whole country)/.test(text), `what waits is not shown beside its line: ${text}`);
    hold(!(await told.served()), "what waits is in effect already");
  });
  await stage("another is full: a figure and a button", provider, async () => {
    await hand.tap(provider.locator(`a.crumb[href="${at.entries}"]`));
    await hand.tap(main(provider).locator(`a[href="${told.full}"]`));
    await hand.type("available", "0");
    await hand.tap(press(provider, /Enregistrer les places|Save the places/));
    hold(/complet|\bfull\b/.test(await words(provider)), "the entry does not say that it is full");
    const seconds = (Date.now() - began) / 1000;
    console.log(`        ${hand.taps} taps, ${seconds.toFixed(1)} s, ${look.js ? "with" : "without"} scripts`);
    hold(hand.taps <= TAPS, `${hand.taps} taps, more than ${TAPS}`);
    hold(seconds < SECONDS, `${seconds} s, more than ${SECONDS}`);
  });
  await stage("the coordination unit reads old and new side by side, and accepts", unit, async () => {
    await unit.goto(at.moderation);
    const card = main(unit).locator("section.card", { hasText: told.name });
    hold((await card.count()) === 1, `${await card.count()} changes of "${told.name}" wait`);
    const cells = await card.locator("tbody tr", { hasText: /Zone couverte|Area served/ }).locator("td").allInnerTexts();
    hold(cells.length === 2 && cells[0].trim() === "Littoral" && /tout le pays|whole country/.test(cells[1]), `old and new: ${cells.join(" / ")}`);
    await card.locator('button[value="accept"]').click();
    await unit.waitForLoadState("load");
    hold(/Changement accepté|Change accepted/.test(await words(unit)), "it does not say that it is accepted");
    await unit.goto(told.corrected);
    hold(/Changement accepté|Change accepted/.test(await words(unit)), "the history does not tell it");
  });
  await stage("a search shows it at once", unit, async () => {
    const hit = await told.served();
    hold(hit, "whoever looks from Maroua does not find it");
    hold(hit.telephones.some((t) => t.replace(/\D/g, "").endsWith(told.number.replace(/\D/g, ""))), `the search has ${hit.telephones}`);
    hold(hit.status === "published", `the search says ${hit.status}`);
  });
}

await run("entries", async (world) => {
  for (const look of [
    { js: true, lang: "fr", width: 360 },
    { js: false, lang: "en", width: 360 },
  ]) {
    await journey(world, "quarter", { ...look, chrome: world.chrome }, quarter);
  }
});
