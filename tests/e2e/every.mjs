// Every page of the deployment, as somebody who may see it, and the law that none is left out: the routes of the server are
// read from its own table.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fill, hold, session, top } from "./lib.mjs";
import * as make from "./made.mjs";
import { addresses, arrivalWithErrors, at, button, firstAddress, label, link, openDay, other, prepareArrival, press, previewWithdrawal, registerArrival, send, signedIn, story, unguard } from "./pages.mjs";

/** Statuses that a page may show on purpose: what was typed is wrong, or what was asked does not exist. */
export const expected = (name) =>
  /-errors$/.test(name) ? [422] : ({ "sign-in-refused": [401, 403, 422], "post-refused": [401], "not-there": [404] })[name] ?? [200];

/** The worlds that were made, by demonstration: signing in and making what is looked at is done once, whatever the language. */
const worlds = new WeakMap();

/**
 * Every page of the deployment, as somebody who may see it: `{ name, as, open() }`, where `open` goes there and resolves
 * to the server's answer. Ids are found by following the demonstration's own links; what it does not have is made.
 */
export async function everyPage(demo, chrome, look = {}) {
  if (!worlds.has(demo)) worlds.set(demo, await makeWorld(demo, chrome, look));
  const world = worlds.get(demo);
  world.lang = look.lang ?? "fr";
  for (const page of new Set(world.pages.map(({ as }) => as))) await page.goto(at.language(world.lang));
  return world.pages;
}

async function makeWorld(demo, chrome, look) {
  const world = { demo, chrome, look, lang: look.lang ?? "fr", pages: [] };
  world.add = (name, as, path, open = () => as.goto(path)) =>
    world.pages.push({
      name,
      as,
      open: async () => {
        hold(path, `no link to the page "${name}" was found in the demonstration`);
        const answer = await open();
        hold(answer, `${path} gave no answer`);
        return answer;
      },
    });
  world.enter = (account) => signedIn(demo, chrome, account, look);
  world.stranger = () => session(chrome, demo.base, look);

  await doors(world);
  const sender = await world.enter(demo.account("case_manager"));
  const provider = await world.enter(demo.account("focal_point"));
  const office = await world.enter(demo.account("secretariat"));
  const supervisor = await world.enter(demo.account("supervisor"));
  const found = await explore(sender);
  await desk(world, sender, found);
  await arrivalOfMany(world, sender);
  await waysOut(world, sender, provider, supervisor, found);
  await withoutAccount(world, sender, found);
  await answering(world, provider);
  await directory(world, office);
  await publicDirectory(world, office);
  await officeDesk(world, office);
  await institution(world, office, sender);
  await complaints(world, office);
  await sharedPost(world, sender);
  return world;
}

/** Sends the first form of a page as it is, past the browser's own checks. */
async function empty(page, path) {
  await page.goto(path);
  await unguard(page);
  return send(page, {}, () => press(page.locator('main form[method="post"]').first()));
}

async function doors({ add, stranger }) {
  const nobody = await stranger();
  add("sign-in", nobody, at.signIn);
  add("sign-in-refused", nobody, at.signIn, async () => {
    await nobody.goto(at.signIn);
    return send(nobody, { login: "personne", password: "inconnu-au-bataillon" }, () => press(nobody, button.signIn));
  });
}

/** The sender's desk: a case and its needs, a need referred, the referral. */
async function desk({ add, demo }, sender, found) {
  const of = (path) => found.case && path(found.case);
  const errors = (name, path) => add(`${name}-errors`, sender, path, () => empty(sender, path));
  add("day", sender, at.day);
  add("arrival", sender, at.arrival);
  add("arrival-errors", sender, at.arrival, () => arrivalWithErrors(sender));
  add("cases", sender, at.cases);
  add("case", sender, of(at.case));
  add("consent", sender, of(at.consent));
  errors("consent", of(at.consent));
  add("need", sender, of(at.newNeed));
  errors("need", of(at.newNeed));
  add("plan", sender, of(at.plan));
  const told = await make.interviewed(demo);
  add("case-proposed", sender, at.case(told));
  for (const form of ["F1", "F2"]) {
    add(`form-${form}`, sender, at.form(told, form));
    add(`section-${form}`, sender, at.section(told, form, "frame"));
    // As long as the form, and made for paper.
    const printed = await sender.context().request.get(`${demo.base}${at.form(told, form)}/print`);
    hold(printed.ok() && /class="paper"/.test(await printed.text()), `${form} is not printed`);
  }
  add("section-situation", sender, at.section(told, "F1", "situation"));
  add("section-factors", sender, at.section(told, "F2", "individual"));
  errors("plan", of(at.plan));
  add("close-blocked", sender, of(at.close));
  const closable = await registerArrival(sender, { ...story.arrival, "F1E.01": label("C") });
  add("close", sender, at.close(closable));
  errors("close", at.close(closable));
  await sender.goto(at.day);
  add("follow-up", sender, await firstAddress(sender, link.followUp));
  add("child", sender, of(at.child));
  add("transfer", sender, of(at.transfer));
  add("assign", sender, of(at.assign));
  add("protection", sender, of(at.protection));
  const given = found.refer && at.unmet(found.refer.match(link.refer)[1]);
  add("unmet", sender, given);
  errors("unmet", given);
  add("refer", sender, found.refer);
  add("refer-preview", sender, found.choose, async () => {
    await sender.goto(found.choose);
    const form = sender.locator("main form[method=get]");
    await form.locator("input[name=service]").first().check({ force: true });
    const [answer] = await Promise.all([sender.waitForResponse((r) => /[?&]service=/.test(r.url())), press(form)]);
    return answer;
  });
  add("referral", sender, found.referral);
  add("telephone", sender, found.telephone);
  errors("telephone", found.telephone);
  add("confirm", sender, found.confirm);
  errors("confirm", found.confirm);
  add("payment", sender, found.referral && `${found.referral}/payment`);
  add("emergency", sender, at.emergency);
  errors("emergency", at.emergency);
  add("share", sender, found.link);
  add("calls", sender, found.calls ?? at.calls(await make.emergency(demo)));
  add("watch", sender, at.watch);
  add("services", sender, at.services("mal au dos garua zyzzyva"));
  add("services-map", sender, at.servicesMap("mal au dos garua zyzzyva"));
  add("matrix-sender", sender, at.matrix());
  add("account", sender, at.account);
  errors("account", at.account);
  add("not-there", sender, at.case("01900000-0000-7000-8000-000000000000"));
}

/** What is asked of somebody else and decided there: overrides, transfers, withdrawals, questions, ends. */
async function waysOut(world, sender, provider, supervisor, found) {
  const { add, demo, enter } = world;
  const elsewhere = await enter(demo.account("case_manager", other));
  const preview = ({ need, service }) => `${at.refer(need)}?service=${service}`;
  add("refer-unasked", sender, preview(await make.unasked(demo)));
  const written = await make.override(demo);
  add("refer-waits", sender, preview(written));
  add("cosign", supervisor, at.cosign);
  add("override", supervisor, at.judge(written.id));
  add("override-errors", supervisor, at.judge(written.id), async () => {
    await supervisor.goto(at.judge(written.id));
    await supervisor.locator("main details summary").first().click();
    return send(supervisor, {}, () => press(supervisor.locator("main details form")));
  });

  const moving = await make.transfer(demo);
  add("transfer-preview", sender, `${at.transfer(moving.case)}?to=${moving.to}`);
  add("transfer-asked", elsewhere, at.moving(moving.transfer));
  add("transfer-proposed", sender, at.moving(moving.transfer));

  const going = await make.accepted(demo);
  add("withdraw", sender, at.withdraw(going.case));
  add("withdraw-preview", sender, at.withdraw(going.case), () => previewWithdrawal(sender, going.case));
  const stopped = await make.stop(demo);
  add("stop", provider, at.stop(stopped.stop));
  add("stop-noted", sender, at.stop(stopped.stop));
  add("stop-errors", sender, at.stop(stopped.stop), async () => {
    await sender.goto(at.stop(stopped.stop));
    return send(sender, { number: "", answered_by: "" });
  });
  add("case-withdrawn", sender, at.case(stopped.case));

  const pair = await make.same(demo, demo.account("supervisor"));
  add("case-perhaps", supervisor, at.case(pair.ours));
  add("same", elsewhere, at.same(pair.ask));

  await shelter(world, elsewhere);

  add("day-supervisor", supervisor, at.day);
  await supervisor.goto(at.day);
  const closing = await firstAddress(supervisor, link.close);
  add("close-answer", supervisor, closing);
  add("close-proposed", sender, closing);
  // Checks of names are rationed by user: the case manager's are for registering.
  add("arrival-perhaps", supervisor, at.arrival, async () => {
    await supervisor.goto(at.arrival);
    return send(supervisor, { "F1E.03": "Essai Quelconquedemo" }, () => press(supervisor, /Chercher d.abord|Look first/));
  });
  add("end", supervisor, found.case && at.end(found.case));
  add("end-errors", supervisor, found.case && at.end(found.case), () => empty(supervisor, at.end(found.case)));
  // An open case answers that there is nothing to reopen.
  add("reopen-open", supervisor, found.case && at.reopen(found.case));
  const over = await make.ended(demo);
  add("reopen", supervisor, at.reopen(over));
  add("reopen-errors", supervisor, at.reopen(over), () => empty(supervisor, at.reopen(over)));
}

/** The way to a safe shelter, by a code that somebody tells; its own inbox has that code. */
async function shelter({ add, demo, enter }, worker) {
  const made = await make.sheltered(demo);
  const typed = async (code) => {
    await worker.goto(at.refer(made.need));
    return send(worker, { code }, () => press(worker.locator("#shelter ~ form, #shelter form").first()));
  };
  add("refer-shelter-preview", worker, at.refer(made.need), () => typed(made.code));
  add("refer-shelter", worker, at.refer(made.need));
  add("refer-shelter-errors", worker, at.refer(made.need), () => typed("AAAA 0000"));
  add("inbox-codes", await enter(made.focal), at.inbox);
}

/** A provider without an account: by link, or by the paper slip. */
async function withoutAccount(world, sender, found) {
  const { add, stranger } = world;
  const paper = found.link && at.slip(found.link.match(link.link)[1]);
  add("slip", sender, paper, async () => {
    await sender.goto(paper);
    if ((await sender.locator(".sheet").count()) === 0) await press(sender, /Préparer|Prepare/);
    return sender.goto(paper);
  });
  add("slip-in", sender, at.slipIn);
  const making = async () => {
    await sender.goto(found.link);
    return send(sender, {}, () => press(sender, /Faire un|Make a/));
  };
  add("share-made", sender, found.link, making);
  const unsigned = await stranger();
  add("slip-in-open", unsigned, at.slipIn);
  add("slip-in-errors", unsigned, at.slipIn, async () => {
    await unsigned.goto(at.slipIn);
    await unguard(unsigned);
    return send(unsigned);
  });
  add("link-none", unsigned, "/link", async () => {
    await unsigned.context().clearCookies();
    await unsigned.goto(at.language(world.lang));
    return unsigned.goto("/link");
  });
  add("post-untied", unsigned, at.post);
  add("link-code", unsigned, "/link", () => unsigned.goto(`/link/${world.lang}/x`));
  const typing = (code, name) => send(unsigned, { code, name, telephone: "+237 2 22 00 00 01" });
  add("link-code-errors", unsigned, "/link", () => typing("000000", ""));
  add("link-opened", unsigned, found.link, async () => {
    await making();
    await unsigned.goto(await sender.locator("#address").inputValue());
    await typing((await sender.locator(".say").innerText()).replace(/\D/g, ""), "Mme Essai Standard");
    return unsigned.goto("/link");
  });
}

/** The provider's desk. */
async function answering({ add }, provider) {
  add("inbox", provider, at.inbox);
  await provider.goto(at.inbox);
  const theirs = (await addresses(provider)).filter((a) => link.referral.test(a));
  add("referral-provider", provider, theirs[0]);
  let accepted;
  for (const address of theirs) {
    await provider.goto(address);
    if ((await provider.locator('input[name=command][value="start"]').count()) === 0) continue;
    accepted = address;
    break;
  }
  add("referral-provider-accepted", provider, accepted);
}

/** The directory's entries: a provider's own, one of them, and what the coordination unit keeps. */
async function directory({ add, demo, enter }, office) {
  const centre = await enter(demo.account("focal_point", /centre\.douala/));
  add("entries", centre, at.entries);
  add("entries-errors", centre, at.entries, () => empty(centre, at.entries));
  await centre.goto(at.entries);
  const entry = await firstAddress(centre, link.entry);
  add("entry", centre, entry);
  add("entry-errors", centre, entry, async () => {
    await centre.goto(entry);
    await unguard(centre);
    await centre.locator("#correct > summary").click();
    return send(centre, { telephones: "douze", served_area: "Nullepart-sur-Néant" }, () => press(centre.locator("#correct form")));
  });
  add("moderation", office, at.moderation);
  add("moderation-errors", office, at.moderation, async () => {
    await office.goto(at.moderation);
    const form = office.locator("form", { has: office.locator('[value="refuse"]') }).first();
    await form.locator("summary").click();
    return send(office, {}, () => form.locator('[value="refuse"]').click());
  });
  add("entry-office", office, entry);
  await office.goto(at.moderation);
  const safeguards = await firstAddress(office, link.safeguards);
  add("safeguards", office, safeguards);
  add("safeguards-errors", office, safeguards, async () => {
    await office.goto(safeguards);
    await unguard(office);
    await office.locator("#note > summary").click();
    return send(office, { conduct_and_psea_on: "hier" }, () => press(office.locator("#note form")));
  });
  add("duplicates", office, at.duplicates);
  await office.goto(at.duplicates);
  add("duplicates-pair", office, await office.locator("main a[href*='/pair?']").first().getAttribute("href"));
  add("agreements", office, at.agreements);
  add("agreements-in-force", centre, `${at.agreements}?state=in_force`);
  add("agreement-new", office, at.newAgreement);
  add("agreement-new-errors", office, at.newAgreement, async () => {
    await office.goto(at.newAgreement);
    await unguard(office);
    return send(office, { reference: "", party: "PERSONNE", from: "hier", until: "bientôt" });
  });
  await office.goto(at.agreements);
  const agreement = await firstAddress(office, link.agreement);
  add("agreement", centre, agreement);
  add("agreement-office", office, agreement);
  for (const [panel, answers] of [["signatures", { from: "hier" }], ["denunciation", { on: "hier" }]]) {
    add(`agreement-${panel}-errors`, office, agreement, async () => {
      await office.goto(agreement);
      await unguard(office);
      const form = office.locator(`#${panel} form`);
      await office.locator(`#${panel} > summary`).click();
      for (const [name, value] of Object.entries(answers)) await form.locator(`[name=${name}]`).fill(value);
      return send(office, {}, () => press(form));
    });
  }
  add("programmes", office, at.programmes);
  add("programmes-soon", centre, `${at.programmes}?state=soon`);
  add("programme-new", office, at.newProgramme);
  add("programme-new-errors", office, at.newProgramme, async () => {
    await office.goto(at.newProgramme);
    await unguard(office);
    return send(office, { code: "deux mots", organisation: "PERSONNE", until: "bientôt" });
  });
  await office.goto(at.programmes);
  const programme = await firstAddress(office, link.programme);
  add("programme", centre, programme);
  add("programme-office", office, programme);
  add("programme-errors", office, programme, async () => {
    await office.goto(programme);
    await unguard(office);
    await office.locator("#correct > summary").click();
    return send(office, { name_fr: "", until: "bientôt" }, () => press(office.locator("#correct form")));
  });
  add("ratification", office, at.ratification);
  add("ratification-errors", office, at.ratification, async () => {
    await office.goto(at.ratification);
    const noting = office.locator(`form[action="${at.ratification}/session"]`);
    if ((await noting.count()) === 0) await press(office.locator(`form[action="${at.ratification}"]`));
    await unguard(office);
    return send(office, { held_on: "hier", apart: "la première" }, () => press(noting));
  });
  // As long as the list, and made for paper, like the booklet.
  for (const lang of ["fr", "en"]) {
    const sheet = await office.context().request.get(`${demo.base}${at.ratificationSheet}?lang=${lang}`);
    hold(sheet.ok() && /class="rat"/.test(await sheet.text()), `the sheet for the committee (${lang}) is not there`);
  }
}

/** The directory for whoever has no account, and as a document. */
async function publicDirectory({ add, demo, stranger }, office) {
  const nobody = await stranger();
  add("public", nobody, at.public);
  add("public-services", nobody, at.publicServices("mal au dos garua zyzzyva", "Garoua"));
  add("public-services-errors", nobody, at.publicServices("couture", "Nullepart-sur-Néant"));
  await nobody.goto(at.publicServices("couture"));
  add("public-service", nobody, await firstAddress(nobody, link.publicEntry));
  add("booklet", office, at.booklet);
  add("bridges", office, at.bridges);
  add("documents", office, at.documents);
  add("documents-en", office, `${at.documents}?lang=en`);
  add("redline", office, at.redline("DOC10"));
  await office.goto(at.documents);
  const files = await office.locator('main a[href^="/documents/file"]').evaluateAll((links) => links.map((a) => a.href));
  hold(files.length >= 8, `${files.length} files of documents`);
  for (const file of files) {
    const answer = await office.context().request.get(file);
    const begins = (await answer.body()).subarray(0, 2).toString();
    hold(answer.ok() && begins === (file.includes("as=docx") ? "PK" : file.includes("as=pdf") ? "%P" : "<!"), `${file} is not there`);
  }
  const sheet = await office.context().request.get(`${demo.base}${at.documentSheet}`);
  hold(sheet.ok() && (await sheet.body()).subarray(0, 2).toString() === "PK", "the monthly sheet’s workbook is not there");
  add("form-paper", office, at.formPaper("F4"));
  for (const [ending, first] of [["pdf", "%P"], ["docx", "PK"], ["html", "<!"]]) {
    const answer = await office.context().request.get(`${demo.base}${at.formPaper("F1E")}.${ending}`);
    hold(answer.ok() && (await answer.body()).subarray(0, 2).toString() === first, `F1E.${ending} is not there`);
  }
  // As long as the directory, and made for paper: looked at here, and exempt from what a page on screen may weigh.
  for (const query of ["", "?region=CM005&for=partners&lang=en"]) {
    const printed = await office.context().request.get(`${demo.base}${at.bookletPrint}${query}`);
    const text = await printed.text();
    hold(printed.ok() && /class="cover"/.test(text) && /class="index"/.test(text), `the booklet${query} is not there`);
  }
}

/** The secretariat: what is late, whom it called, who is on call, the figures. */
async function officeDesk({ add, demo }, office) {
  add("late", office, at.late);
  add("watch-office", office, at.watch);
  add("on-call", office, at.onCall);
  add("on-call-line", office, `${at.onCall}?region=CM005&rank=1`);
  add("coordination", office, at.coordination);
  add("matrix", office, `${at.matrix()}?target=women&by=place`);
  add("matrix-region", office, at.matrix("CM002"));
  add("matrix-category", office, `${at.matrix()}?category=MED`);
  add("matrix-together", office, `${at.matrix()}?category=all`);
  add("gaps", office, at.gaps);
  add("report", office, at.report("fr"));
  add("report-english", office, at.report("en"));
  const table = await office.context().request.get(`${demo.base}${at.matrixFile}?as=csv`);
  hold(/^attachment/.test(table.headers()["content-disposition"] ?? ""), "the matrix is no file to be kept");
  const led = await office.context().request.get(`${demo.base}${at.matrixCell.replace("{region}", "CM005").replace("{category}", "VTC")}`, { maxRedirects: 0 });
  hold(/^\/services\?/.test(led.headers().location ?? ""), "a number of the matrix leads to no search");
  add("exchange", office, at.exchange);
  const file = await office.context().request.get(`${demo.base}${at.export}?as=csv`);
  hold(/^attachment/.test(file.headers()["content-disposition"] ?? ""), "the directory is no file to be kept");
  const bring = async (text) => {
    await office.goto(at.exchange);
    await office.locator("input[type=file]").setInputFiles({ name: "annuaire.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    return send(office, {}, () => press(office.locator('form[action="/directory/import"]')));
  };
  add("exchange-errors", office, at.exchange, () => bring("Nom;Sexe\nEssai;F\n"));
  // The first region becomes none: lines that change, and lines that are wrong.
  const changed = (await file.text()).replaceAll(";Littoral;Wouri;", ";Littoral;Nulle part;").replaceAll("lun.–ven.", "lun.–sam.");
  add("exchange-look", office, at.exchange, async () => {
    await bring(changed);
    return office.goto(office.url());
  });
  await office.goto(at.late);
  const there = await addresses(office);
  const calls = there.find((a) => link.lateCalls.test(a));
  add("late-calls", office, calls);
  add("late-calls-errors", office, calls, async () => {
    await office.goto(calls);
    return send(office, { answered_by: "", promised_on: "demain" });
  });
  let letter;
  for (const address of there.filter((a) => link.referral.test(a)).slice(0, 20)) {
    await office.goto(address);
    letter = await firstAddress(office, link.letter);
    if (letter) break;
  }
  add("letter", office, letter);
}

/** The registers of the institution: an indicator on the agenda, what was decided on it, and how others read it. */
async function institution({ add, demo }, office, reader) {
  const added = async (address, answers) => {
    await office.goto(address);
    await send(office, answers);
    const path = new URL(office.url()).pathname;
    hold(link.line.test(path), `nothing was added at ${address}: ${path}`);
    return path;
  };
  const item = await added(at.newLine("agenda", "?indicator=A05"), { "f.subject": "Essai : trop de dérogations" });
  const owner = { "f.owner": "Secrétariat technique" };
  const decision = await added(at.newLine("decision", `?agenda=${item.split("/").pop()}`), { ...owner, "f.text": "Essai : former de nouveau", "f.due": "30/11/2030" });
  add("registers", office, at.registers);
  add("registers-reader", reader, at.registers);
  add("register", office, at.register("decision"));
  add("register-reader", reader, `${at.register("decision")}?state=open`);
  add("register-sealed", office, at.register("interview"));
  add("line-new", office, at.newLine("agenda", "?indicator=A05"));
  add("line-new-errors", office, at.newLine("decision"), async () => {
    await office.goto(at.newLine("decision"));
    await unguard(office);
    return send(office, { "f.due": "bientôt" });
  });
  add("line", office, decision);
  add("line-reader", reader, decision);
  add("line-errors", office, decision, async () => {
    await office.goto(decision);
    await unguard(office);
    await office.locator("#change > summary").click();
    return send(office, { "f.text": "", "f.due": "bientôt" }, () => press(office.locator("#change form")));
  });
  const dates = await office.context().request.get(`${demo.base}${at.calendar}`);
  hold(/^BEGIN:VCALENDAR\r\n/.test(await dates.text()) && /^attachment/.test(dates.headers()["content-disposition"] ?? ""), "the dates are no calendar to be kept");
}

/** The door for complaints, and who receives them. */
async function complaints({ add, demo, enter, stranger }, office) {
  const unsigned = await stranger();
  const complaining = async () => {
    await unsigned.goto(at.complaint);
    return send(unsigned, { kind: "delay", facts: "Essai : attendu trois jours sans nouvelle.", organisation: "Structure d'essai" });
  };
  add("complaint", unsigned, at.complaint);
  add("complaint-errors", unsigned, at.complaint, async () => {
    await unsigned.goto(at.complaint);
    await unguard(unsigned);
    return send(unsigned);
  });
  add("complaint-done", unsigned, at.complaint, complaining);
  add("complaint-follow", unsigned, at.complaintFollow);
  add("complaint-followed", unsigned, at.complaintFollow, async () => {
    await complaining();
    const [number, code] = await unsigned.locator(".say").allInnerTexts();
    await unsigned.goto(at.complaintFollow);
    return send(unsigned, { number, code });
  });
  add("complaints", office, at.complaints);
  await complaining();
  await office.goto(at.complaints);
  add("complaint-one", office, await firstAddress(office, link.complaint));
  const recipient = await enter(demo.account("complaint_recipient"));
  add("complaints-none", recipient, at.complaints);
}

/** A computer that several people use; a session that ended while somebody was typing. */
async function sharedPost(world, sender) {
  const { add, demo, chrome, look } = world;
  const computer = await make.tied(demo, chrome, sender, look);
  const leave = async () => {
    const out = computer.locator('form[action="/sign-out"] button');
    if ((await out.count()) > 0) await out.click();
    return computer.goto(at.post);
  };
  add("post", computer, at.post, leave);
  add("post-refused", computer, at.post, async () => {
    await leave();
    return make.open(computer, "000111");
  });
  await make.open(computer);
  await make.typedTooLate(demo, computer);
  add("post-held", computer, at.held, async () => {
    await leave();
    await make.open(computer);
    return computer.goto(at.held);
  });
}

/** The pages of an arrival of many, from its list to a row; each is made when it is first opened. */
async function arrivalOfMany({ add }, sender) {
  const made = {};
  const list = async () => {
    if (!made.draft) {
      await prepareArrival(sender);
      made.draft = new URL(sender.url()).pathname.split("/")[2];
    }
    return sender.goto(at.groupList(made.draft));
  };
  const queue = async () => {
    if (!made.group) {
      await prepareArrival(sender);
      made.group = new URL(sender.url()).pathname.split("/")[2];
      await press(sender, /Faire la file|Make the queue/);
    }
    return sender.goto(at.group(made.group));
  };
  const row = async () => {
    await queue();
    await press(sender, /Prendre la personne|Reprendre|Take the next|Go on/);
    return sender.goto(new URL(sender.url()).pathname);
  };
  add("groups", sender, at.groups);
  add("group-new", sender, at.newGroup);
  add("group-new-errors", sender, at.newGroup, async () => {
    await sender.goto(at.newGroup);
    await sender.locator("input[type=file]").setInputFiles({ name: "liste.csv", mimeType: "text/csv", buffer: Buffer.from("\u0000\u0001") });
    return send(sender);
  });
  add("group-list", sender, at.groups, list);
  add("group", sender, at.groups, queue);
  add("expected", sender, at.groups, row);
  add("expected-errors", sender, at.groups, async () => {
    await row();
    await unguard(sender);
    await fill(sender, "F1E.05", "douze ans");
    const [answer] = await Promise.all([sender.waitForResponse((r) => r.request().method() === "POST" && r.status() !== 303), press(sender, /Enregistrer, puis|Register, then/)]);
    return answer;
  });
  add("bracelets", sender, at.groups, async () => {
    await queue();
    return sender.goto(at.bracelets(made.group));
  });
}

/** One address of each kind, found on the sender's day and in the list of cases. */
async function explore(page) {
  const found = {};
  const needs = new Set();
  const take = async () => {
    for (const address of await addresses(page)) {
      if (link.refer.test(address)) needs.add(address);
      for (const kind of ["refer", "referral", "telephone", "confirm", "link", "calls"]) if (link[kind].test(address)) found[kind] ??= address;
    }
  };
  await openDay(page, async () => {
    await take();
    return false;
  });
  await page.goto(at.cases);
  const cases = (await addresses(page)).filter((a) => link.case.test(a));
  const referrals = new Set();
  for (const address of cases.slice(0, 25)) {
    await page.goto(address);
    found.case ??= address.match(link.case)[1];
    await take();
    for (const a of await addresses(page)) if (link.referral.test(a)) referrals.add(a);
    if (found.refer && found.telephone && found.confirm && found.link) break;
  }
  for (const address of [found.refer, ...needs].filter(Boolean)) {
    if (found.choose) break;
    await page.goto(address);
    if ((await page.locator("main input[name=service]").count()) > 0) found.choose = address;
  }
  for (const address of [...referrals].slice(0, 40)) {
    if (found.telephone && found.confirm && found.link) break;
    await page.goto(address);
    await take();
  }
  return found;
}

// ---- the law -----------------------------------------------------------------------------------------------------------

/** Every address that the server answers to people with a page, as its table of routes has it. */
export function pageRoutes() {
  const table = readFileSync(join(top, "crates/relais-server/src/routes.rs"), "utf8");
  const routes = [...table.matchAll(/^ +get "([^"]+)", Page,/gm)].map(([, path]) => path);
  hold(routes.length >= 50, `the table of routes has ${routes.length} pages: it is no longer read as it is written`);
  return routes;
}

/** The route of a path, or undefined. What stands for an id is an id: the page of a new case is none of a case. */
function routeOf(path, routes) {
  const held = (name) => (name === "id" ? "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" : "[^/]+");
  return routes.find((route) => new RegExp(`^${route.replace(/\{(\w+)\}/g, (_, name) => held(name))}$`).test(path));
}

/** Which pages of the table were looked at, and how. */
export class Visits {
  constructor() {
    this.routes = pageRoutes();
    this.ways = new Map(this.routes.map((route) => [route, new Set()]));
  }

  /** Notes a look at what the server answered: only a page that was asked for and was there counts as itself. */
  note(answer, way) {
    if (answer.request().method() !== "GET" || answer.status() !== 200) return;
    if (!/^text\/html/.test(answer.headers()["content-type"] ?? "")) return;
    const route = routeOf(new URL(answer.url()).pathname, this.routes);
    if (route) this.ways.get(route).add(way);
  }

  /**
   * Whether every page was looked at in every way; tells each that was not by its name. A route that shows no page, but leads
   * on or answers a machine, must prove it.
   */
  async check(demo, ways) {
    const left = [];
    for (const [route, seen] of this.ways) {
      const missing = ways.filter((way) => !seen.has(way));
      // A file, or a way to a page, and no page: `officeDesk` or `institution` has looked at it. A document for paper: `publicDirectory` or `directory` has.
      if (missing.length === 0 || [at.export, at.matrixFile, at.matrixCell, at.bookletPrint, at.ratificationSheet, at.documentFile, at.formPrinted, at.documentSheet, at.calendar].includes(route)) continue;
      const path = route.replace("{lang}", "fr").replace("{secret}", "x");
      if (seen.size === 0 && !path.includes("{")) {
        const answer = await fetch(demo.base + path, { redirect: "manual" });
        const leadsOn = answer.status >= 300 && answer.status < 400 && !/^\/(sign-in|post)\?next=/.test(answer.headers.get("location") ?? "");
        if (leadsOn || (answer.ok && !/^text\/html/.test(answer.headers.get("content-type") ?? ""))) continue;
      }
      left.push(`${route}: ${missing.join(", ")}`);
    }
    hold(left.length === 0, `pages that nobody looked at:\n${left.join("\n")}`);
  }
}
