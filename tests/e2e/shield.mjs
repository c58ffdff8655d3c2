// Who must be kept safe, in a real browser. (b) A child with a doubtful adult: the adult's consent is refused, child
// protection comes first. (f) A person withdraws sharing while the treatment goes on; whoever received confirms. (g) A case
// in the protected circuit: no page of a State body or of the secretariat tells it from a case that never was. (i) A death:
// every clock and every message stops. Each in French with scripts, in English without.
import { cli, fill, hold, option, run, source, words } from "./lib.mjs";
import * as pages from "./pages.mjs";
import { act, addNeed, at, findService, journey, label, link, other, press, preview, previewWithdrawal, recordConsent, registerArrival, sendReferral, story, submit } from "./pages.mjs";

/** What a form says when it comes back. */
async function refused(page, answers) {
  for (const [field, value] of Object.entries(answers)) await fill(page, field, value);
  await press(page);
  const said = await page.locator(`${pages.kit.summary}, ${pages.kit.fieldError}`).allInnerTexts();
  hold(said.length > 0, `the form at ${page.url()} was taken`);
  return said.join("\n").replace(/[\u00a0\u202f]/g, " ");
}

async function child({ demo, enter, stage }) {
  const worker = await enter(demo.account("case_manager"));
  const told = {};
  const granted = { ...story.consent, "F3.10": "CARE", "F3.11": "Adulte d’essai", "F3.12": "yes", "F3.13": "no", "F3.14": "supported" };
  await stage("a child with an adult is registered; until seen alone, only urgent care and protection are asked for", worker, async () => {
    told.case = await registerArrival(worker, { ...story.arrival, "F1E.01": label("B"), "F1E.05": "15", "F1E.06": "adult" });
    await worker.goto(at.case(told.case));
    hold(/pas encore vu seul|not yet seen alone/i.test(await words(worker)), await words(worker));
  });
  await stage("a doubtful adult's consent is refused, and what was typed stays", worker, async () => {
    await worker.goto(at.consent(told.case));
    const said = await refused(worker, { ...granted, "F3.10b": "doubtful" });
    hold(/doute|douteu|doubt/i.test(said), said);
    hold((await worker.locator('[name="F3.11"]').inputValue()) === granted["F3.11"], "what was typed is lost");
    await worker.goto(at.case(told.case));
    hold(!/Accordé|Granted/.test(await words(worker)), "a doubtful adult's consent stands");
  });
  await stage("child protection comes first: it is proposed at once, as an emergency", worker, async () => {
    await worker.goto(at.child(told.case));
    await submit(worker, { "F1.25b": "no", "F1.63b": "doubtful", "F1.63c": "no" });
    await worker.goto(at.case(told.case));
    const first = worker.locator('a[href*="/needs/new?service=CHP.01"]');
    hold((await first.count()) > 0 && /priority=P1/.test(await first.first().getAttribute("href")), await words(worker));
    await first.first().click();
    await worker.waitForLoadState("load");
    await press(worker);
    await worker.goto(at.case(told.case));
    hold(/P1/.test(await words(worker)), "there is no emergency of child protection");
  });
  await stage("nothing else leaves with the child before", worker, async () => {
    told.need = await addNeed(worker, told.case, { service: "VTC.02", priority: "P4", words: "" }).catch(() => undefined);
    if (told.need) {
      await worker.goto(at.refer(told.need));
      const service = await worker.locator(".card input[name=service]").first().getAttribute("value");
      await worker.goto(`${at.refer(told.need)}?service=${service}`);
      hold((await worker.locator(".note.stop").count()) > 0, await words(worker));
    } else {
      hold((await worker.locator(".note.stop").count()) > 0, await words(worker));
    }
  });
}

async function withdrawn({ demo, enter, stage }) {
  const sender = await enter(demo.account("case_manager"));
  const hospital = await enter(demo.account("focal_point", pages.provider));
  const told = {};
  await stage("a hospital has accepted and begun the treatment", sender, async () => {
    told.case = await registerArrival(sender, { ...story.arrival, "F1E.01": label("W") });
    await recordConsent(sender, told.case, story.consent);
    const need = await addNeed(sender, told.case, { ...story.need, service: "MED.03" });
    await preview(sender, need, await findService(sender, need, pages.hospital));
    told.referral = await sendReferral(sender, story.send);
    await hospital.goto(at.referral(told.referral));
    await act(hospital, "accept");
    hold((await words(hospital)).includes("Zébédée"), "the hospital does not read the name it was given");
    const begin = hospital.locator('form[method=post] input[name=command][value="start"]');
    told.started = (await begin.count()) > 0;
    if (told.started) await act(hospital, "start");
  });
  const asked = async () => {
    await hospital.goto(at.inbox);
    return (await pages.addresses(hospital)).filter((address) => link.stop.test(address));
  };
  await stage("what becomes of it is read before it is done", sender, async () => {
    told.before = await asked();
    await previewWithdrawal(sender, told.case, "stop_sharing");
    const seen = await words(sender);
    hold(/Hôpital|hospital/i.test(seen), seen);
  });
  await stage("the person withdraws sharing: the treatment goes on, and the hospital is asked to stop using", sender, async () => {
    await sender.locator("form[method=post] button.risk").click();
    await sender.waitForLoadState("load");
    await sender.goto(at.referral(told.referral));
    hold(!/(Retiré|Annulé|Withdrawn|Cancelled)\b/.test(await sender.locator("main h1, main .tag").allInnerTexts().then((t) => t.join(" "))), await words(sender));
    told.stop = (await asked()).find((address) => !told.before.includes(address));
    hold(told.stop, `the inbox does not ask to stop: ${await words(hospital)}`);
  });
  await stage("the hospital confirms, and the sender reads it", hospital, async () => {
    await hospital.goto(told.stop);
    hold(!(await source(hospital)).includes("Zébédée"), "the request itself names the person");
    await hospital.locator("main details summary").first().click();
    await hospital.locator("main button[name=go]").click();
    await hospital.waitForLoadState("load");
    await sender.goto(at.case(told.case));
    const text = await words(sender);
    hold(/confirm/i.test(text), text);
    await hospital.goto(told.stop);
    hold((await hospital.locator("main button[name=go]").count()) === 0, "it is still to be confirmed");
  });
}

async function hidden({ demo, enter, stage }) {
  const holder = await enter(demo.account("case_manager", other));
  const told = {};
  await stage("a person chooses the protected circuit at an organisation outside the State", holder, async () => {
    told.case = await registerArrival(holder, { ...story.arrival, "F1E.01": label("G"), "F1E.03": "Zénon Épreuve-Abri" });
    await holder.goto(at.protection(told.case));
    await submit(holder, { person_agrees: ["yes"] });
    await holder.goto(at.case(told.case));
    told.code = await pages.caseCode(holder);
    hold(/circuit protégé|protected circuit/i.test(await words(holder)), await words(holder));
  });
  const others = [
    ["secretariat", undefined], ["secretariat_supervisor", undefined], ["regional_focal_point", /littoral/],
    ["focal_point", /minas/], ["case_manager", /accueil/], ["supervisor", undefined],
  ];
  for (const [role, which] of others) {
    const page = await enter(which ? demo.account(role, which) : demo.account(role));
    await stage(`${role}${which ? ` ${which.source}` : ""}: nothing tells that it exists`, page, async () => {
      const never = "01930000-0000-7000-8000-00000000dead";
      for (const path of ["", "/consent", "/withdraw", "/transfer", "/assign", "/protection", "/end", "/child", "/close", "/plan", "/follow-up"]) {
        const [real, none] = [await page.goto(`/cases/${told.case}${path}`).then((r) => r.status()), await page.goto(`/cases/${never}${path}`).then((r) => r.status())];
        hold(real === 404 && none === 404, `/cases/…${path}: ${real} against ${none}`);
      }
      for (const list of [at.day, at.cases, at.inbox, at.late, at.watch, "/coordination", "/cosign"]) {
        await page.goto(list);
        const text = await source(page);
        hold(!text.includes(told.case) && !text.includes(told.code) && !text.includes("Abri"), `${list} tells of it`);
      }
    });
  }
}

async function dead({ demo, enter, stage }) {
  const sender = await enter(demo.account("case_manager"));
  const boss = await enter(demo.account("supervisor"));
  const hospital = await enter(demo.account("focal_point", pages.provider));
  const told = {};
  await stage("a request waits with a hospital", sender, async () => {
    told.case = await registerArrival(sender, { ...story.arrival, "F1E.01": label("D"), "F1E.03": "Zéphyrin Épreuve-Fin" });
    await recordConsent(sender, told.case, story.consent);
    told.need = await addNeed(sender, told.case, { ...story.need, service: "MED.03" });
    await preview(sender, told.need, await findService(sender, told.need, pages.hospital));
    told.referral = await sendReferral(sender, story.send);
  });
  await stage("the supervisor notes the death: from where it is known, and what stops", boss, async () => {
    await boss.goto(at.end(told.case));
    await submit(boss, { reason: "deceased", source: "Hôpital d’essai, par téléphone" });
    await boss.goto(at.case(told.case));
    hold(/Arrêté|Décès|Ended|Death/.test(await words(boss)), await words(boss));
  });
  await stage("every clock and every message stops", sender, async () => {
    for (const page of [sender, boss]) {
      await page.goto(at.day);
      const text = await source(page);
      hold(![told.need, told.referral].some((id) => text.includes(id)), "it still waits in a day");
    }
    await cli(demo, "clock", "set", "+20d");
    await cli(demo, "work", "--once");
    const office = await enter(demo.account("secretariat"));
    await office.goto(at.late);
    hold(!(await source(office)).includes(told.referral), "it became late after the death");
  });
  await stage("the hospital reads that it has ended, and never why", hospital, async () => {
    const again = await enter(demo.account("focal_point", pages.provider));
    await again.goto(at.referral(told.referral));
    const text = await words(again);
    hold(!/Décès|décédé|death|deceased/i.test(text), "the provider reads why");
    hold((await again.locator("form[method=post] input[name=command]").count()) === 0, "the provider may still act");
  });
}

const looks = ["fr", "en"].flatMap((lang) => [true, false].map((js) => ({ js, lang })));

await run("shield", async (world) => {
  const only = option("only");
  // What moves the clock comes last.
  for (const [letter, tell] of [["b", child], ["f", withdrawn], ["g", hidden], ["i", dead]]) {
    if (only && only !== letter) continue;
    for (const look of looks) await journey(world, letter, look, tell);
  }
});
