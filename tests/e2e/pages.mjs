// Addresses, words on buttons, field names and selectors of the pages, in one place: a page that changes is followed here.
import { randomUUID } from "node:crypto";
import { fill, hold, session } from "./lib.mjs";

export const at = {
  signIn: "/sign-in",
  language: (lang) => `/language/${lang}`,
  day: "/day",
  arrival: "/arrivals/new",
  groups: "/groups",
  newGroup: "/groups/new",
  group: (id) => `/groups/${id}`,
  groupList: (id) => `/groups/${id}/list`,
  bracelets: (id) => `/groups/${id}/bracelets`,
  cases: "/cases",
  case: (id) => `/cases/${id}`,
  consent: (id) => `/cases/${id}/consent`,
  newNeed: (id) => `/cases/${id}/needs/new`,
  close: (id) => `/cases/${id}/close`,
  child: (id) => `/cases/${id}/child`,
  form: (id, form) => `/cases/${id}/forms/${form}`,
  section: (id, form, section) => `/cases/${id}/forms/${form}/${section}`,
  end: (id) => `/cases/${id}/end`,
  reopen: (id) => `/cases/${id}/reopen`,
  protection: (id) => `/cases/${id}/protection`,
  refer: (need) => `/needs/${need}/refer`,
  referral: (id) => `/referrals/${id}`,
  telephone: (id) => `/referrals/${id}/telephone`,
  calls: (id) => `/referrals/${id}/calls`,
  watch: "/watch",
  onCall: "/on-call",
  post: "/post",
  account: "/account",
  confirm: (id) => `/referrals/${id}/confirm`,
  link: (id) => `/referrals/${id}/link`,
  slip: (id) => `/referrals/${id}/slip`,
  letter: (id) => `/referrals/${id}/letter`,
  unmet: (need) => `/needs/${need}/unmet`,
  transfer: (id) => `/cases/${id}/transfer`,
  assign: (id) => `/cases/${id}/assign`,
  slipIn: "/slip",
  emergency: "/emergency",
  inbox: "/inbox",
  late: "/late",
  complaint: "/complaint",
  complaintFollow: "/complaint/follow",
  complaints: "/complaints",
};

const uuid = "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})";
export const link = {
  case: new RegExp(`^/cases/${uuid}$`),
  refer: new RegExp(`^/needs/${uuid}/refer`),
  referral: new RegExp(`^/referrals/${uuid}$`),
  telephone: new RegExp(`^/referrals/${uuid}/telephone$`),
  calls: new RegExp(`^/referrals/${uuid}/calls$`),
  confirm: new RegExp(`^/referrals/${uuid}/confirm$`),
  link: new RegExp(`^/referrals/${uuid}/link$`),
  complaint: new RegExp(`^/complaints/${uuid}$`),
};

/** The kit's parts that tests look at. */
export const kit = {
  summary: ".note.stop[role=alert]",
  fieldError: ".err > .msg",
  refusal: ".note.stop, .note.warn",
  item: ".list > .item",
  preview: ".see",
  drill: ".drill",
};

export const button = {
  signIn: /^(Entrer|Sign in)$/,
  signOut: /^(Quitter|Sign out)$/,
};

/** Presses the first visible submit button of the page's main part, or the one with these words. */
export async function press(page, name) {
  const main = page.goto ? page.locator("main") : page; // a page, or one form of it
  const target = name ? main.getByRole("button", { name }) : main.locator("button:not([type=button])");
  await target.first().click();
  await (page.goto ? page : page.page()).waitForLoadState("load");
}

/** The addresses on the page, links and forms alike, without what follows `?` or `#`. */
export async function addresses(page) {
  const found = await page
    .locator("a[href], form[action]")
    .evaluateAll((elements) => elements.map((e) => e.getAttribute("href") ?? e.getAttribute("action")));
  return [...new Set(found.map((address) => address.split(/[?#]/)[0]))];
}

/** The first address on the page that matches, or undefined. */
export const firstAddress = async (page, pattern) => (await addresses(page)).find((address) => pattern.test(address));

export async function signIn(page, account) {
  await page.goto(at.signIn);
  await fill(page, "login", account.login);
  await fill(page, "password", account.password);
  await press(page, button.signIn);
  hold(new URL(page.url()).pathname !== at.signIn, `signing in as ${account.login} came back to ${page.url()}`);
}

/** A page signed in with this language; the user's own setting gives way to the choice. */
export async function signedIn(demo, chrome, account, look = {}) {
  const page = await session(chrome, demo.base, look);
  await signIn(page, account);
  await page.goto(at.language(look.lang ?? "fr"));
  return page;
}

/** What a hurried case manager may type into F1E: at least ten answers wrong or missing. `null` stays unanswered. */
export const tenErrors = {
  "F1E.01": "Bracelet bleu numéro quatre cent douze",
  "F1E.02": null,
  "F1E.03": "Essai ".repeat(60).trim(),
  "F1E.04": null,
  "F1E.05": "douze ans",
  "F1E.06": null,
  "F1E.07": null,
  "F1E.08": "Nullepart-sur-Néant",
  "F1E.09": ["CALL", "NONE"],
  "F1E.10": "+237 6 77 00",
  "F1E.11": null,
  happened_at: "hier vers midi",
};

/** Takes the browser's own checks off, as an old phone would, so that the server meets the answers as typed. */
export async function unguard(page) {
  await page.evaluate(() => {
    for (const form of document.forms) form.noValidate = true;
    for (const field of document.querySelectorAll("[maxlength]")) field.removeAttribute("maxlength");
  });
}

/** The form F1E, as it comes back with ten answers to correct. */
export async function arrivalWithErrors(page) {
  await page.goto(at.arrival);
  await unguard(page);
  for (const [name, value] of Object.entries(tenErrors)) if (value !== null) await fill(page, name, value);
  const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === "POST"), press(page)]);
  return answer;
}

/** An emergency sent through the API, for the page on which its calls are noted; the referral's id. */
async function emergency(demo) {
  const { token } = demo.account("case_manager");
  const ask = async (path, body) => {
    const answer = await fetch(demo.base + path, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    hold(answer.ok, `${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
  const one = (answers) => Object.fromEntries(Object.entries(answers).map(([code, value]) => [code, [value]]));
  const [person, need, sent] = [randomUUID(), randomUUID(), randomUUID()];
  const arrival = { "F1E.01": "B-999", "F1E.02": "yes", "F1E.03": "Essai Urgence", "F1E.04": "F", "F1E.05": "30", "F1E.06": "alone", "F1E.07": "centre", "F1E.08": "Garoua", "F1E.09": "CALL", "F1E.10": "677123456", "F1E.11": "fra" };
  await ask("/api/v1/cases", { id: person, answers: one(arrival) });
  await ask(`/api/v1/cases/${person}/needs`, { id: need, service: "MED.01", priority: "P1", words: "" });
  const offers = await ask(`/api/v1/needs/${need}/services`);
  await ask(`/api/v1/needs/${need}/referrals`, { id: sent, service: offers.proposals[0].id, words: "", person_informed: true, provider_called: true, stays_with: "Essai", interim: "Essai" });
  return sent;
}

/**
 * Every page of the deployment, as somebody who may see it: `{ name, as, open() }`, where `open` goes there and resolves
 * to the server's answer. Ids are found by following the demonstration's own links.
 */
export async function everyPage(demo, chrome, look = {}) {
  const pages = [];
  const add = (name, as, path, open = () => as.goto(path)) =>
    pages.push({
      name,
      as,
      open: async () => {
        hold(path, `no link to the page "${name}" was found in the demonstration`);
        const answer = await open();
        hold(answer, `${path} gave no answer`);
        return answer;
      },
    });

  const nobody = await session(chrome, demo.base, look);
  await nobody.goto(at.language(look.lang ?? "fr"));
  add("sign-in", nobody, at.signIn);
  add("sign-in-refused", nobody, at.signIn, async () => {
    await nobody.goto(at.signIn);
    await fill(nobody, "login", "personne");
    await fill(nobody, "password", "inconnu-au-bataillon");
    const [answer] = await Promise.all([nobody.waitForResponse((r) => r.request().method() === "POST"), press(nobody, button.signIn)]);
    return answer;
  });

  const sender = await signedIn(demo, chrome, demo.account("case_manager"), look);
  const found = await explore(sender);
  add("day", sender, at.day);
  add("arrival", sender, at.arrival);
  add("arrival-perhaps", sender, at.arrival, async () => {
    await sender.goto(at.arrival);
    await fill(sender, "F1E.03", "Essai Quelconquedemo");
    const [answer] = await Promise.all([sender.waitForResponse((r) => r.request().method() === "POST"), press(sender, /Chercher d.abord|Look first/)]);
    return answer;
  });
  add("arrival-errors", sender, at.arrival, () => arrivalWithErrors(sender));
  await arrivalOfMany(add, sender);
  add("cases", sender, at.cases);
  add("case", sender, found.case && at.case(found.case));
  add("consent", sender, found.case && at.consent(found.case));
  add("need", sender, found.case && at.newNeed(found.case));
  add("close", sender, found.case && at.close(found.case));
  add("child", sender, found.case && at.child(found.case));
  for (const form of ["F1", "F2"]) {
    add(`form-${form}`, sender, found.case && at.form(found.case, form));
    add(`section-${form}`, sender, found.case && at.section(found.case, form, "frame"));
  }
  add("section-factors", sender, found.case && at.section(found.case, "F2", "individual"));
  add("transfer", sender, found.case && at.transfer(found.case));
  add("assign", sender, found.case && at.assign(found.case));
  const given = found.refer && at.unmet(found.refer.match(link.refer)[1]);
  add("unmet", sender, given);
  add("unmet-errors", sender, given, () => empty(given));
  add("protection", sender, found.case && at.protection(found.case));
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
  add("confirm", sender, found.confirm);
  add("payment", sender, found.referral && `${found.referral}/payment`);
  const empty = async (path) => {
    await sender.goto(path);
    await unguard(sender);
    const [answer] = await Promise.all([sender.waitForResponse((r) => r.request().method() === "POST"), press(sender.locator('main form[method="post"]').first())]);
    return answer;
  };
  for (const [name, path] of Object.entries({ "consent-errors": found.case && at.consent(found.case), "need-errors": found.case && at.newNeed(found.case), "telephone-errors": found.telephone, "confirm-errors": found.confirm, "emergency-errors": at.emergency })) {
    add(name, sender, path, () => empty(path));
  }
  add("emergency", sender, at.emergency);
  add("share", sender, found.link);
  const calls = found.calls ?? at.calls(await emergency(demo));
  add("calls", sender, calls);
  add("watch", sender, at.watch);
  add("account", sender, at.account);
  add("account-errors", sender, at.account, () => empty(at.account));
  const paper = found.link && at.slip(found.link.match(link.link)[1]);
  add("slip", sender, paper, async () => {
    await sender.goto(paper);
    if ((await sender.locator(".sheet").count()) === 0) await press(sender, /Préparer|Prepare/);
    return sender.goto(paper);
  });
  add("slip-in", sender, at.slipIn);
  const making = async () => {
    await sender.goto(found.link);
    const [answer] = await Promise.all([sender.waitForResponse((r) => r.request().method() === "POST"), press(sender, /Faire un|Make a/)]);
    return answer;
  };
  add("share-made", sender, found.link, making);
  const unsigned = await session(chrome, demo.base, look);
  await unsigned.goto(at.language(look.lang ?? "fr"));
  add("slip-in-open", unsigned, at.slipIn);
  add("slip-in-errors", unsigned, at.slipIn, async () => {
    await unsigned.goto(at.slipIn);
    await unguard(unsigned);
    const [answer] = await Promise.all([unsigned.waitForResponse((r) => r.request().method() === "POST"), press(unsigned)]);
    return answer;
  });
  add("link-none", unsigned, "/link");
  add("post-untied", unsigned, at.post);
  add("link-code", unsigned, `/link/${look.lang ?? "fr"}/x`);
  const typing = async (code, name) => {
    for (const [field, value] of Object.entries({ code, name, telephone: "+237 2 22 00 00 01" })) await fill(unsigned, field, value);
    const [answer] = await Promise.all([unsigned.waitForResponse((r) => r.request().method() === "POST"), press(unsigned)]);
    await unsigned.waitForLoadState("load");
    return answer;
  };
  add("link-code-errors", unsigned, "/link", () => typing("000000", ""));
  add("link-opened", unsigned, found.link, async () => {
    await making();
    await unsigned.goto(await sender.locator("#address").inputValue());
    await typing((await sender.locator(".say").innerText()).replace(/\D/g, ""), "Mme Essai Standard");
    return unsigned.goto("/link");
  });
  add("not-there", sender, at.case("01900000-0000-7000-8000-000000000000"));

  const provider = await signedIn(demo, chrome, demo.account("focal_point"), look);
  add("inbox", provider, at.inbox);
  await provider.goto(at.inbox);
  const theirs = (await addresses(provider)).filter((a) => link.referral.test(a));
  add("referral-provider", provider, theirs[0]);
  let accepted;
  for (const address of theirs) {
    await provider.goto(address);
    if ((await provider.locator('input[name=command][value="start"]').count()) > 0) accepted ??= address;
  }
  add("referral-provider-accepted", provider, accepted);

  const secretariat = await signedIn(demo, chrome, demo.account("secretariat"), look);
  add("late", secretariat, at.late);
  add("watch-office", secretariat, at.watch);
  add("on-call", secretariat, at.onCall);
  add("on-call-line", secretariat, `${at.onCall}?region=CM005&rank=1`);
  let letter;
  await secretariat.goto(at.late);
  for (const address of (await addresses(secretariat)).filter((a) => link.referral.test(a)).slice(0, 20)) {
    await secretariat.goto(address);
    letter ??= await firstAddress(secretariat, /^\/referrals\/[0-9a-f-]{36}\/letter$/);
    if (letter) break;
  }
  add("letter", secretariat, letter);

  const posting = async (page, answers) => {
    for (const [field, value] of Object.entries(answers)) await fill(page, field, value);
    const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === "POST"), press(page)]);
    await page.waitForLoadState("load");
    return answer;
  };
  const complaining = async () => {
    await unsigned.goto(at.complaint);
    return posting(unsigned, { kind: "delay", facts: "Essai : attendu trois jours sans nouvelle.", organisation: "Structure d'essai" });
  };
  add("complaint", unsigned, at.complaint);
  add("complaint-errors", unsigned, at.complaint, async () => {
    await unsigned.goto(at.complaint);
    await unguard(unsigned);
    return posting(unsigned, {});
  });
  add("complaint-done", unsigned, at.complaint, complaining);
  add("complaint-follow", unsigned, at.complaintFollow);
  add("complaint-followed", unsigned, at.complaintFollow, async () => {
    await complaining();
    const [number, code] = await unsigned.locator(".say").allInnerTexts();
    await unsigned.goto(at.complaintFollow);
    return posting(unsigned, { number, code });
  });
  add("complaints", secretariat, at.complaints);
  await complaining();
  await secretariat.goto(at.complaints);
  add("complaint-one", secretariat, await firstAddress(secretariat, link.complaint));
  const recipient = await signedIn(demo, chrome, demo.account("complaint_recipient"), look);
  add("complaints-none", recipient, at.complaints);

  const supervisor = await signedIn(demo, chrome, demo.account("supervisor"), look);
  add("day-supervisor", supervisor, at.day);
  add("end", supervisor, found.case && at.end(found.case));
  add("end-errors", supervisor, found.case && at.end(found.case), async () => {
    await supervisor.goto(at.end(found.case));
    await unguard(supervisor);
    const [answer] = await Promise.all([supervisor.waitForResponse((r) => r.request().method() === "POST"), press(supervisor)]);
    return answer;
  });
  // An open case answers that there is nothing to reopen.
  add("reopen", supervisor, found.case && at.reopen(found.case));
  return pages;
}

/** A list as a carrier writes it: titles above the header, a family, a formula. Nobody is called so. */
export const passengers =
  "LISTE DES PASSAGERS;;;;;\r\nN°;Nom;Prénoms;Sexe;Âge;Famille\r\n1;Épreuve-Ndjoré;Zébédée;M;41;A\r\n2;Épreuve-Ndjoré;Zoë;F;38;A\r\n" +
  "3;=HYPERLINK(1);X;F;20;\r\n" + Array.from({ length: 30 }, (_, n) => `${n + 4};Épreuve-Attente ${n + 4};Rose;F;${20 + n};`).join("\r\n") + "\r\n";

/** The form of a new arrival, filled, with a list; resolves to the answer that came back. */
export async function prepareArrival(page, list = passengers) {
  await page.goto(at.newGroup);
  await fill(page, "kind", "flight");
  await fill(page, "label", "EX 120");
  await fill(page, "entry_point", "DLA");
  await page.locator("input[type=file]").setInputFiles({ name: "liste.csv", mimeType: "text/csv", buffer: Buffer.from(list) });
  const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === "POST"), press(page)]);
  await page.waitForLoadState("load");
  return answer;
}

/** The pages of an arrival of many, from its list to a row; each is made when it is first opened. */
async function arrivalOfMany(add, sender) {
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
    const [answer] = await Promise.all([sender.waitForResponse((r) => r.request().method() === "POST"), press(sender)]);
    return answer;
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

/** Statuses that a page may show on purpose: what was typed is wrong, or what was asked does not exist. */
export const expected = (name) =>
  /-errors$/.test(name) ? [422] : ({ "sign-in-refused": [401, 403, 422], "not-there": [404] })[name] ?? [200];

/** Opens my day, and what a full section shows behind its link, until `there` says that the thing sought is on the page. */
export async function openDay(page, there) {
  const next = [at.day];
  const seen = new Set();
  while (next.length > 0) {
    const address = next.shift();
    if (seen.has(address)) continue;
    seen.add(address);
    await page.goto(address);
    if (await there()) return true;
    next.push(...(await page.locator(`main a[href^="${at.day}?"]`).evaluateAll((all) => all.map((a) => a.getAttribute("href")))));
  }
  return false;
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

// ---- what a user does, page by page ------------------------------------------------------------------------------------

/** Fills the named fields and sends the form; a page that comes back with errors is told with its own words. */
export async function submit(page, answers, name) {
  for (const [field, value] of Object.entries(answers)) await fill(page, field, value);
  await press(page, name);
  const errors = await page.locator(`${kit.summary}, ${kit.fieldError}`).allInnerTexts();
  hold(errors.length === 0, `the form at ${page.url()} came back: ${errors.join(" / ")}`);
}

/** Registers an arrival with form F1E; resolves to the id of the new case. */
export async function registerArrival(page, answers) {
  await page.goto(at.arrival);
  await submit(page, answers);
  const path = new URL(page.url()).pathname;
  const id = path.match(/^\/cases\/([0-9a-f-]{36})/)?.[1];
  hold(id, `after registering, the page is ${path}, not a case`);
  return id;
}

/** Records consent on form F3: what is given, and that the person may share the classes which the need asks for. */
export async function recordConsent(page, id, answers) {
  await page.goto(at.consent(id));
  await submit(page, answers);
}

/** Adds a need; resolves to the id of the need, read from the link that refers it. */
export async function addNeed(page, id, answers) {
  await page.goto(at.case(id));
  const before = new Set((await addresses(page)).filter((a) => link.refer.test(a)));
  await page.goto(at.newNeed(id));
  await submit(page, answers);
  await page.goto(at.case(id));
  const fresh = (await addresses(page)).filter((a) => link.refer.test(a) && !before.has(a));
  hold(fresh.length === 1, `the case offers ${fresh.length} new needs to refer, not one`);
  return fresh[0].match(link.refer)[1];
}

/** A choice among the services proposed for a need, on the page that refers it, all pages of the list. */
async function cards(page, need, visit) {
  await page.goto(at.refer(need));
  for (let turned = 0; turned < 12; turned += 1) {
    for (const card of await page.locator(".card").all()) {
      const found = await visit(await card.innerText(), await card.locator("input[name=service]").getAttribute("value"));
      if (found) return found;
    }
    const more = page.locator('main a.btn[href*="after="]');
    if ((await more.count()) === 0) return undefined;
    await more.first().click();
    await page.waitForLoadState("load");
  }
  return undefined;
}

/** The id of the first proposed service whose card has these words. */
export async function findService(page, need, words) {
  const seen = [];
  const id = await cards(page, need, async (text, service) => {
    seen.push(text.split("\n")[0]);
    return words.test(text.replace(/[\u00a0\u202f]/g, " ")) && service;
  });
  hold(id, `no proposed service says ${words}; proposed are: ${seen.join(" / ") || "none"}`);
  return id;
}

/** Chooses the service and looks at what it will see; resolves to the three panes' texts. */
export async function preview(page, need, service) {
  await page.goto(at.refer(need));
  const shown = page.locator(`input[name=service][value="${service}"]`);
  if ((await shown.count()) > 0) {
    await shown.first().check({ force: true });
    await press(page.locator("form[method=get]"));
  } else {
    await page.goto(`${at.refer(need)}?service=${service}`); // it stands on a later page of the list
  }
  const panes = await page.locator(`${kit.preview} > div`).allInnerTexts();
  hold(panes.length === 3, `${panes.length} panes of preview, not three`);
  const [now, after, never] = panes;
  return { now, after, never };
}

/** Sends the referral whose preview is on the page; resolves to its id. */
export async function sendReferral(page, answers) {
  const form = page.locator("form[method=post]", { has: page.locator("input[name=service]") });
  for (const [field, value] of Object.entries(answers)) await fill(form, field, value);
  await form.locator("button.btn.big").click();
  await page.waitForLoadState("load");
  const errors = await page.locator(`${kit.summary}, ${kit.fieldError}`).allInnerTexts();
  hold(errors.length === 0, `the referral was not sent: ${errors.join(" / ")}`);
  const here = new URL(page.url()).pathname.match(link.referral)?.[1];
  const id = here ?? (await firstAddress(page, link.referral))?.match(link.referral)[1];
  hold(id, `after sending, the page ${page.url()} leads to no referral`);
  return id;
}

/** One act on the referral that is on the page: opens its panel, fills it, presses its button (the first, or by value). */
export async function act(page, command, answers = {}, value) {
  const form = page.locator("form[method=post]", { has: page.locator(`input[name=command][value="${command}"]`) });
  hold((await form.count()) > 0, `the page ${page.url()} does not offer "${command}"`);
  const details = form.first().locator("details");
  if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
  for (const [field, answer] of Object.entries(answers)) await fill(form.first(), field, answer);
  const buttons = form.first().locator(value ? `button[value="${value}"]` : "button");
  await buttons.first().click();
  await page.waitForLoadState("load");
  const errors = await page.locator(`${kit.summary}, ${kit.fieldError}`).allInnerTexts();
  hold(errors.length === 0, `"${command}" came back: ${errors.join(" / ")}`);
}

/** The code of the case on the page, as "CM-MNR-2026-LT-000132-V". */
export const caseCode = async (page) => (await page.locator("main .code").first().innerText()).trim();

/** The provider of the journey: its account in the demonstration, and the words on its card. */
export const provider = /garoua/i;
export const hospital = /(H[oô]pital r[eé]gional|Regional hospital).*Garoua/is;
/** The same in the list of real facilities, as that list writes it; no entry of the demonstration. */
export const realHospital = /^(?!.*d[eé]monstration).*Garoua H[oô]pital R[eé]gional/is;

/** How a case says that a need is met, and that it is closed. */
export const met = /satisfait|couvert|\bmet\b/i;
export const closed = /\bclos|closed/i;

/** What the journeys type. Nobody is called so; the number is in no use. */
export const story = {
  name: "Zébédée Épreuve-Ndjoré",
  phone: "+237 6 99 12 34 57",
  arrival: {
    "F1E.02": "yes", "F1E.03": "Zébédée Épreuve-Ndjoré", "F1E.04": "M", "F1E.05": "27", "F1E.06": "group", "F1E.07": "own",
    "F1E.08": "Garoua", "F1E.09": ["CALL"], "F1E.10": "+237 6 99 12 34 57", "F1E.11": "fra",
  },
  /** An answer of the class "family" (F1E.06), in both languages: no provider of this story may read it. */
  family: /Groupe sans lien familial|Group, no family link/,
  consent: {
    "F3.01": "fra", "F3.03": "yes", "F3.04": "yes", "F3.05": "yes", "F3.10": "SELF",
    "F3.20": "granted", "F3.21": "granted", "F3.22": "granted", c3_service: "any", c3_classes: ["identity", "contact"],
    "F3.24": "refused", "F3.25": "not_asked", "F3.26": "refused", "F3.28": "granted", "F3.29": "granted", "F3.40": "WRITTEN", "F3.41": "Signé sur papier (essai)",
  },
  need: { service: "MED.02", priority: "P3", words: "" },
  secondNeed: { service: "RCP.05", priority: "P3", words: "" },
  send: { person_informed: "yes" },
};
