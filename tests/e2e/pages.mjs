// Addresses, words on buttons, field names and selectors of the pages, in one place: a page that changes is followed here.
import { fill, hold, session, source } from "./lib.mjs";

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
  withdraw: (id) => `/cases/${id}/withdraw`,
  consent: (id) => `/cases/${id}/consent`,
  newNeed: (id) => `/cases/${id}/needs/new`,
  close: (id) => `/cases/${id}/close`,
  child: (id) => `/cases/${id}/child`,
  end: (id) => `/cases/${id}/end`,
  plan: (id) => `/cases/${id}/plan`,
  form: (id, form) => `/cases/${id}/forms/${form}`,
  section: (id, form, section) => `/cases/${id}/forms/${form}/${section}`,
  reopen: (id) => `/cases/${id}/reopen`,
  protection: (id) => `/cases/${id}/protection`,
  refer: (need) => `/needs/${need}/refer`,
  referral: (id) => `/referrals/${id}`,
  telephone: (id) => `/referrals/${id}/telephone`,
  calls: (id) => `/referrals/${id}/calls`,
  watch: "/watch",
  services: (words) => `/services?q=${encodeURIComponent(words)}`,
  servicesMap: (words) => `/services/map?q=${encodeURIComponent(words)}`,
  matrix: (region = "") => `/directory/matrix${region && `/${region}`}`,
  matrixFile: "/directory/matrix/export",
  matrixCell: "/directory/matrix/{region}/{category}",
  gaps: "/directory/gaps",
  report: (lang) => `/directory/report?lang=${lang}`,
  onCall: "/on-call",
  post: "/post",
  held: "/post/held",
  account: "/account",
  confirm: (id) => `/referrals/${id}/confirm`,
  link: (id) => `/referrals/${id}/link`,
  slip: (id) => `/referrals/${id}/slip`,
  letter: (id) => `/referrals/${id}/letter`,
  unmet: (need) => `/needs/${need}/unmet`,
  override: (need) => `/needs/${need}/override`,
  transfer: (id) => `/cases/${id}/transfer`,
  moving: (transfer) => `/transfers/${transfer}`,
  same: (ask) => `/same/${ask}`,
  stop: (id) => `/stops/${id}`,
  cosign: "/cosign",
  judge: (override) => `/overrides/${override}`,
  assign: (id) => `/cases/${id}/assign`,
  slipIn: "/slip",
  emergency: "/emergency",
  inbox: "/inbox",
  entries: "/entries",
  moderation: "/moderation",
  late: "/late",
  lateCalls: (id) => `/late/${id}/calls`,
  coordination: "/coordination",
  exchange: "/directory/exchange",
  duplicates: "/directory/duplicates",
  agreements: "/agreements",
  newAgreement: "/agreements/new",
  programmes: "/directory/programmes",
  newProgramme: "/directory/programmes/new",
  ratification: "/directory/ratification",
  ratificationSheet: "/directory/ratification/sheet",
  export: "/directory/export",
  booklet: "/directory/booklet",
  bookletPrint: "/directory/booklet/print",
  bridges: "/bridges",
  documents: "/documents",
  redline: (code) => `/documents/${code}/redline`,
  documentFile: "/documents/file",
  documentSheet: "/documents/DOC17.xlsx",
  formPaper: (form) => `/documents/forms/${form}`,
  formPrinted: "/cases/{id}/forms/{form}/print",
  registers: "/registers",
  register: (code) => `/registers/${code}`,
  newLine: (code, query = "") => `/registers/${code}/new${query}`,
  calendar: "/registers/calendar.ics",
  public: "/public",
  publicServices: (words, place = "") => `/public/services?q=${encodeURIComponent(words)}&place=${encodeURIComponent(place)}`,
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
  letter: new RegExp(`^/referrals/${uuid}/letter$`),
  complaint: new RegExp(`^/complaints/${uuid}$`),
  close: new RegExp(`^/cases/${uuid}/close$`),
  followUp: new RegExp(`^/cases/${uuid}/follow-up$`),
  lateCalls: new RegExp(`^/late/${uuid}/calls$`),
  stop: new RegExp(`^/stops/${uuid}$`),
  moving: new RegExp(`^/transfers/${uuid}$`),
  same: new RegExp(`^/same/${uuid}$`),
  judge: new RegExp(`^/overrides/${uuid}$`),
  entry: new RegExp(`^/entries/${uuid}$`),
  agreement: new RegExp(`^/agreements/${uuid}$`),
  programme: new RegExp(`^/directory/programmes/${uuid}$`),
  safeguards: new RegExp(`^/organisations/${uuid}/safeguards$`),
  publicEntry: new RegExp(`^/public/services/${uuid}$`),
  line: new RegExp(`^/registers/[a-z_]+/${uuid}$`),
};

/** The kit's parts that tests look at. */
export const kit = {
  summary: ".note.stop[role=alert]",
  fieldError: ".err > .msg",
  item: ".list > .item",
  preview: ".see",
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

/** Fills the fields and sends a form by its first button, or as `pressing` says; resolves to the answer of the POST. */
export async function send(page, answers = {}, pressing = () => press(page)) {
  for (const [field, value] of Object.entries(answers)) await fill(page, field, value);
  const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === "POST"), pressing()]);
  await page.waitForLoadState("load");
  return answer;
}

/** The API as this account: a path and, to post, a body; resolves to what it answers. */
export function api(demo, account) {
  return async (path, body) => {
    const answer = await fetch(`${demo.base}/api/v1${path}`, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${account.token}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    hold(answer.ok, `${body ? "POST" : "GET"} ${path} as ${account.login}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
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
  return send(page, Object.fromEntries(Object.entries(tenErrors).filter(([, value]) => value !== null)));
}

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
  return send(page);
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

/** A label of its own for an arrival. */
export const label = (prefix) => `${prefix}-${Date.now() % 1_000_000}`;

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

/** Chooses all that can be withdrawn, and the effect (the first, or this one), and looks at what becomes of it; resolves to the answer. */
export async function previewWithdrawal(page, id, effect) {
  await page.goto(at.withdraw(id));
  const look = page.locator("form[method=get]");
  for (const box of await look.locator("input[name=consent]").all()) await box.check({ force: true });
  await look.locator(`input[name=effect]${effect ? `[value="${effect}"]` : ""}`).first().check({ force: true });
  const [answer] = await Promise.all([page.waitForResponse((r) => /[?&]look=/.test(r.url())), press(look)]);
  return answer;
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

/** The other organisation that works on cases: its case manager. */
export const other = /suivi\.littoral/;

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
  remarks: "On m’a bien reçu (essai).",
  missing: "Dites-lui aussi comment se plaindre (essai).",
};

/** A text as a leak would be searched: no spaces of any kind, no accents, lower case. */
export const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/&nbsp;|&#160;|[\s\u00a0\u202f]/g, "").toLowerCase();

/** The story's telephone number, as a leak would be searched. */
export const telephone = bare(story.phone).replace("+237", "");

/** Neither name nor telephone of the story is anywhere in the page, not even in its source. */
export async function namesNobody(page) {
  const all = bare(await source(page));
  for (const part of story.name.split(/[ -]/)) hold(!all.includes(bare(part)), `the source of ${page.url()} has "${part}"`);
  hold(!all.includes(telephone), `the source of ${page.url()} has the telephone number`);
}

/**
 * One journey: its pages, its stages, and no server error on any of them. `enter` signs an account in; `watch` takes a page
 * in that was opened otherwise; after a stage that failed the rest is not told.
 */
export async function journey({ tally, demo, chrome }, name, look, tell) {
  const how = `(${name}) ${look.lang}, scripts ${look.js ? "on" : "off"}`;
  const seen = [];
  let stopped = false;
  const watch = (page) => {
    seen.push(page);
    return page;
  };
  const enter = async (who) => watch(await signedIn(demo, chrome, who, look));
  const stage = async (what, page, body) => {
    if (stopped) return;
    if (!(await tally.check(`${how}: ${what}`, body, page))) stopped = true;
  };
  await tell({ demo, chrome, look, enter, watch, stage });
  await tally.check(`${how}: no page ended in a server error`, () => {
    const errors = seen.flatMap((page) => page.serverErrors);
    hold(errors.length === 0, errors.join("\n"));
  });
  for (const page of seen) await page.context().close();
}

/** The names of the fields beside which a message stands, and each message: of the page, or of one form of it. */
export function messages(page) {
  return page.locator(kit.fieldError).evaluateAll((all) =>
    all.map((message) => [message.parentElement.querySelector("[name]")?.name, message.textContent.trim()]),
  );
}
