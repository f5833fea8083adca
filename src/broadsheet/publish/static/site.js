// What the pages can do better with a script: times in the reader's own zone, and the keyboard. All pages work without it.
"use strict";

(() => {
  const language = document.documentElement.lang;
  const DAY = 24 * 60;

  // --- times -------------------------------------------------------------------------------------------------------------

  function relative(minutes) {
    const format = new Intl.RelativeTimeFormat(language, { style: "short", numeric: "always" });
    return minutes < 60 ? format.format(-minutes, "minute") : format.format(-Math.floor(minutes / 60), "hour");
  }

  function tellTimes() {
    const shortly = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const local = new Intl.DateTimeFormat(language, { ...shortly, year: "numeric" });
    const thisYear = new Intl.DateTimeFormat(language, shortly);
    const now = new Date();
    for (const time of document.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.valueOf())) continue;
      const minutes = Math.floor((now - at) / 60000);
      const format = at.getFullYear() === now.getFullYear() ? thisYear : local;
      time.title = time.textContent;
      const recent = minutes >= 0 && minutes < DAY && !time.closest(".coverage, .axis"); // a timeline is read by its times
      time.textContent = recent ? relative(minutes) : format.format(at);
    }
  }

  // --- keys --------------------------------------------------------------------------------------------------------------

  const OFF = "broadsheet-keys-off";

  function stored() {
    try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
  }

  function store(off) {
    try { off ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF); } catch { /* private mode: for this page only */ }
  }

  let off = stored();
  const stopsAre = ".story .headline a, .coverage h3 a, .rows h3 a, .periods a, .outlets th a";

  function step(by) {
    const stops = [...document.querySelectorAll(stopsAre)];
    if (!stops.length) return;
    const here = stops.indexOf(document.activeElement);
    const next = here < 0 ? (by > 0 ? 0 : stops.length - 1) : Math.min(Math.max(here + by, 0), stops.length - 1);
    stops[next].focus({ preventScroll: true });
    stops[next].closest("article, li, tr").scrollIntoView({ block: "nearest" });
  }

  function helpDialog() {
    document.body.append(document.getElementById("keys").content.cloneNode(true));
    const dialog = document.querySelector("dialog.keys");
    const box = dialog.querySelector("input");
    box.checked = !off;
    box.addEventListener("change", () => { off = !box.checked; store(off); });
    dialog.querySelector("button").addEventListener("click", () => dialog.close());
    return dialog;
  }

  let help = null;
  function showHelp() {
    help ??= helpDialog();
    if (!help.open) help.showModal();
  }

  // The frame's own addresses lead to the front page from any folder.
  const root = new URL(".", document.querySelector("link[rel=manifest]").href);

  function search() {
    const box = document.getElementById("query");
    if (box) box.select(); else location.assign(new URL("search/", root));
  }

  function pressed(event) {
    const typing = event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (off || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { j: () => step(1), k: () => step(-1), "?": showHelp, "/": search }[event.key];
    if (act) { event.preventDefault(); act(); }
  }

  // Not by scrollIntoView, from which the next Tab would go on: the skip link would be passed over.
  function showSection() {
    const current = document.querySelector(".sections li:not(.find) [aria-current]");
    if (!current) return;
    const list = current.closest("ul");
    const middle = (element) => { const box = element.getBoundingClientRect(); return box.left + box.width / 2; };
    list.scrollLeft += middle(current) - middle(list);
  }

  tellTimes();
  window.tellTimes = tellTimes; // for lists that come later
  showSection();
  document.addEventListener("keydown", pressed);
  const item = document.querySelector(".foot .script");
  item.hidden = false;
  item.firstElementChild.addEventListener("click", showHelp);
  navigator.serviceWorker?.register(new URL("sw.js", root)).catch(() => { /* from a disk: there is no offline to have */ });
})();
