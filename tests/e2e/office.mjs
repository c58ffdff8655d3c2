// What happens beside the case, in a real browser. (i) An override is written, goes, and is co-signed; another, for a legal
// duty, waits and is refused. (ii) The secretariat notes a call about late work, sees it again in the coordination, and puts
// figures before a provider, which replies. (iii) Two files perhaps of the same person: asked, answered, joined, separated.
// (iv) A computer tied as a shared post: a PIN opens it, a session ends while somebody types, and what was typed comes back.
// Each in French with scripts, in English without.
import { fill, hold, option, run, source, words } from "./lib.mjs";
import * as make from "./made.mjs";
import * as pages from "./pages.mjs";
import { addNeed, addresses, api, at, firstAddress, journey, label, link, messages, openDay, other, preview, press, registerArrival, sendReferral, story, submit } from "./pages.mjs";

/** The form of a page whose button sends this decision or answer. */
const formOf = (page, name, value) => page.locator("form", { has: page.locator(`[name=${name}][value="${value}"]`) }).first();

async function overridden({ demo, enter, stage }) {
  const worker = await enter(demo.account("case_manager"));
  const boss = await enter(demo.account("supervisor"));
  const told = {};
  const reason = "Essai : évanouie à l’accueil, ne répond pas ; personne à qui demander.";
  const need = async (service, priority) => {
    told.case = await registerArrival(worker, { ...story.arrival, "F1E.01": label("O") });
    told.need = await addNeed(worker, told.case, { service, priority, words: "" });
    told.service = await pages.findService(worker, told.need, /./);
    return preview(worker, told.need, told.service);
  };
  const waiting = async () => {
    await boss.goto(at.cosign);
    return (await addresses(boss)).filter((address) => link.judge.test(address));
  };
  await stage("somebody who cannot be asked: without an override no name is shared, and an override has a reason", worker, async () => {
    told.before = await waiting();
    const { never } = await need("MED.02", "P2");
    hold(/(Identité|Identity)[^)]*(consentement|consent)/i.test(never), `it does not say that the name stays here: ${never}`);
    hold((await worker.locator('[name=override_kind][value="VITAL"]').count()) === 1, "no override for a vital interest is offered");
    const answer = await pages.send(worker, { override_kind: "VITAL", override_reason: "" }, () => formOf(worker, "override_kind", "VITAL").locator("button.btn.big").click());
    hold(answer.status() === 422, `an override without a reason is answered ${answer.status()}`);
    const wrong = new Map(await messages(worker));
    hold(wrong.has("override_reason"), `nothing beside the reason: ${[...wrong.keys()]}`);
  });
  await stage("with its reason it goes", worker, async () => {
    await preview(worker, told.need, told.service);
    const interim = (await worker.locator("[name=interim]").count()) > 0 ? { interim: "Essai : allongée, surveillée par l’agent d’accueil." } : {};
    told.referral = await sendReferral(worker, { ...story.send, ...interim, provider_called: "yes", override_kind: "VITAL", override_reason: reason });
    await worker.goto(at.referral(told.referral));
    hold(/Envoyé|Sent/.test(await words(worker)), await words(worker));
    await worker.goto(at.case(told.case));
    hold((await words(worker)).includes("À cosigner") || (await words(worker)).includes("To be co-signed"), "the case does not say that it is to be co-signed");
  });
  await stage("the supervisor finds it among what is to be co-signed, with its reason and its limit", boss, async () => {
    const fresh = (await waiting()).filter((address) => !told.before.includes(address));
    hold(fresh.length === 1, `${fresh.length} more to co-sign, not one`);
    [told.override] = fresh;
    await boss.goto(told.override);
    const seen = await words(boss);
    hold(seen.includes(reason.replace(/\s/g, " ")), seen);
    hold((await boss.locator(".clock").count()) > 0, "no limit is shown");
  });
  await stage("the author may not sign alone", worker, async () => {
    const answer = await worker.goto(told.override);
    hold(answer.status() === 404, `the author's page answers ${answer.status()}`);
  });
  await stage("co-signed: it leaves the list, and the author reads by whom", boss, async () => {
    await boss.goto(told.override);
    await formOf(boss, "decision", "cosign").locator("button").click();
    await boss.waitForLoadState("load");
    hold(/Dérogation cosignée|Override co-signed/.test(await words(boss)), await words(boss));
    hold((await boss.locator("[name=decision]").count()) === 0, "it can be decided again");
    hold(!(await waiting()).includes(told.override), "it still waits");
    await worker.goto(at.case(told.case));
    hold(/Cosignée|Co-signed/.test(await words(worker)), await words(worker));
  });
  await stage("for a legal duty it is written first, and nothing goes", worker, async () => {
    await need("MED.03", "P3");
    const aside = worker.locator(`form[action="${at.override(told.need)}"]`);
    const details = worker.locator("details", { has: aside });
    if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
    await fill(aside, "kind", "LEGAL");
    await fill(aside, "reason", "Essai : réquisition écrite du parquet.");
    await aside.locator("button").click();
    await worker.waitForLoadState("load");
    hold(/Dérogation écrite|Override written/.test(await words(worker)), await words(worker));
    hold((await worker.locator(`form[action="${at.refer(told.need)}"] button.big`).count()) === 0, "it can be sent before it is co-signed");
  });
  await stage("refused with words: the author reads them where the referral would go", boss, async () => {
    const fresh = (await waiting()).filter((address) => !told.before.includes(address));
    hold(fresh.length === 1, `${fresh.length} to co-sign, not one`);
    await boss.goto(fresh[0]);
    await boss.locator("main details summary").first().click();
    const form = formOf(boss, "decision", "refuse");
    await fill(form, "reason", "Essai : demandez d’abord à la personne.");
    await form.locator("button").click();
    await boss.waitForLoadState("load");
    hold(/Cosignature refusée|Co-signature refused/.test(await words(boss)), await words(boss));
    await preview(worker, told.need, told.service);
    hold((await words(worker)).includes("demandez d’abord à la personne"), await words(worker));
  });
}

/** Whether the figures were put before the providers in this demonstration: they are put once for ninety days. */
let put = false;

async function coordinated({ demo, enter, stage, look }) {
  const office = await enter(demo.account("secretariat"));
  const told = { who: `Mme Essai Standard ${look.lang}, secrétaire`, promise: `Essai ${look.lang} : une réponse cette semaine` };
  await stage("late work is on the list, with the way to note a call", office, async () => {
    await office.goto(at.late);
    told.calls = await firstAddress(office, link.lateCalls);
    hold(told.calls, "no late work can be called about");
    await office.goto(told.calls);
    for (const part of story.name.split(/[ -]/)) hold(!(await source(office)).includes(part), "the page names a person");
  });
  await stage("a date that is none comes back beside its field, with what was typed", office, async () => {
    const answer = await pages.send(office, { answered_by: told.who, promised: told.promise, promised_on: "bientôt" });
    hold(answer.status() === 422, `answered ${answer.status()}`);
    hold(new Map(await messages(office)).has("promised_on"), "nothing beside the date");
    for (const [name, value] of [["answered_by", told.who], ["promised", told.promise], ["promised_on", "bientôt"]]) {
      hold((await office.locator(`[name=${name}]`).inputValue()) === value, `${name} is lost`);
    }
  });
  await stage("who answered and what was promised is noted", office, async () => {
    const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    await submit(office, { promised_on: day.split("-").reverse().join("/") });
    const seen = await words(office);
    hold(seen.includes(told.who) && seen.includes(told.promise), seen);
  });
  await stage("the coordination shows the call, and leads back to it", office, async () => {
    await office.goto(at.coordination);
    const seen = await words(office);
    hold(seen.includes(told.who) && seen.includes(told.promise), seen);
    hold((await addresses(office)).includes(told.calls), "the call does not lead to its work");
  });
  await stage("figures are put before the providers, and stay without a name until they reply", office, async () => {
    const button = office.locator('form[action="/coordination/figures"] button');
    hold((await button.count()) === (put ? 0 : 1), put ? "figures are put twice" : "figures cannot be put");
    if (put) return;
    await button.click();
    await office.waitForLoadState("load");
    put = true;
    hold(/Chiffres soumis|Figures put/.test(await words(office)), await words(office));
    hold(/(peu(t|vent) encore répondre|may still reply)/.test(await words(office)), await words(office));
  });
  // Restricted needs are in no figures: not every provider of the demonstration has some.
  const focal = demo.accounts.filter((account) => account.role === "focal_point");
  const figures = await Promise.all(focal.map((account) => api(demo, account)("/inbox").then((inbox) => inbox.figures.put)));
  const account = focal[figures.findIndex(Boolean)];
  const provider = account && (await enter(account));
  await stage("the provider reads its own in its inbox and replies", provider, async () => {
    hold(provider, "no focal point has figures");
    told.reply = `Essai ${look.lang} : deux agents absents en octobre.`;
    await provider.goto(at.inbox);
    hold(/(Soumis le|Put before you on)/.test(await words(provider)), await words(provider));
    const details = provider.locator("details", { has: provider.locator("[name=text]") });
    await details.locator("summary").click();
    await submit(provider, { text: told.reply }, /Enregistrer la réponse|Save the reply/);
    hold((await words(provider)).includes(told.reply), "the inbox does not show the reply");
  });
  await stage("now it is shown by name, its reply beside it", office, async () => {
    await office.goto(at.coordination);
    const row = office.locator("#providers ~ table tbody tr", { hasText: told.reply });
    hold((await row.count()) === 1, await words(office));
    hold(/\d/.test(await row.first().innerText()), await row.first().innerText());
  });
}

/** Who arrives twice: nobody alike in the two runs. */
const people = {
  fr: { "F1E.03": "Zoïla Épreuve-Mbarga", "F1E.04": "F", "F1E.05": "34", "F1E.10": "+237 6 99 12 71 01" },
  en: { "F1E.03": "Yvon Essai-Tchinda", "F1E.04": "M", "F1E.05": "52", "F1E.08": "Maroua", "F1E.10": "+237 6 99 12 82 02" },
};

async function alike({ demo, enter, stage, look }) {
  const worker = await enter(demo.account("case_manager"));
  const boss = await enter(demo.account("supervisor"));
  const theirs = await enter(demo.account("case_manager", other));
  const told = {};
  const somebody = { ...story.arrival, ...people[look.lang] };
  await stage("the same person arrives at two organisations", worker, async () => {
    told.first = await registerArrival(theirs, { ...somebody, "F1E.01": label("S") });
    told.second = await registerArrival(worker, { ...somebody, "F1E.01": label("R") });
    await worker.goto(at.case(told.second));
    const seen = await words(worker);
    hold(/Peut-être connue ailleurs|Perhaps known elsewhere/.test(seen), seen);
    hold(!(await source(worker)).includes(told.first), "the page tells which case it is");
  });
  await stage("the second asks the first, which has it on its day", worker, async () => {
    await press(worker, /Demander à qui tient|Ask the holder/);
    hold(/doit répondre|must answer/.test(await words(worker)), await words(worker));
    const there = await openDay(theirs, async () => (told.ask = await firstAddress(theirs, link.same)) !== undefined);
    hold(there, "the question is not on its day");
    await theirs.goto(told.ask);
    hold((await addresses(theirs)).includes(at.case(told.first)), "it does not say of which case it is asked");
    hold(!(await source(theirs)).includes(told.second), "it tells the asker's case");
  });
  await stage("“the same”: the asker reads code and number", theirs, async () => {
    await press(theirs, /Oui, c’est la même|Yes, the same/);
    hold(/Oui, c’est la même|Yes, the same/.test(await theirs.locator(".tag").allInnerTexts().then((all) => all.join(" "))), await words(theirs));
    await theirs.goto(at.case(told.first));
    told.code = await pages.caseCode(theirs);
    await worker.goto(at.case(told.second));
    hold((await words(worker)).includes(told.code), "the asker does not read the code");
    hold((await worker.locator('#perhaps a[href^="tel:"]').count()) > 0, "the asker does not read whom to call");
  });
  await stage("joining is for a supervisor, who is told what it does", boss, async () => {
    await boss.goto(at.case(told.second));
    const form = boss.locator('form[action$="/join"]');
    hold((await form.count()) === 1, await words(boss));
    await boss.locator("#perhaps details", { has: form }).locator("summary").click();
    await form.locator("button").click();
    await boss.waitForLoadState("load");
    hold(new RegExp(`(Réuni au dossier|Joined to case) ${told.code}`).test(await words(boss)), await words(boss));
    await theirs.goto(at.case(told.first));
    hold(/Dossiers réunis|Joined cases/.test(await words(theirs)), "the other does not read that they are joined");
    const closed = await worker.goto(at.case(told.first));
    hold(closed.status() === 404, `joined, the other's file opens: ${closed.status()}`);
  });
  await stage("separated again, each stands alone", boss, async () => {
    await boss.goto(at.case(told.second));
    const form = boss.locator('form[action$="/separate"]');
    await boss.locator("#perhaps details", { has: form }).locator("summary").first().click();
    await form.locator("button").first().click();
    await boss.waitForLoadState("load");
    hold(!/(Réuni au dossier|Joined to case)/.test(await words(boss)), "still joined");
    await theirs.goto(at.case(told.first));
    hold(!/Dossiers réunis|Joined cases/.test(await words(theirs)), "the other is still joined");
  });
}

async function shared({ demo, chrome, enter, watch, stage, look }) {
  const desk = await enter(demo.account("case_manager"));
  const told = { person: { ...story.arrival, "F1E.01": label("K"), "F1E.03": "Zacharie Épreuve-Guichet" } };
  await stage("a PIN is set, a computer tied to a post of the organisation", desk, async () => {
    told.computer = watch(await make.tied(demo, chrome, desk, look));
  });
  const computer = told.computer;
  await stage("a wrong PIN opens nothing, the right one opens in the person's name", computer, async () => {
    const answer = await make.open(computer, "000111");
    hold(answer.status() === 401, `a wrong PIN is answered ${answer.status()}`);
    await make.open(computer);
    await computer.goto(at.day);
    hold(/Agent d.accueil/.test(await source(computer)), "the day is not the person's");
    hold(/Passer la main|Hand over/.test(await words(computer)), "the computer cannot be handed over");
  });
  await stage("the session ends while an arrival is being typed: what was typed is held", computer, async () => {
    await make.typedTooLate(demo, computer, told.person);
    const { pathname, search } = new URL(computer.url());
    hold(pathname === at.post && /held=yes/.test(search), `at ${computer.url()}`);
    hold(!(await source(computer)).includes("Zacharie"), "the post's door shows what was typed");
  });
  await stage("the PIN again, and it comes back", computer, async () => {
    await make.open(computer);
    hold(new URL(computer.url()).pathname === at.held, `at ${computer.url()}`);
    hold((await words(computer)).includes("Zacharie Épreuve-Guichet"), await words(computer));
  });
  await stage("sent, it is registered, and held no longer", computer, async () => {
    await computer.locator("button[name=send_held]").click();
    await computer.waitForURL((url) => link.case.test(url.pathname));
    hold((await source(computer)).includes("Zacharie"), "the case is not the person's");
    await computer.goto(at.held);
    hold(new URL(computer.url()).pathname !== at.held, "it is still held");
  });
  await stage("handed over, the computer asks who takes it", computer, async () => {
    await computer.locator('form[action="/sign-out"] button').click();
    await computer.waitForLoadState("load");
    hold(new URL(computer.url()).pathname === at.post, `at ${computer.url()}`);
    const answer = await computer.goto(at.cases);
    hold(new URL(answer.url()).pathname === at.post, `the cases open at ${answer.url()}`);
  });
}

await run("office", async (world) => {
  const only = option("only");
  for (const [letter, tell] of [["i", overridden], ["ii", coordinated], ["iii", alike], ["iv", shared]]) {
    if (only && only !== letter) continue;
    for (const look of [{ js: true, lang: "fr" }, { js: false, lang: "en" }]) await journey(world, letter, look, tell);
  }
});
