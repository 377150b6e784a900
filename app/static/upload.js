// Files are sent one by one, each with its progress, to the very form that sends them all at once without this.
"use strict";

const box = document.querySelector("[data-upload]");
if (box) {
  const {dataset} = box;
  const input = box.querySelector("[type=file]");
  const form = input.form;
  const drop = box.querySelector(".drop");
  const list = box.querySelector("ul");
  const memory = `refused ${location.pathname}`;

  function element(name, text = "") {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function showRefused(messages) {
    const banner = element("div");
    banner.className = "banner bad";
    banner.setAttribute("role", "alert");
    const items = element("ul");
    items.append(...messages.map((message) => element("li", message)));
    banner.append(element("p", dataset.refused), items);
    drop.after(banner);
  }

  // Answers {ok, message}; a message only where the file was refused.
  function send(file, progress) {
    const failed = {ok: false, message: fill(dataset.failed, {name: file.name})};
    if (file.size > Number(dataset.limit)) {
      return {ok: false, message: fill(dataset.large, {name: file.name})};
    }
    const body = new FormData(form);
    body.set("action", "upload");
    body.set("files", file, file.name);
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      // Not form.action: the buttons are called action, too.
      request.open("POST", form.getAttribute("action") ?? location.href);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.onprogress = (event) => { progress.value = event.loaded / event.total; };
      request.onload = () => resolve(typeof request.response?.ok === "boolean" ? request.response : failed);
      request.onerror = () => resolve(failed);
      request.send(body);
    });
  }

  async function sendAll(files) {
    const waiting = files.map((file) => {
      const item = element("li", `${file.name} `);
      const progress = element("progress");
      const state = element("span", ` ${dataset.waiting}`);
      progress.value = 0;
      progress.setAttribute("aria-label", file.name);
      item.append(progress, state);
      list.append(item);
      return {file, progress, state};
    });
    input.value = "";
    input.disabled = true;
    form.dataset.dirty = "";
    const refused = [];
    for (const {file, progress, state} of waiting) {
      state.textContent = "";
      const answer = await send(file, progress);
      state.textContent = answer.ok ? ` ${dataset.done}` : ` ${answer.message}`;
      state.className = answer.ok ? "" : "error";
      progress.hidden = true;
      if (!answer.ok) {
        refused.push(answer.message);
      }
    }
    if (refused.length < files.length) {
      // What was typed beside the files was sent with each of them.
      delete form.dataset.dirty;
      sessionStorage.setItem(memory, JSON.stringify(refused));
      location.reload();
    } else {
      list.replaceChildren();
      input.disabled = false;
      showRefused(refused);
    }
  }

  function choose(files) {
    if (files.length && !input.disabled) {
      box.querySelector(".banner")?.remove();
      sendAll([...files]);
    }
  }

  const refusedBefore = JSON.parse(sessionStorage.getItem(memory) ?? "[]");
  sessionStorage.removeItem(memory);
  if (refusedBefore.length) {
    showRefused(refusedBefore);
  }
  box.classList.add("ready");
  drop.querySelectorAll("[hidden]").forEach((hidden) => { hidden.hidden = false; });
  box.querySelector("[value=upload]").hidden = true;
  input.addEventListener("change", () => choose(input.files));
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("dropping", kind === "dragenter" || kind === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => choose(event.dataTransfer.files));
}
