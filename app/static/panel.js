// The weighted total while scores are chosen; the server computes it again. `fill` comes from app.js.
"use strict";

const total = document.querySelector(".total[data-scale]");
const form = document.getElementById("step");

function showTotal() {
  const answers = new FormData(form);
  const scale = Number(total.dataset.scale);
  let sum = 0;
  let count = 0;
  const criteria = [...form.querySelectorAll("[data-weight]")];
  for (const criterion of criteria) {
    const score = (answers.get(criterion.querySelector("input").name) ?? "").trim();
    if (/^\d{1,4}$/.test(score) && Number(score) <= scale) {
      sum += Number(criterion.dataset.weight) * Number(score);
      count += 1;
    }
  }
  total.textContent = count === criteria.length
    ? fill(total.dataset.whole, {total: (sum / 100).toFixed(2)}) : fill(total.dataset.partly, {count});
}

form.addEventListener("input", showTotal);
// The browser may have put scores back into the page.
addEventListener("pageshow", showTotal);
