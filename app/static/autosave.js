// A step is saved while it is typed, without a button and without being judged; a copy in this browser covers a network
// that is away. What it says stands in apply/step.html; `fill` and `language` come from app.js.
"use strict";

function autosave(form) {
  const state = form.querySelector("[data-saving]");
  const offer = document.getElementById("unsaved");
  const version = form.elements.version;
  const prefix = `typed ${form.dataset.keep} `;
  const opened = ` ${Date.now()}`;
  const newest = `version ${form.dataset.keep}`;
  let running = null;
  let again = false;
  let unanswered = null;
  let failures = 0;
  let stopped = false;
  let leaving = false;
  let composing = false;
  let timer;
  let copying;

  // Every answer, as text. Lines pasted from a spreadsheet are left to their button, which makes them rows.
  function content(from = form) {
    const ours = ["csrf_token", "version", ...[...from.querySelectorAll("[data-once]")].map((input) => input.name)];
    return JSON.stringify([...new FormData(from)].filter(([name]) => !ours.includes(name)));
  }

  // What the server holds: not what the browser itself may have put back into the page.
  const fresh = form.cloneNode(true);
  fresh.reset();
  let saved = "dirty" in form.dataset ? null : content(fresh);

  function say(words) {
    // Each change is read aloud.
    if (state.textContent !== words) {
      state.textContent = words;
    }
  }

  // In the visitor's own time: it is said without a zone.
  function clock(instant) {
    return new Intl.DateTimeFormat(language, {hour: "2-digit", minute: "2-digit", hourCycle: "h23"}).format(instant);
  }

  function key() {
    return prefix + version.value + opened;
  }

  function copy(sent = false) {
    clearTimeout(copying);
    const answers = content();
    if (answers === saved || leaving) {
      return;
    }
    try {
      sessionStorage.setItem(key(), JSON.stringify({at: Date.now(), version: version.value, answers, sent}));
    } catch {
      // The storage is full: the server has to do.
    }
  }

  async function send() {
    // Text whose answer was lost may have been stored. Sent again it is no change; newer text would be one against itself.
    unanswered ??= content();
    const answers = JSON.parse(unanswered);
    const body = new FormData();
    for (const [name, value] of [...answers, ["csrf_token", form.elements.csrf_token.value], ["version", version.value], ["action", "save"]]) {
      body.append(name, value);
    }
    // What may outlive its page is limited to 64 KiB.
    const keepalive = new Blob([unanswered]).size + 100 * answers.length < 60000;
    const pasted = [...form.querySelectorAll("[data-once]")].some((input) => input.value.trim());
    form.toggleAttribute("data-dirty", failures > 0 || pasted || !keepalive || content() !== unanswered);
    const slow = setTimeout(() => say(state.dataset.saving), 1000);
    let response;
    let answer;
    try {
      // Not form.action: the buttons are called action, too.
      response = await fetch(location.pathname + location.search, {
        method: "POST", body, keepalive, headers: {Accept: "application/json"}, signal: AbortSignal.timeout?.(20000),
      });
      answer = await response.json();
    } catch {
      // No answer, or none of ours: as good as a failure of the server.
    }
    clearTimeout(slow);
    if (answer?.ok) {
      failures = 0;
      saved = unanswered;
      unanswered = null;
      sessionStorage.removeItem(key());
      version.value = answer.version;
      sessionStorage.setItem(newest, answer.version);
      copy();
      say(fill(state.dataset.saved, {time: clock(Date.now())}));
      form.toggleAttribute("data-dirty", pasted || content() !== saved);
      if (content() !== saved) {
        later();
      }
      return;
    }
    form.dataset.dirty = "";
    copy();
    stopped = answer?.reason !== undefined && response.status < 500;
    if (stopped) {
      unanswered = null;
      say(answer.message);
    } else {
      failures += 1;
      say(state.dataset.failed);
      timer = setTimeout(save, Math.min(2500 * 2 ** failures, 60000));
    }
  }

  // Answers a promise while something is being saved.
  function save() {
    clearTimeout(timer);
    if (running) {
      again = true;
    } else if (!stopped && !leaving && !composing && (unanswered !== null || content() !== saved)) {
      again = false;
      running = send().finally(() => {
        running = null;
        if (again && !failures) {
          save();
        }
      });
    }
    return running;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, 3000);
  }

  function typed() {
    leaving = false;
    clearTimeout(copying);
    copying = setTimeout(copy, 300);
    if (!failures) {
      later();
    }
  }

  function hide() {
    copy();
    save();
  }

  form.addEventListener("input", (event) => event.isComposing || typed());
  form.addEventListener("compositionstart", () => { composing = true; });
  form.addEventListener("compositionend", () => {
    composing = false;
    typed();
    later();
  });
  form.addEventListener("focusout", ({relatedTarget}) => {
    // A button of the form sends everything itself.
    if (!failures && !(relatedTarget?.type === "submit" && relatedTarget.form === form)) {
      save();
    }
  });
  addEventListener("online", save);
  addEventListener("pagehide", hide);
  addEventListener("pageshow", ({persisted}) => {
    if (persisted && leaving) {
      // Come back to by the browser's button: all of this went to the server since.
      location.reload();
    }
    leaving = false;
  });
  document.addEventListener("visibilitychange", () => document.hidden && hide());
  addEventListener("beforeunload", (event) => {
    hide();
    if ("dirty" in form.dataset) {
      event.preventDefault();
    }
  });

  let waiting = false;
  let passing = false;
  addEventListener("submit", (event) => {
    const {target, submitter} = event;
    const offline = target === form && !navigator.onLine;
    // What is on its way has to arrive first, and no text is left behind by signing out.
    const first = !passing && !offline && (target !== form || running || unanswered !== null) && save();
    if (offline || first || waiting) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (offline) {
      copy();
      say(state.dataset.failed);
    } else if (first && !waiting) {
      waiting = true;
      const resume = () => {
        waiting = false;
        passing = true;
        target.requestSubmit(submitter);
        passing = false;
      };
      // Not at once: while one submission is under way, its form ignores another.
      Promise.race([first, new Promise((resolve) => { setTimeout(resolve, 3000); })]).then(() => setTimeout(resume));
    } else if (!waiting) {
      copy(target === form);
      leaving = true;
      clearTimeout(timer);
    }
  }, {capture: true});

  function putBack({answers, version: before}) {
    const values = new Map();
    for (const [name, value] of JSON.parse(answers)) {
      values.set(name, [...values.get(name) ?? [], value]);
    }
    for (const input of form.elements) {
      const wanted = values.get(input.name) ?? [];
      if (["checkbox", "radio", "hidden"].includes(input.type)) {
        const place = wanted.indexOf(input.value);
        input.checked = place >= 0;
        wanted.splice(place, place >= 0 ? 1 : 0);
      } else if (wanted.length) {
        input.value = wanted.shift();
        input.dispatchEvent(new Event("input", {bubbles: true}));
      }
    }
    // Answers of rows that this page does not show.
    const others = [...values].flatMap(([name, rest]) => rest.map((value) => Object.assign(document.createElement("input"), {type: "hidden", name, value})));
    form.append(...others);
    if (others.length || before !== version.value) {
      // The server brings it together with what changed since.
      version.value = before;
      form.requestSubmit();
    } else {
      save();
    }
  }

  // Copies of earlier visits, unless they are in the draft by now.
  function offerBack() {
    const {type} = performance.getEntriesByType("navigation")[0];
    const left = Object.keys(sessionStorage).filter((name) => name.startsWith(prefix) && !name.endsWith(opened))
      .map((name) => ({name, ...JSON.parse(sessionStorage.getItem(name))})).sort((a, b) => a.at - b.at);
    const isStored = ({answers, sent, version: before}) => answers === content()
      || sent && type === "navigate" && Number(before) < Number(version.value);
    left.filter(isStored).forEach(({name}) => sessionStorage.removeItem(name));
    const latest = left.filter((each) => !isStored(each)).pop();
    offer.hidden = !latest;
    if (latest) {
      const [text, buttons] = offer.children;
      text.textContent = fill(offer.dataset.offer, {time: clock(latest.at)});
      const [put, discard] = buttons.children;
      const decide = (act) => () => {
        sessionStorage.removeItem(latest.name);
        act();
        offerBack();
      };
      put.onclick = decide(() => putBack(latest));
      discard.onclick = decide(() => {});
    }
  }

  const known = Number(sessionStorage.getItem(newest));
  sessionStorage.removeItem(newest);
  if (saved !== null && known > Number(version.value)) {
    // This page was on its way before the text of the one before had arrived.
    location.reload();
    return;
  }
  offerBack();
  copy();
}

document.querySelectorAll("form[data-keep]").forEach(autosave);
