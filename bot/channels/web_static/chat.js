/* Makes the page lively. Without it every form posts and comes back: nothing here is needed. */
(function () {
  "use strict";
  var log = document.getElementById("log");
  var leave = document.getElementById("leave");

  /* ── leaving at once ─────────────────────────────────────────────────────────────────────────── */

  var left = false;
  function goAway() {
    if (left) return;
    left = true;
    queue.length = 0;
    document.body.textContent = "";
    fetch("/leave", { method: "POST", headers: { "X-Chat": "1" }, keepalive: true }).catch(function () {});
    location.replace("/away");
  }
  var queue = [];
  if (leave) {
    leave.addEventListener("submit", function (event) {
      event.preventDefault();
      goAway();
    });
  }
  var escapes = [];
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    escapes = escapes.filter(function (at) { return event.timeStamp - at < 1500; });
    escapes.push(event.timeStamp);
    if (escapes.length >= 3) goAway();
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) location.reload();
  });

  /* Pages of ours take each other's place: after leaving, Back finds none of them. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[href^='/']") : null;
    if (!link || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.replace(link.href);
  });
  document.addEventListener("submit", function (event) {
    var action = event.target.getAttribute("action");
    if (event.defaultPrevented || (action !== "/look" && action !== "/case") || !window.fetch) return;
    event.preventDefault();
    fetch(action, { method: "POST", body: new FormData(event.target) }).then(function (answer) {
      if (answer.redirected) {
        if (location.pathname === "/") location.reload();
        else location.replace("/#now");
        return undefined;
      }
      return answer.text().then(function (html) {
        document.querySelector("main").replaceWith(
          new DOMParser().parseFromString(html, "text/html").querySelector("main")
        );
      });
    }).catch(function () { event.target.submit(); });
  });
  if (!log || !window.fetch || !window.FormData) return;

  /* ── parts of the page ───────────────────────────────────────────────────────────────────────── */

  var words = document.getElementById("words").dataset;
  var scroll = document.querySelector(".scroll");
  var unsent = document.getElementById("unsent");
  var form = document.getElementById("say");
  var text = document.getElementById("text");
  var files = document.getElementById("files");
  var attach = document.getElementById("attach");
  var chosen = document.getElementById("chosen");
  var count = document.getElementById("count");
  var status = document.getElementById("status");
  var last = log.dataset.last;
  var MAX_FILE = 20 * 1024 * 1024;
  var SHOWN_COUNT = 3500;
  var WISHED = 4000;

  function make(tag, className, words) {
    var element = document.createElement(tag);
    if (className) element.className = className;
    if (words) element.textContent = words;
    return element;
  }
  function newKey() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }
  function token() { return form.elements.token.value; }
  function say(words) {
    status.textContent = words || "";
    status.hidden = !words;
  }

  /* ── the talk ────────────────────────────────────────────────────────────────────────────────── */

  /* The server decides what is shown; bubbles that did not change stay as they are, so that a screen
     reader hears only what is new. */
  function merge(html, place) {
    var fresh = new DOMParser().parseFromString(html, "text/html").body;
    var wanted = Array.from(fresh.children);
    var names = {};
    wanted.forEach(function (bubble) { names[bubble.id] = true; });
    Array.from(log.children).forEach(function (old) { if (!names[old.id]) old.remove(); });
    var spot = log.firstElementChild;
    wanted.forEach(function (bubble) {
      var old = document.getElementById(bubble.id);
      if (old && old.parentNode === log && old.dataset.version === bubble.dataset.version) {
        move(old, bubble);
        spot = old.nextElementSibling;
        return;
      }
      if (old && old.parentNode === log) {
        spot = old.nextElementSibling;
        old.replaceWith(bubble);
      } else {
        bubble.classList.add("new");
        log.insertBefore(bubble, spot);
      }
    });
    last = log.dataset.last = place || last;
  }
  /* Where reading goes on moves from bubble to bubble. */
  function move(old, bubble) {
    var anchor = old.querySelector("#now");
    if (anchor && !("here" in bubble.dataset)) anchor.remove();
    if (!anchor && "here" in bubble.dataset) old.insertBefore(bubble.querySelector("#now"), old.firstChild);
  }
  function atEnd() { return Math.abs(scroll.scrollTop) < 80; }
  function toEnd() { scroll.scrollTop = scroll.scrollHeight; }
  function toHere() {
    var now = document.getElementById("now");
    if (now) now.scrollIntoView({ block: "start" });
    else toEnd();
  }
  function refresh(follow) {
    return fetch("/talk", { headers: { "X-Chat": "1" }, cache: "no-store" }).then(function (answer) {
      if (!answer.ok) return;
      return answer.text().then(function (html) {
        var near = atEnd();
        var grew = answer.headers.get("X-Last") !== last;
        merge(html, answer.headers.get("X-Last"));
        if (grew && follow) { if (near) toEnd(); else offerFresh(); }
      });
    }).catch(function () {});
  }
  /* It stands above the bar and pushes the talk up, so that no button of a message is ever behind it. */
  function offerFresh() {
    if (document.querySelector(".fresh") || endSeen()) return;
    var button = make("button", "fresh", words.fresh);
    button.type = "button";
    button.addEventListener("click", function () { button.remove(); toEnd(); });
    var bar = document.querySelector(".foot .bar");
    bar.parentNode.insertBefore(button, bar);
  }
  function endSeen() {
    var newest = log.lastElementChild;
    return !newest || newest.getBoundingClientRect().bottom <= scroll.getBoundingClientRect().bottom + 24;
  }
  function dropFresh() {
    var button = document.querySelector(".fresh");
    if (button) button.remove();
  }
  function seen() { if (atEnd() || endSeen()) dropFresh(); }
  scroll.addEventListener("scroll", seen, { passive: true });
  window.addEventListener("resize", seen);

  /* ── sending: one after the other, each told apart by its key, so that a repeat does nothing ──── */

  var sending = false;
  function enqueue(job) {
    queue.push(job);
    next();
  }
  function next() {
    if (sending || !queue.length || left) return;
    var job = queue[0];
    sending = true;
    job.tried = (job.tried || 0) + 1;
    if (job.tried === 1) job.waits();
    fetch(job.to, { method: "POST", headers: { "X-Chat": "1" }, body: job.body, cache: "no-store" })
      .then(function (answer) {
        return answer.text().then(function (body) { took(job, answer, body); });
      })
      .catch(function () { missed(job); });
  }
  function took(job, answer, body) {
    sending = false;
    if (left) return;
    if (answer.status === 502 || answer.status === 504) return missed(job);
    queue.shift();
    if (!answer.ok) {
      job.fails(body);
      return next();
    }
    say("");
    merge(body, answer.headers.get("X-Last"));
    job.done();
    if (answer.headers.get("X-Answered") === "0") say(words.kept);
    dropFresh();
    toHere();
    listen();
    next();
  }
  function missed(job) {
    sending = false;
    if (left) return;
    if (job.tried > 5) {
      queue.shift();
      job.fails(words.failed);
      return next();
    }
    job.retries();
    setTimeout(next, Math.min(16000, 1000 * Math.pow(2, job.tried - 1)));
  }
  window.addEventListener("online", next);
  window.addEventListener("beforeunload", function (event) {
    if (!left && queue.length) event.preventDefault();
  });

  function wordsJob(body, said, names) {
    var bubble = make("article", "bubble me waiting");
    var speech = make("div", "speech");
    if (said) speech.appendChild(make("p", "words", said.length > 600 ? said.slice(0, 200) + "…" : said));
    names.forEach(function (name) { speech.appendChild(make("p", "files", name)); });
    var state = make("p", "state");
    bubble.appendChild(speech);
    bubble.appendChild(state);
    unsent.appendChild(bubble);
    toEnd();
    var job = {
      to: "/say",
      body: body,
      waits: function () { state.textContent = words.sending; },
      retries: function () { state.textContent = words.offline; },
      done: function () { bubble.remove(); },
      fails: function (why) {
        bubble.classList.add("failed");
        state.textContent = why + " ";
        [[words.again, again], [words.drop, drop]].forEach(function (one) {
          var button = make("button", "again", one[0]);
          button.type = "button";
          button.addEventListener("click", one[1]);
          state.appendChild(button);
        });
        toEnd();
      }
    };
    function again() {
      bubble.classList.remove("failed");
      job.tried = 0;
      enqueue(job);
    }
    function drop() { bubble.remove(); }
    return job;
  }
  function tapJob(body, button) {
    return {
      to: "/tap",
      body: body,
      waits: function () { button.disabled = true; button.classList.add("busy"); },
      retries: function () { say(words.offline); },
      done: function () { button.disabled = false; button.classList.remove("busy"); },
      fails: function (why) {
        button.disabled = false;
        button.classList.remove("busy");
        say(why);
      }
    };
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var said = text.value;
    if (!said.trim() && !picked.length) { text.focus(); return; }
    var body = new FormData();
    body.append("token", token());
    body.append("key", newKey());
    body.append("text", said);
    picked.forEach(function (file) { body.append("file", file, file.name); });
    var names = picked.map(function (file) { return file.name; });
    text.value = "";
    picked = [];
    showPicked();
    grow();
    enqueue(wordsJob(body, said.trim(), names));
    if (byHand()) text.focus();
    else text.blur(); /* the keyboard would cover the answer */
  });
  var tapped = null;
  document.addEventListener("click", function (event) {
    tapped = event.target.closest ? event.target.closest("button[name=action]") : null;
  });
  document.addEventListener("submit", function (event) {
    if (!event.target.classList.contains("taps")) return;
    event.preventDefault();
    var button = event.submitter || tapped;
    if (!button || button.disabled) return;
    var body = new FormData();
    body.append("token", token());
    body.append("key", newKey());
    body.append("action", button.value);
    enqueue(tapJob(body, button));
  });

  /* ── writing ─────────────────────────────────────────────────────────────────────────────────── */

  function byHand() { return Boolean(window.matchMedia && window.matchMedia("(pointer: fine)").matches); }
  function grow() {
    text.style.height = "auto";
    text.style.height = Math.min(text.scrollHeight + 2, 180) + "px";
    count.hidden = text.value.length < SHOWN_COUNT;
    count.textContent = text.value.length + words.countof;
    count.classList.toggle("over", text.value.length > WISHED);
  }
  text.addEventListener("input", grow);
  text.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if (!byHand()) return;
    event.preventDefault();
    if (form.requestSubmit) form.requestSubmit();
    else form.querySelector(".send").click();
  });

  var picked = [];
  function showPicked() {
    chosen.textContent = "";
    picked.forEach(function (file, at) {
      var line = make("li", file.size > MAX_FILE ? "over" : "");
      var size = file.size > MAX_FILE ? words.toobig : Math.max(1, Math.round(file.size / 1024)) + " KB";
      line.appendChild(make("span", "", file.name + "（" + size + "）"));
      var button = make("button", "", words.remove);
      button.type = "button";
      button.addEventListener("click", function () { picked.splice(at, 1); showPicked(); });
      line.appendChild(button);
      chosen.appendChild(line);
    });
    chosen.hidden = !picked.length;
  }
  files.addEventListener("change", function () {
    picked = picked.concat(Array.from(files.files));
    files.value = "";
    attach.open = false;
    showPicked();
  });

  /* ── news from the other side ────────────────────────────────────────────────────────────────── */

  var source = null;
  function listen() {
    if (source || !window.EventSource || !last) return;
    source = new EventSource("/stream?after=" + encodeURIComponent(last));
    source.addEventListener("talk", function (event) {
      if (event.lastEventId !== last && !sending) refresh(true);
    });
    source.addEventListener("gone", goAway);
    source.addEventListener("error", function () {
      if (source.readyState === 2) source = null;
    });
  }
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState !== "visible" || left || !last) return;
    listen();
    refresh(true);
  });
  listen();
  toHere();
  grow();
})();
