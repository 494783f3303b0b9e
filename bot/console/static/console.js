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
  // What was refused is told beside its form too: the form stands far below the top, above all on a phone.
  const refused = document.querySelector("[role=alert]");
  const sentTo = [...document.querySelectorAll("form[method=post]")].filter((form) => form.action === location.href);
  const sent = sentTo.find((form) => form.closest("aside")) || sentTo[0];
  if (refused && sent && page.stream) {
    const beside = refused.cloneNode(true);
    beside.removeAttribute("role");
    for (let box = sent.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    sent.prepend(beside);
    beside.scrollIntoView({ block: "center" });
  }
  // Coming back by Back after signing out shows nothing old.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // ── keyboard: j, k, Enter in the list; / r n u ? everywhere ──
  const go = (target) => {
    if (!target) return false;
    target.closest("details")?.setAttribute("open", "");
    target.scrollIntoView({ block: "center" });
    target.focus();
    return true;
  };
  const moved = (step) => {
    const rows = [...document.querySelectorAll(".cases a, .tasks a")];
    if (!rows.length) return false;
    const here = rows.indexOf(document.activeElement);
    rows[Math.min(rows.length - 1, Math.max(0, here < 0 ? 0 : here + step))].focus();
    return true;
  };
  const keys = {
    j: () => moved(1),
    k: () => moved(-1),
    r: () => go(document.querySelector("#reply textarea")),
    n: () => go(document.querySelector("#note textarea")),
    u: () => page.key && !leaving && (location.href = "/console/cases", true),
    "/": () => go(document.querySelector(".search [name=q]")) || (location.href = "/console/cases?tab=all#search", true),
    "?": () => (document.getElementById("help")?.showModal(), true),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (document.getElementById("help")?.open) return;
    if (Object.hasOwn(keys, event.key) && keys[event.key]()) event.preventDefault();
  });
  if (location.hash === "#search") go(document.querySelector(".search [name=q]"));

  // ── canned answers: found and put in without leaving the page ──
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-canned]");
    if (!button) return;
    event.preventDefault();
    const form = button.form, body = new URLSearchParams(new FormData(form));
    if (button.name) body.set(button.name, button.value);
    button.disabled = true;
    try {
      const answer = await fetch(button.getAttribute("formaction"), { method: "POST", body });
      if (answer.redirected || !answer.ok) { location.reload(); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const from = fresh.getElementById("canned"), box = form.querySelector("textarea");
      if (from) form.querySelector("#canned").replaceWith(document.adoptNode(from));
      if (button.name === "insert") {
        box.value = fresh.querySelector("#reply textarea").value;
        form.querySelector("[name=advice]").checked = true;
        box.dispatchEvent(new Event("input", { bubbles: true }));
        box.focus();
      } else {
        form.querySelector("[name=canned]").focus();
      }
    } finally {
      button.disabled = false;
    }
  });

  // ── live ──
  const byId = (id) => document.getElementById(id);
  // After a refusal the address is that of the form, which is no page.
  const here = page.key ? page.stream.replace(/\/stream$/, "") : location.pathname + location.search;
  const fetchPage = async () => {
    const answer = await fetch(here, { headers: { accept: "text/html" } });
    if (answer.redirected || !answer.ok) { location.assign(here); return null; }
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  const replace = (fresh, id) => {
    const from = fresh.getElementById(id), to = byId(id);
    if (!from || !to) return;
    // What somebody had unfolded stays unfolded.
    const named = (box) => [...box.querySelectorAll("details")].map((one) => [one.firstElementChild.textContent.replace(/\d+/g, ""), one]);
    const open = new Set(named(to).filter(([, one]) => one.open).map(([name]) => name));
    for (const [name, one] of named(from)) if (open.has(name)) one.open = true;
    to.replaceWith(document.adoptNode(from));
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
      const composing = [...document.querySelectorAll(".acts textarea, .acts input:not([type=hidden])")].some(isTyping) || (page.key && refused);
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
