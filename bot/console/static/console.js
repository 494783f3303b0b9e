// Live updates, keyboard, and who else is writing. Every page works without this file.
(() => {
  "use strict";
  const page = document.body.dataset;
  const isTyping = (box) => box.value !== box.defaultValue;

  // One click is one act: a second one while the first is under way is dropped.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method !== "post") return;
    form.dataset.sent = "yes";
    leaving = true;
    setTimeout(() => { delete form.dataset.sent; leaving = false; }, 8000);
  });

  // Nothing that somebody typed goes away by a slip.
  let leaving = false;
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && [...document.querySelectorAll("form[method=post] textarea")].some(isTyping)) event.preventDefault();
  });
  // Coming back by Back after signing out shows nothing old.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // ── j, k, Enter in the list ──
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const rows = [...document.querySelectorAll(".cases a")];
    const step = { j: 1, k: -1 }[event.key];
    if (!step || !rows.length) return;
    const here = rows.indexOf(document.activeElement);
    rows[Math.min(rows.length - 1, Math.max(0, here < 0 ? 0 : here + step))].focus();
    event.preventDefault();
  });

  // ── live ──
  const byId = (id) => document.getElementById(id);
  const fetchPage = async () => {
    const answer = await fetch(location.pathname + location.search, { headers: { accept: "text/html" } });
    if (answer.redirected || !answer.ok) { location.reload(); return null; }
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  const replace = (fresh, id) => {
    const from = fresh.getElementById(id), to = byId(id);
    if (from && to) to.replaceWith(document.adoptNode(from));
  };

  let busy = false, again = false;
  const update = async () => {
    if (leaving) return;
    if (busy) { again = true; return; }
    busy = true;
    try {
      const fresh = await fetchPage();
      if (!fresh) return;
      const live = byId("live");
      const open = live && [...live.querySelectorAll("textarea")].some(isTyping);
      const composing = [...document.querySelectorAll(".acts textarea, .acts input:not([type=hidden])")].some(isTyping);
      if (!open) replace(fresh, "live");
      replace(fresh, "chips");
      if (page.list) return;
      page.key = fresh.body.dataset.key;
      if (composing || open) {
        // The forms keep the version that was on the screen when writing began: the server then asks once more.
        byId("changed").hidden = false;
      } else {
        const from = fresh.querySelector(".acts"), to = document.querySelector(".acts");
        const had = to.contains(document.activeElement) && document.activeElement.name;
        to.replaceWith(document.adoptNode(from));
        if (had) document.querySelector(`.acts [name="${had}"]`)?.focus();
        const claim = document.querySelector(".claim");
        if (claim && !fresh.querySelector(".claim")) claim.remove();
        watchComposer();
      }
    } finally {
      busy = false;
      if (again) { again = false; update(); }
    }
  };

  if (page.stream && "EventSource" in window) {
    const source = new EventSource(page.stream);
    let lost = false;
    source.addEventListener("error", () => { lost = true; });
    source.addEventListener("open", () => { if (lost) { lost = false; update(); } });
    source.addEventListener("cases", update);
    source.addEventListener("gone", () => { source.close(); if (![...document.querySelectorAll("textarea")].some(isTyping)) location.reload(); });
    source.addEventListener("case", (event) => {
      const state = JSON.parse(event.data);
      const note = byId("writing");
      note.hidden = !state.writing.length;
      note.textContent = state.writing.length ? state.writing.join("、") + "正在写回复" : "";
      if (state.key !== page.key) update();
    });
    window.addEventListener("pagehide", () => source.close());
  }

  // ── “李干事正在写回复” ──
  const beat = (stopped) => {
    const body = new URLSearchParams({ csrf: page.csrf });
    if (stopped) body.set("stopped", "yes");
    fetch(page.writing, { method: "POST", body, keepalive: true }).catch(() => {});
  };
  let told = 0;
  function watchComposer() {
    const box = document.querySelector("[data-composing] textarea");
    if (!box || !page.writing) return;
    box.addEventListener("input", () => {
      if (!isTyping(box)) { if (told) { told = 0; beat(true); } return; }
      if (Date.now() - told > 8000) { told = Date.now(); beat(false); }
    });
  }
  watchComposer();
  window.addEventListener("pagehide", () => { if (told) beat(true); });
})();
