// A provider that has a telephone and nothing else, in a real browser of 360 px: a one-time link answered in two taps, later
// steps by renewed links, replay and guessing refused. With scripts and without, French and English.
import { fill, hold, run, session, source, words } from "./lib.mjs";
import * as pages from "./pages.mjs";
import { addNeed, at, findService, preview, press, recordConsent, registerArrival, sendReferral, signedIn, story } from "./pages.mjs";

/** A text as a leak would be searched: no spaces of any kind, no accents, lower case. */
const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/&nbsp;|&#160;|[\s\u00a0\u202f]/g, "").toLowerCase();
const telephone = bare(story.phone).replace("+237", "");

async function namesNobody(page) {
  const all = bare(await source(page));
  for (const part of story.name.split(/[ -]/)) hold(!all.includes(bare(part)), `the source of ${page.url()} has "${part}"`);
  hold(!all.includes(telephone), `the source of ${page.url()} has the telephone number`);
}

/** A referral to a provider without an account, from arrival to sending; resolves to its id. */
export async function sentWithoutAccount(sender, need = story.secondNeed) {
  const id = await registerArrival(sender, { ...story.arrival, "F1E.01": `L-${Date.now() % 1_000_000}` });
  await recordConsent(sender, id, story.consent);
  const asked = await addNeed(sender, id, need);
  const service = await findService(sender, asked, /Sans compte|No account/);
  await preview(sender, asked, service);
  return sendReferral(sender, story.send);
}

/** The sender makes a link: its address, its code, and what the two buttons would send. */
export async function makeLink(sender, referral) {
  await sender.goto(at.link(referral));
  await press(sender, /Faire un|Make a/);
  const href = (scheme) => sender.locator(`a[href^="${scheme}"]`).getAttribute("href");
  const [whatsapp, sms] = [await href("https://wa.me/?text="), await href("sms:?body=")];
  return {
    address: await sender.locator("#address").inputValue(),
    code: (await sender.locator(".say").innerText()).replace(/\D/g, ""),
    whatsapp: new URL(whatsapp).searchParams.get("text"),
    sms: decodeURIComponent(sms.slice("sms:?body=".length)),
  };
}

/** Types the code and who answers; resolves to the server's answer. */
async function typeCode(page, code) {
  await fill(page, "code", code);
  await fill(page, "name", "Mme Essai Standard, secrétaire");
  await fill(page, "telephone", "+237 2 22 00 00 01");
  const [answer] = await Promise.all([page.waitForResponse((r) => r.request().method() === "POST"), press(page)]);
  await page.waitForLoadState("load");
  return answer;
}

/** One tap opens the act, the second sends it. */
async function twoTaps(page, command, value) {
  const form = page.locator("form[method=post]", { has: page.locator(`input[name=command][value="${command}"]`) });
  await form.locator("summary").click();
  await form.locator(value ? `button[value="${value}"]` : "button").first().click();
  await page.waitForLoadState("load");
}

async function byLink({ tally, demo, chrome }, { js, lang }) {
  const how = `${lang}, scripts ${js ? "on" : "off"}`;
  const look = { js, lang };
  const sender = await signedIn(demo, chrome, demo.account("case_manager"), look);
  const phone = () => session(chrome, demo.base, { ...look, width: 360 });
  const told = { seen: [sender] };
  const stage = async (name, page, body) => {
    if (told.stopped) return;
    if (!(await tally.check(`${how}: ${name}`, body, page))) told.stopped = true;
  };
  const telephoneOf = async () => {
    const page = await phone();
    await page.goto(at.language(lang));
    told.seen.push(page);
    return page;
  };

  await stage("a request goes to a provider without an account", sender, async () => {
    told.referral = await sentWithoutAccount(sender);
    hold((await pages.addresses(sender)).includes(at.link(told.referral)), "the referral does not lead to a link");
  });
  await stage("the sender shares a sentence and a link, and says the code", sender, async () => {
    told.link = await makeLink(sender, told.referral);
    hold(/^\d{6}$/.test(told.link.code), `the code is "${told.link.code}"`);
    for (const text of [told.link.whatsapp, told.link.sms]) {
      hold(text.includes(told.link.address) && text.length < 200, `shared: ${text}`);
      hold(!text.includes(told.link.code) && !bare(text).includes("zebedee") && !text.includes("R-20"), `shared: ${text}`);
    }
    hold(/\/link\/(fr|en)\/[\w-]{43}$/.test(told.link.address), told.link.address);
    hold(!(await source(sender)).includes("Zébédée"), "the page of the link names the person");
  });
  const provider = await telephoneOf();
  await stage("the address gives its secret away at once and asks for the code", provider, async () => {
    await provider.goto(told.link.address);
    hold(new URL(provider.url()).pathname === "/link", `at ${provider.url()}`);
    hold(!(await source(provider)).includes(told.link.address.split("/").pop()), "the page repeats the secret");
    await namesNobody(provider);
  });
  await stage("a wrong code is refused like a link that never was", provider, async () => {
    const wrong = told.link.code === "111111" ? "222222" : "111111";
    const known = await typeCode(provider, wrong);
    const said = await words(provider);
    const stranger = await telephoneOf();
    await stranger.goto(`${demo.base}/link/${lang}/${"A".repeat(43)}`);
    const unknown = await typeCode(stranger, told.link.code);
    hold(known.status() === 409 && unknown.status() === 409, `${known.status()} and ${unknown.status()}`);
    hold((await words(stranger)) === said, `"${said}" and "${await words(stranger)}"`);
  });
  await stage("the code opens the request, without a name", provider, async () => {
    await typeCode(provider, told.link.code);
    hold((await provider.locator('input[name=command][value="accept"]').count()) === 1, await words(provider));
    await namesNobody(provider);
    const over = await provider.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    hold(over <= 0, `scrolls sideways by ${over} px at 360`);
  });
  await stage("accepted in two taps; name and contact are not there yet", provider, async () => {
    await twoTaps(provider, "accept");
    hold(/C’est noté|Noted/.test(await words(provider)), await words(provider));
    await namesNobody(provider);
    await provider.goto("/link");
    hold(!(await source(provider)).includes('value="accept"'), "the link still answers");
  });
  await stage("replayed, the address opens nothing", provider, async () => {
    await provider.goto(told.link.address);
    const again = await typeCode(provider, told.link.code);
    hold(again.status() === 409, `answered ${again.status()}`);
    await namesNobody(provider);
  });
  await stage("the sender reads who answered, and how", sender, async () => {
    await sender.goto(at.referral(told.referral));
    const seen = await words(sender);
    hold(/Répondu par lien|Answered by link/.test(seen) && seen.includes("Mme Essai Standard"), seen);
  });
  await stage("a renewed link opens name and contact", provider, async () => {
    const link = await makeLink(sender, told.referral);
    const page = await telephoneOf();
    await page.goto(link.address);
    await typeCode(page, link.code);
    const seen = await words(page);
    hold(seen.includes(story.name) && bare(seen).includes(telephone), seen);
    hold(!story.family.test(seen), "the family situation shows");
    await twoTaps(page, "start");
  });
  await stage("a later report comes by one more link", provider, async () => {
    const link = await makeLink(sender, told.referral);
    const page = await telephoneOf();
    await page.goto(link.address);
    await typeCode(page, link.code);
    await pages.act(page, "report", { outcome: "served", text: "" });
    await sender.goto(at.referral(told.referral));
    hold((await pages.addresses(sender)).includes(at.confirm(told.referral)), "the sender is not asked to confirm");
  });
  await tally.check(`${how}: no page ended in a server error`, () => {
    const errors = told.seen.flatMap((page) => page.serverErrors);
    hold(errors.length === 0, errors.join("\n"));
  });
  for (const page of told.seen) await page.context().close();
}

await run("links", async (world) => {
  await byLink(world, { js: true, lang: "fr" });
  await byLink(world, { js: false, lang: "fr" });
  await byLink(world, { js: true, lang: "en" });
  await byLink(world, { js: false, lang: "en" });
});
