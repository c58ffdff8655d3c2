// A provider that has a telephone and nothing else, in a real browser of 360 px: a one-time link answered in two taps, later
// steps by renewed links, replay and guessing refused; a paper slip printed and typed in. With scripts and without, French
// and English.
import { hold, run, session, source, words } from "./lib.mjs";
import * as pages from "./pages.mjs";
import { act, addNeed, at, bare, findService, journey, label, namesNobody, press, preview, recordConsent, registerArrival, send, sendReferral, story, telephone } from "./pages.mjs";

/** A referral to a provider without an account, from arrival to sending; resolves to its id. */
async function sentWithoutAccount(sender, need = story.secondNeed) {
  const id = await registerArrival(sender, { ...story.arrival, "F1E.01": label("L") });
  await recordConsent(sender, id, story.consent);
  const asked = await addNeed(sender, id, need);
  const service = await findService(sender, asked, /Sans compte|No account/);
  await preview(sender, asked, service);
  return sendReferral(sender, story.send);
}

/** The sender makes a link: its address, its code, and what the two buttons would send. */
async function makeLink(sender, referral) {
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
const typeCode = (page, code) => send(page, { code, name: "Mme Essai Standard, secrétaire", telephone: "+237 2 22 00 00 01" });

/** A telephone that nobody has signed in with. */
async function phone({ demo, chrome, look, watch }) {
  const page = watch(await session(chrome, demo.base, { ...look, width: 360 }));
  await page.goto(at.language(look.lang));
  return page;
}

async function byLink(world) {
  const { demo, enter, stage, look } = world;
  const sender = await enter(demo.account("case_manager"));
  const told = {};

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
  const provider = await phone(world);
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
    const stranger = await phone(world);
    await stranger.goto(`${demo.base}/link/${look.lang}/${"A".repeat(43)}`);
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
    await act(provider, "accept");
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
    const page = await phone(world);
    await page.goto(link.address);
    await typeCode(page, link.code);
    const seen = await words(page);
    hold(seen.includes(story.name) && bare(seen).includes(telephone), seen);
    hold(!story.family.test(seen), "the family situation shows");
    await act(page, "start");
  });
  await stage("a later report comes by one more link", provider, async () => {
    const link = await makeLink(sender, told.referral);
    const page = await phone(world);
    await page.goto(link.address);
    await typeCode(page, link.code);
    await act(page, "report", { outcome: "served", text: "" });
    await sender.goto(at.referral(told.referral));
    hold((await pages.addresses(sender)).includes(at.confirm(told.referral)), "the sender is not asked to confirm");
  });
}

/** The slip that the person carries, printed, and typed in by whoever holds it. */
async function bySlip(world) {
  const { demo, enter, stage } = world;
  const sender = await enter(demo.account("case_manager"));
  const holder = await phone(world);
  const told = {};
  const prepared = async () => {
    const referral = await sentWithoutAccount(sender);
    await sender.goto(at.slip(referral));
    await press(sender, /Préparer|Prepare/);
    return { referral, number: (await sender.locator(".sheet .num").innerText()).trim(), code: (await sender.locator(".sheet .foot2 b.nb").innerText()).trim() };
  };

  await stage("it carries a number, boxes and a door for complaints, and nobody's name", sender, async () => {
    told.slip = await prepared();
    await namesNobody(sender);
    const text = (await sender.locator(".sheet").innerText()).replace(/[\u00a0\u202f]/g, " ");
    hold(/R-2026-\d{6}-[A-Z]/.test(text) && /1503/.test(text), text);
    hold((await sender.locator(".sheet .boxes li").count()) === 12, "there are not twelve boxes");
    hold((await sender.locator(".sheet svg.qr path").getAttribute("d")).length > 500, "there is no QR code");
  });
  await stage("it prints as one A5 sheet", sender, async () => {
    const pdf = (await sender.pdf({ preferCSSPageSize: true })).toString("latin1");
    const sheets = pdf.match(/\/Type \/Page\b(?!s)/g) ?? [];
    hold(sheets.length === 1, `${sheets.length} sheets`);
    const [, width, height] = pdf.match(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/);
    hold(Math.abs(width - 420) < 2 && Math.abs(height - 595) < 2, `${width} × ${height} points`);
  });
  await stage("a wrong code and a number that never was answer alike", holder, async () => {
    const said = [];
    for (const [number, code] of [[told.slip.number, "AAAA-BBBB"], ["R-2026-999999-Z", told.slip.code]]) {
      await holder.goto(at.slipIn);
      const answer = await send(holder, { number, code, ticked: "served", name: "M. Essai Fiche" });
      hold(answer.status() === 409, `answered ${answer.status()}`);
      said.push((await words(holder)).replace(number, ""));
    }
    hold(said[0] === said[1], said.join("\n"));
  });
  await stage("whoever holds it types in what was ticked, and sees nothing of the case", holder, async () => {
    await holder.goto(at.slipIn);
    await send(holder, { number: told.slip.number, code: told.slip.code, ticked: "served", name: "M. Essai Fiche, chef d’atelier" });
    hold(new URL(holder.url()).searchParams.get("done") === "yes", `at ${holder.url()}: ${await words(holder)}`);
    await namesNobody(holder);
  });
  await stage("the sender reads it, and confirms with the person", sender, async () => {
    await sender.goto(at.referral(told.slip.referral));
    const seen = await words(sender);
    hold(/Répondu sur la fiche|Answered on the slip/.test(seen) && seen.includes("M. Essai Fiche"), seen);
    await sender.goto(at.confirm(told.slip.referral));
    await pages.submit(sender, { confirmation: "person_through_sender" });
  });
  await stage("the sender types in a slip that came back", sender, async () => {
    const slip = await prepared();
    await sender.goto(`${at.slipIn}?number=${slip.number}`);
    hold((await sender.locator("input[name=code]").count()) === 0, "a code is asked of who is signed in");
    await send(sender, { ticked: "not_served", reason: "no_capacity", name: "Mme Essai Guichet" });
    await sender.goto(at.referral(slip.referral));
    hold(/Non accepté|Not accepted|Declined/.test(await words(sender)), await words(sender));
  });
}

await run("links", async (world) => {
  await journey(world, "slip", { js: true, lang: "fr" }, bySlip);
  await journey(world, "slip", { js: false, lang: "en" }, bySlip);
  for (const lang of ["fr", "en"]) for (const js of [true, false]) await journey(world, "link", { js, lang }, byLink);
});
