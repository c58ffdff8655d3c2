// What the rarer pages speak of, made through the API with the demonstration's accounts: an emergency, an override, a transfer,
// a request to stop, a question about the same person, an end; and a computer tied to a shared post.
import { randomUUID as uuid } from "node:crypto";
import { cli, fill, hold, session } from "./lib.mjs";
import { api, at, press, provider, send, story } from "./pages.mjs";

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

/** The other organisation that works on cases. */
export const other = /suivi\.littoral/;

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
 * Two files of perhaps the same person: the first with the other organisation, the second with the case manager's, who asks.
 * Resolves to both and the question.
 */
export async function same(demo) {
  const [ours, theirs] = [demo.account("case_manager"), demo.account("case_manager", other)].map((account) => api(demo, account));
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

/** Opens the post with the person's PIN. */
export async function open(computer) {
  await computer.locator("[name=user]").first().check({ force: true });
  return send(computer, { pin: PIN });
}

/** The minute of the post passes: whoever is signed in there is signed in no more. */
export const minutePasses = (demo) => cli(demo, "clock", "set", "+2m");

/** Types an arrival at the post while its session ends, and sends it: it is held. Resolves to the answer. */
export async function typedTooLate(demo, computer, answers = story.arrival) {
  await computer.goto(at.arrival);
  for (const [field, value] of Object.entries(answers)) await fill(computer, field, value);
  await minutePasses(demo);
  return send(computer);
}
