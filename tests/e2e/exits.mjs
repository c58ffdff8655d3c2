// A bad day, in a real browser. (c) A decline for capacity, another service that keeps silent, the ladder up to the region's
// focal point, the letter, expiry, the need given up: at every instant somebody holds it. (h) A case with three open requests
// moves to another organisation, with every wait. Each in French and English, with scripts and without; the drill's clock is
// moved by the command line.
import { cli, hold, run, source, words } from "./lib.mjs";
import { confirmed } from "./made.mjs";
import * as pages from "./pages.mjs";
import { act, addNeed, api, at, firstAddress, journey, label, link, namesNobody, openDay, other, press, preview, recordConsent, registerArrival, sendReferral, story, submit } from "./pages.mjs";

/** Moves the drill's clock to just after an instant and does what fell due. */
async function until(demo, instant) {
  const time = new Date(Date.parse(instant) + 60_000).toISOString().replace(/\.\d+Z$/, "Z");
  await cli(demo, "clock", "set", time);
  await cli(demo, "work", "--once");
}

/** The first proposed service that can be asked now, other than those given. */
async function askable(page, need, but = []) {
  await page.goto(at.refer(need));
  const all = await page.locator(".card input[name=service]").evaluateAll((inputs) => inputs.map((i) => i.value));
  for (const service of all.filter((s) => !but.includes(s))) {
    await preview(page, need, service);
    if ((await page.locator(".note.stop").count()) === 0) return service;
  }
  throw new Error(`none of ${all.length} proposed services can be asked`);
}

/** Opens a case and says who holds a need of it, as its table reads. */
async function owned(page, id) {
  await page.goto(at.case(id));
  const row = page.locator("#needs ~ table tbody tr, table:has(th) tbody tr").first();
  return (await row.innerText()).replace(/\s+/g, " ");
}

async function silence({ demo, enter, stage, look }) {
  const account = demo.account("case_manager");
  // Its own team reads "your move" where others read its name.
  const told = { holder: /Accueil|reception|welcome|À vous|Your move/i };
  let sender = await enter(account);
  const holds = async (page, why, holder = told.holder) => {
    const row = await owned(page, told.case);
    hold(holder.test(row) && /\d/.test(row.replace(/P\d/g, "")), `${why}: the need says "${row}"`);
  };

  await stage("a need is referred to a hospital, which declines for capacity", sender, async () => {
    told.case = await registerArrival(sender, { ...story.arrival, "F1E.01": label("X") });
    await recordConsent(sender, told.case, story.consent);
    told.need = await addNeed(sender, told.case, { ...story.need, service: "MED.03" });
    await holds(sender, "before anybody is asked");
    // The other stories have let its requests run out.
    await confirmed(demo, demo.account("focal_point", pages.provider));
    told.first = await pages.findService(sender, told.need, pages.hospital);
    await preview(sender, told.need, told.first);
    told.declined = await sendReferral(sender, story.send);
    const hospital = await enter(demo.account("focal_point", pages.provider));
    await hospital.goto(at.referral(told.declined));
    await act(hospital, "decline", {}, "no_capacity");
  });
  await stage("the sender is offered another service, never the one that declined", sender, async () => {
    await holds(sender, "after the decline");
    await sender.goto(at.referral(told.declined));
    const seen = await words(sender);
    hold(/n’a pas accepté : demandez|did not accept: ask/.test(seen.replace(/\s:/g, " :")), seen);
    hold((await pages.addresses(sender)).includes(at.refer(told.need)), "no way to another service");
    await sender.goto(at.refer(told.need));
    hold((await sender.locator(`input[name=service][value="${told.first}"]`).count()) === 0, "the service that declined is proposed");
    told.second = await askable(sender, told.need, [told.first]);
    told.silent = await sendReferral(sender, story.send);
  });
  await stage("the chain and every step with its date are on the page", sender, async () => {
    await sender.goto(at.referral(told.silent));
    hold((await pages.addresses(sender)).includes(at.referral(told.declined)), "the chain is not shown");
    told.steps = (await api(demo, account)(`/referrals/${told.silent}`)).exits.ladder;
    hold(told.steps.length === 4 && told.steps.every((s) => !s.done), JSON.stringify(told.steps));
    hold((await sender.locator("#steps + ol > li").count()) === 4, "not four steps");
  });
  await stage("silence climbs to the region, and another service is proposed", sender, async () => {
    await until(demo, told.steps[2].at);
    sender = await enter(account);
    await holds(sender, "at 150 %", /Chez |With /);
    await sender.goto(at.referral(told.silent));
    const seen = await words(sender);
    hold(/prévenus : le point focal régional|told: the regional focal point/.test(seen.replace(/\s:/g, " :").replace("told :", "told:")), seen);
    hold(/Toujours pas de réponse|Still no answer/.test(seen), seen);
  });
  await stage("the supervisor prints a letter to the hierarchy that names nobody", sender, async () => {
    const supervisor = await enter(demo.account("supervisor"));
    await supervisor.goto(at.referral(told.silent));
    hold((await pages.addresses(supervisor)).includes(at.letter(told.silent)), "the page does not lead to the letter");
    await supervisor.goto(at.letter(told.silent));
    await namesNobody(supervisor);
    const sheet = (await supervisor.locator(".sheet").innerText()).replace(/\s+/g, " ");
    hold(/R-\d{4}-\d+/.test(sheet) && /jours?\.|days?\./.test(sheet), sheet);
    const other = await supervisor.goto(`${at.letter(told.silent)}?lang=${look.lang === "fr" ? "en" : "fr"}`);
    hold(other.ok() && (await supervisor.locator(".sheet").getAttribute("lang")) !== look.lang, "the letter speaks one language only");
    const refused = await sender.goto(at.letter(told.silent));
    hold(refused.status() === 404, `a case manager reads the letter: ${refused.status()}`);
  });
  await stage("without an answer it expires, and the need is the sender's again", sender, async () => {
    const [last] = (await api(demo, account)(`/referrals/${told.silent}`)).exits.ladder.slice(-1);
    await until(demo, last.at);
    sender = await enter(account);
    const now = await api(demo, account)(`/referrals/${told.silent}`);
    hold(now.state === "expired" && now.exits.reroute?.why === "expired", `${now.state} ${JSON.stringify(now.exits.reroute)}`);
    await holds(sender, "after the expiry");
    const there = await openDay(sender, async () => (await source(sender)).includes(told.need));
    hold(there, "the need is not on the sender's day");
  });
  await stage("nobody can help: the need is unmet, with its reason", sender, async () => {
    await sender.goto(at.referral(told.silent));
    hold((await pages.addresses(sender)).includes(at.unmet(told.need)), "no way to say so");
    await sender.goto(at.unmet(told.need));
    await submit(sender, { reason: "no_capacity", words: "" });
    const row = await owned(sender, told.case);
    hold(/non couvert|unmet/i.test(row), row);
    const closed = await sender.goto(at.refer(told.need));
    hold(closed.ok(), `answered ${closed.status()}`);
  });
}

async function moved({ demo, enter, stage }) {
  const told = {};
  const next = demo.account("case_manager", other);
  const sender = await enter(demo.account("case_manager"));
  const taker = await enter(next);

  await stage("a case with three open requests", sender, async () => {
    told.case = await registerArrival(sender, { ...story.arrival, "F1E.01": label("T") });
    await recordConsent(sender, told.case, story.consent);
    told.open = [];
    for (const need of [story.need, story.secondNeed, { service: "MED.03", priority: "P3", words: "" }]) {
      const id = await addNeed(sender, told.case, need);
      await askable(sender, id);
      told.open.push(await sendReferral(sender, story.send));
    }
  });
  await stage("it is proposed to another organisation once the person agrees to that one", sender, async () => {
    const propose = async () => {
      await sender.goto(at.transfer(told.case));
      const to = sender.locator("form[method=get] [name=to]");
      const choices = await sender.locator("form[method=get]").innerHTML();
      const value = choices.match(/value="([0-9a-f-]{36})"/)[1];
      if ((await to.first().evaluate((e) => e.tagName)) === "SELECT") await to.selectOption(value);
      else await sender.locator(`[name=to][value="${value}"]`).check({ force: true });
      await press(sender.locator("form[method=get]"));
    };
    await propose();
    const mend = await sender.locator(`.note.stop a[href*="/consent"]`).getAttribute("href");
    hold(mend, "the refusal does not say what to do");
    await sender.goto(mend);
    // It is asked for that one organisation: there is no service to choose.
    const { c3_service: _, ...consent } = story.consent;
    await submit(sender, consent);
    await propose();
    hold((await sender.locator(".note.stop").count()) === 0, await words(sender));
    await submit(sender, { person_informed: "yes" }, /Proposer|Propose/);
  });
  await stage("the other organisation sees the waits, and no name", taker, async () => {
    await taker.goto(at.day);
    told.transfer = await firstAddress(taker, link.moving);
    hold(told.transfer, "the proposal is not on its day");
    await taker.goto(told.transfer);
    await namesNobody(taker);
    hold((await taker.locator("table tbody tr").count()) === 3, await words(taker));
    const closed = await taker.goto(at.case(told.case));
    hold(closed.status() === 404, `the case opens before it is accepted: ${closed.status()}`);
  });
  await stage("it accepts: every wait is its own now, and each provider reads the new sender", taker, async () => {
    await taker.goto(told.transfer);
    await act(taker, "accept");
    const answer = await taker.goto(at.case(told.case));
    hold(answer.ok(), `answered ${answer.status()}`);
    const there = await pages.addresses(taker);
    for (const referral of told.open) hold(there.includes(at.referral(referral)), "a request did not move");
    for (const referral of told.open) {
      const seen = await api(demo, next)(`/referrals/${referral}`);
      hold(/Croix|Cross/.test(seen.sender) && seen.clock, `${seen.sender} ${JSON.stringify(seen.clock)}`);
      hold(seen.exits.ladder.length === 4, "its steps are lost");
    }
  });
  await stage("the former holder is out", sender, async () => {
    for (const path of [at.case(told.case), ...told.open.map(at.referral)]) {
      const answer = await sender.goto(path);
      hold(answer.status() === 404, `${path} answers ${answer.status()}`);
    }
    const answer = await sender.goto(told.transfer);
    hold(answer.ok(), "it is not told that the case was taken");
    await namesNobody(sender);
  });
}

await run("exits", async (world) => {
  for (const look of [
    { js: true, lang: "fr" },
    { js: false, lang: "en" },
    { js: false, lang: "fr" },
    { js: true, lang: "en" },
  ]) {
    await journey(world, "h", look, moved);
    await journey(world, "c", look, silence);
  }
});
