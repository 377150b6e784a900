// What makes the pages nicer; none of them needs it.
"use strict";

const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// The error summary is read first. Else the question a link asked for; inputs in rows have only a name, no id.
const errors = document.querySelector(".errors");
const asked = decodeURIComponent(location.hash.slice(1));
if (errors) {
  errors.focus();
} else if (asked && !document.getElementById(asked)) {
  document.getElementsByName(asked)[0]?.focus();
}

// Live counters. Text under composition by an input method is not counted until it is settled.
for (const count of document.querySelectorAll("[data-limit][data-within]")) {
  const input = document.getElementById(count.id.slice(0, -"-count".length));
  const limit = Number(count.dataset.limit);
  const show = () => {
    const length = countLength(input.value);
    const over = length - limit;
    count.textContent = fill(over > 0 ? count.dataset.beyond : count.dataset.within, {count: length, over});
    count.classList.toggle("over", over > 0);
    count.setAttribute("aria-live", over > 0 ? "polite" : "off");
  };
  input.addEventListener("input", (event) => event.isComposing || show());
  input.addEventListener("compositionend", show);
}

// Typed text is not left behind unawares (autosave.js asks for its own form), and no form is sent twice by a double click.
for (const form of document.querySelectorAll("form[data-guard]")) {
  form.addEventListener("input", () => { form.dataset.dirty = ""; });
}
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-dirty]:not([data-keep])")) {
    event.preventDefault();
  }
});
let sent = -2000;
addEventListener("submit", (event) => {
  if (event.target.method === "post") {
    if (event.timeStamp - sent < 2000) {
      event.preventDefault();
      return;
    }
    sent = event.timeStamp;
  }
  delete event.target.dataset.dirty;
  // Nobody else at this browser is to find copies of what was typed.
  if (event.target.matches("[action$='/sign-out']")) {
    sessionStorage.clear();
  }
});
addEventListener("pageshow", () => { sent = -2000; });

// Deadlines in the visitor's own time, with the time left. In the zone of the call itself the time left is enough.
const language = document.documentElement.lang;
const UNITS = [["day", 86400, 2], ["hour", 3600, 2], ["minute", 60, 0]];

function timeLeft(instant) {
  const seconds = (instant - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, size, least]) => Math.abs(seconds) >= size * least);
  return new Intl.RelativeTimeFormat(language).format(Math.trunc(seconds / length), unit);
}

for (const time of document.querySelectorAll("time[data-own]")) {
  const instant = new Date(time.dateTime);
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(time.dateTime) ?? [0, "+", 0, 0];
  const offset = Number(`${sign}1`) * (60 * hours + Number(minutes));
  const when = new Intl.DateTimeFormat(language, {dateStyle: "long", timeStyle: "short", hourCycle: "h23"}).format(instant);
  const own = document.createElement("span");
  own.className = "hint";
  time.after(" ", own);
  const show = () => {
    const left = timeLeft(instant);
    own.textContent = `· ${offset === -instant.getTimezoneOffset() ? left : fill(time.dataset.own, {when, left})}`;
  };
  show();
  setInterval(show, 30000);
}
