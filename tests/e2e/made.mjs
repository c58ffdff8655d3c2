// What the rarer pages speak of, made through the API with the demonstration's accounts: an emergency, an override, a transfer,
// a request to stop, a question about the same person, an end, an interview, a shelter; and a computer tied to a shared post.
import { randomUUID as uuid } from "node:crypto";
import { cli, fill, hold, session } from "./lib.mjs";
import { api, at, other, press, provider, send, story, unguard } from "./pages.mjs";

/** Answers as the API takes them: each a list. */
const lists = (answers) => Object.fromEntries(Object.entries(answers).map(([code, value]) => [code, [value].flat()]));

let people = 0;

/** Registers a person; resolves to the case's id. Every label is of its own. */
export async function person(ask, answers = {}) {
  const id = uuid();
  people += 1;
  await ask("/cases", { id, answers: lists({ ...story.arrival, "F1E.01": `M-${Date.now() % 100_000}-${people}`, ...answers }) });
  return id;
}

/** The person agrees to be helped and to share name and contact: with whoever serves, or with the one organisation. */
export function consent(ask, id, recipient) {
  const answers = { "F3.01": "fra", "F3.03": "yes", "F3.04": "yes", "F3.05": "yes", "F3.10": "SELF", "F3.40": "WRITTEN", "F3.41": "Signé sur papier (essai)" };
  const lines = ["C1", "C2", "C3"].map((line) => ({ line, decision: "granted", classes: [] }));
  Object.assign(lines[2], { classes: ["identity", "contact"], recipient });
  return ask(`/cases/${id}/consents`, { id: uuid(), answers: lists(answers), lines });
}

/** Adds a need; resolves to its id and the services proposed for it. */
export async function need(ask, id, asked = story.need) {
  const made = uuid();
  await ask(`/cases/${id}/needs`, { id: made, words: "", ...asked });
  const { proposals } = await ask(`/needs/${made}/services`);
  hold(proposals.length > 0, `no service is proposed for ${asked.service}`);
  return { id: made, proposals };
}

/** A provider that has left requests without an answer is offered no more, until it says that its entries are true. */
export async function confirmed(demo, account) {
  const call = api(demo, account);
  const { rows } = await call("/entries");
  await call("/entries/confirmation", { id: uuid(), entries: rows.map(({ id, version }) => ({ service: id, version })) });
}

/** An emergency sent, whose calls are still to be made; resolves to the referral's id. */
export async function emergency(demo) {
  const ask = api(demo, demo.account("case_manager"));
  const { id, proposals } = await need(ask, await person(ask, { "F1E.03": "Essai Urgence" }), { service: "MED.01", priority: "P1" });
  const sent = uuid();
  await ask(`/needs/${id}/referrals`, { id: sent, service: proposals[0].id, person_informed: true, provider_called: true, stays_with: "Essai", interim: "Essai" });
  return sent;
}

/** A need of somebody who was not asked for consent: what goes, goes under an override. Resolves to need, service and case. */
export async function unasked(demo, asked = { service: "MED.02", priority: "P2" }) {
  const ask = api(demo, demo.account("case_manager"));
  const id = await person(ask, { "F1E.03": "Essai Dérogation" });
  const made = await need(ask, id, asked);
  return { case: id, need: made.id, service: made.proposals[0].id };
}

/** An override written apart, to be co-signed: a legal duty; resolves to its id, need and service. */
export async function override(demo) {
  const where = await unasked(demo, { service: "MED.02", priority: "P3" });
  const { id } = await api(demo, demo.account("case_manager"))(`/needs/${where.need}/overrides`, {
    id: uuid(), service: where.service, kind: "LEGAL", reason: "Essai : réquisition écrite du parquet, numéro noté au dossier papier.", referral: uuid(),
  });
  return { ...where, id };
}

/** A case with an open request, proposed to the other organisation; resolves to case and transfer. */
export async function transfer(demo) {
  const ask = api(demo, demo.account("case_manager"));
  const id = await person(ask, { "F1E.03": "Essai Transfert" });
  await consent(ask, id);
  await need(ask, id);
  // Whoever could take it is told by name; the demonstration's other case manager works for one of them.
  const { candidates } = await ask(`/cases/${id}/transfers`);
  const to = candidates.find((c) => /Croix-Rouge|Red Cross/.test(c.name)) ?? candidates[0];
  await consent(ask, id, to.id);
  const made = await ask(`/cases/${id}/transfers`, { id: uuid(), to: to.id, note: "Essai : la personne habite maintenant là-bas.", person_informed: true });
  return { case: id, transfer: made.id, to: to.id };
}

/** A case whose hospital has accepted, so that there is something to withdraw; resolves to case and referral. */
export async function accepted(demo) {
  const ask = api(demo, demo.account("case_manager"));
  const answers = api(demo, demo.account("focal_point", provider));
  const id = await person(ask, { "F1E.03": "Essai Retrait" });
  await consent(ask, id);
  const { id: wanted, proposals } = await need(ask, id, { ...story.need, service: "MED.03" });
  const service = proposals.find((p) => /r[eé]gional.*garoua|garoua.*r[eé]gional/i.test(p.name)) ?? proposals[0];
  const referral = uuid();
  await ask(`/needs/${wanted}/referrals`, { id: referral, service: service.id, person_informed: true });
  const { version } = await answers(`/referrals/${referral}`);
  await answers(`/referrals/${referral}/acts`, { id: uuid(), version, command: "accept" });
  return { case: id, referral };
}

/** The person withdraws sharing: whoever received is asked to stop; resolves to the request, as the inbox has it. */
export async function stop(demo) {
  const there = await accepted(demo);
  const inbox = api(demo, demo.account("focal_point", provider));
  const before = new Set((await inbox("/inbox")).stops.map((s) => s.id));
  await api(demo, demo.account("case_manager"))(`/cases/${there.case}/withdrawals`, { id: uuid(), effect: "stop_sharing" });
  const made = (await inbox("/inbox")).stops.find((s) => !before.has(s.id));
  hold(made, "the inbox does not ask to stop");
  return { ...there, stop: made.id };
}

/**
 * Two files of perhaps the same person: the first with the other organisation, the second with whoever asks. Resolves to both
 * and the question. Checks of names are rationed by user.
 */
export async function same(demo, asker = demo.account("case_manager")) {
  const [ours, theirs] = [asker, demo.account("case_manager", other)].map((account) => api(demo, account));
  people += 1;
  const somebody = { "F1E.03": `Zélie Épreuve-Pareille ${["Un", "Deux", "Trois", "Quatre", "Cinq", "Six"][people % 6]}`, "F1E.04": "F", "F1E.05": "33", "F1E.10": `+237 6 99 12 ${String(3000 + people).replace(/(..)(..)/, "$1 $2")}` };
  const first = await person(theirs, somebody);
  const second = await person(ours, somebody);
  const asked = await ours(`/cases/${second}/perhaps`, { id: uuid(), command: "ask" });
  return { theirs: first, ours: second, ask: asked.id };
}

/** A case that has ended, so that it can be reopened. */
export async function ended(demo) {
  const ask = api(demo, demo.account("case_manager"));
  const id = await person(ask, { "F1E.03": "Essai Départ" });
  await consent(ask, id);
  await need(ask, id);
  const boss = api(demo, demo.account("supervisor"));
  const { version, today } = await boss(`/cases/${id}/end`);
  await boss(`/cases/${id}/end`, { id: uuid(), version, reason: "left", on: today, source: "Essai, par téléphone" });
  return id;
}

/** A person interviewed so far that needs are proposed and a profile begins; resolves to the case. */
export async function interviewed(demo) {
  const ask = api(demo, demo.account("case_manager"));
  const id = await person(ask, { "F1E.03": "Essai Entretien" });
  await consent(ask, id);
  const parts = {
    "F1/frame": { "F1.03": "Douala", "F1.04": "POE", "F1.07": "no", "F1.09": "yes", "F1.10": "yes", "F1.11": "yes", "F1.12": "yes" },
    "F1/situation": { "F1.69": "yes", "F1.70": "yes", "F1.72": "no", "F1.75": "no" },
    "F2/frame": { "F2.03": "no", "F2.04": "yes" },
    "F2/individual": { "F2.10r": "2", "F2.10p": "1", "F2.10e": "Essai : seule à nourrir deux enfants.", "F2.15r": "1", "F2.15p": "2", "F2.15e": "Essai : lit et écrit." },
  };
  for (const [part, answers] of Object.entries(parts)) {
    const { version } = await ask(`/cases/${id}/forms/${part}`);
    await ask(`/cases/${id}/forms/${part}`, { id: uuid(), version, answers: lists(answers) });
  }
  return id;
}

/**
 * A need that only a safe shelter meets; the code of one, as the on-call desk tells it; an account of that shelter. The need
 * belongs to the other organisation: wrong codes are rationed by user, and the case manager's pages have a field for them too.
 */
export async function sheltered(demo) {
  const ask = api(demo, demo.account("case_manager", other));
  const id = await person(ask, { "F1E.03": "Essai Refuge", "F1E.04": "F" });
  await consent(ask, id);
  const made = uuid();
  await ask(`/cases/${id}/needs`, { id: made, service: "RCP.03", priority: "P2", words: "" });
  const [shelter] = JSON.parse(await cli(demo, "--format", "json", "directory", "confidential"));
  hold(shelter, "the demonstration has no confidential service");
  const login = `refuge.${Date.now() % 1_000_000}`;
  const opened = await cli(demo, "--format", "json", "user", "add", login, "--organisation", shelter.organisation, "--name", "Point focal (essai)", "--role", "focal_point");
  return { need: made, code: shelter.code, focal: { login, password: JSON.parse(opened).password } };
}

/** The PIN that tests set for whoever opens a shared post. */
export const PIN = "482913";

/**
 * A computer of the case manager's organisation tied to a post whose sessions end after a minute. The person's PIN is set on
 * `desk`, a page signed in as that person. Resolves to the computer's page, at the post's door.
 */
export async function tied(demo, chrome, desk, look = {}) {
  const account = demo.account("case_manager");
  await desk.goto(at.account);
  await send(desk, { password: account.password, pin: PIN, again: PIN });
  const name = `Guichet ${Date.now() % 1_000_000}`;
  const { code } = JSON.parse(await cli(demo, "--format", "json", "post", "add", name, "--organisation", account.organisation, "--idle", "1"));
  const computer = await session(chrome, demo.base, look);
  await computer.goto(at.language(look.lang ?? "fr"));
  await computer.goto(at.post);
  await fill(computer, "code", code);
  await press(computer);
  hold((await computer.locator("[name=user]").count()) > 0, `the post has nobody: ${computer.url()}`);
  return computer;
}

/** Opens the post with the person's PIN, or tries another; resolves to the answer. */
export async function open(computer, pin = PIN) {
  await computer.locator("[name=user]").first().check({ force: true });
  return send(computer, { pin });
}

/** Types an arrival at the post, whose minute passes meanwhile, and sends it: it is held. Resolves to the answer. */
export async function typedTooLate(demo, computer, answers = story.arrival) {
  await computer.goto(at.arrival);
  await unguard(computer);
  for (const [field, value] of Object.entries(answers)) await fill(computer, field, value);
  await cli(demo, "clock", "set", "+2m");
  return send(computer);
}
