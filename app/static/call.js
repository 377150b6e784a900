// A link to a line of a call file selects that line in its text.
"use strict";

const source = document.getElementById("text");

// How far down the text ends, long lines being wrapped: asked of a twin that holds no more than that.
function heightOf(text) {
  const twin = source.cloneNode();
  twin.removeAttribute("id");
  twin.value = text;
  Object.assign(twin.style, {height: "0", minHeight: "0"});
  source.after(twin);
  const height = twin.scrollHeight;
  twin.remove();
  return height;
}

addEventListener("click", (event) => {
  const link = event.target.closest("a[data-line]");
  if (!link) {
    return;
  }
  event.preventDefault();
  const lines = source.value.split("\n");
  const end = lines.slice(0, link.dataset.line).join("\n").length;
  source.focus();
  source.setSelectionRange(end - lines[link.dataset.line - 1].length, end);
  source.scrollTop = heightOf(source.value.slice(0, end)) - source.clientHeight / 2;
});
