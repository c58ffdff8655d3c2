// Addresses, labels and selectors of the pages, in one place: a page that moves is followed here and nowhere else.
import { fill } from "./lib.mjs";

export const at = {
  signIn: "/sign-in",
  language: (lang) => `/language/${lang}`,
  day: "/day",
  arrival: "/arrivals/new",
  cases: "/cases",
  case: (id) => `/cases/${id}`,
  consent: (id) => `/cases/${id}/consent`,
  newNeed: (id) => `/cases/${id}/needs/new`,
  refer: (need) => `/needs/${need}/refer`,
  referral: (id) => `/referrals/${id}`,
  telephone: (id) => `/referrals/${id}/telephone`,
  confirm: (id) => `/referrals/${id}/confirm`,
  close: (id) => `/cases/${id}/close`,
  inbox: "/inbox",
  late: "/late",
};

/** The words on buttons, both languages: a journey may run in either. */
export const button = {
  signIn: /^(Entrer|Se connecter|Ouvrir la session|Sign in)/i,
  signOut: /^(Quitter|Sign out|Leave)/i,
  save: /^(Enregistrer|Save|Register)/i,
  next: /^(Continuer|Suite|Voir|Continue|Preview|Show)/i,
  send: /^(Envoyer|Send)/i,
  accept: /^(Accepter|Accept)/i,
  decline: /^(Ne pas accepter|Décliner|Refuser|Decline|Not accept)/i,
  report: /^(Rendre compte|Envoyer le compte rendu|Envoyer|Report|Send)/i,
  confirm: /^(Confirmer|Confirm)/i,
  close: /^(Clore|Close)/i,
};

/** The filled button of the view: one for each page (UI rule 2). */
export const mainButton = (page) => page.locator("main button[type=submit], main button:not([type])");

/** Presses the submit button with these words. */
export async function press(page, name) {
  await page.getByRole("button", { name }).first().click();
  await page.waitForLoadState("load");
}

export async function signIn(page, account) {
  await page.goto(at.signIn);
  await fill(page, "login", account.login);
  await fill(page, "password", account.password);
  await press(page, button.signIn);
  if (new URL(page.url()).pathname === at.signIn) {
    throw new Error(`signing in as ${account.login} came back to ${page.url()}`);
  }
}

/** The kit's parts that tests look at. */
export const kit = {
  errorSummary: ".note.stop[role=alert]",
  fieldError: ".field.err .msg",
  banner: ".drill",
  item: ".list > .item",
};
