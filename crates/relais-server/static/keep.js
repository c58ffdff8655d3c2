// Keeps what is typed on a form a moment after each answer, and says when the line is gone. Without this script the
// form's own buttons do the same. Nothing is stored in the browser: telephones are shared.
(() => {
  const form = document.querySelector("form[data-keep]");
  const said = document.getElementById("kept");
  if (!form || !said) return;
  let sent = "", busy = false, timer = 0;
  const say = (text) => { if (said.textContent !== text) said.textContent = text; };
  const keep = async () => {
    const typed = new URLSearchParams(new FormData(form));
    typed.set("command", "keep");
    const text = typed.toString();
    if (text === sent || busy) return;
    busy = true;
    let kept = false;
    try {
      kept = (await fetch(form.dataset.keep, { method: "POST", body: typed, redirect: "manual" })).type === "opaqueredirect";
    } catch {}
    busy = false;
    if (kept) sent = text;
    say(kept ? said.dataset.kept : said.dataset.lost);
    if (!kept) later(8000);
  };
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(keep, ms); };
  form.addEventListener("change", () => later(600));
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!navigator.onLine) { event.preventDefault(); say(said.dataset.lost); }
  });
  addEventListener("online", () => later(0));
})();
