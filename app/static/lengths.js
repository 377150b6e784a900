// The rule of app/lengths.py; both must pass tests/lengths.json.
"use strict";

const WIDE = "\\u2e80-\\u2fff\\u3001-\\u312f\\u3190-\\u9fff\\uf900-\\ufaff\\ufe10-\\ufe1f\\ufe30-\\ufe6f\\uff01-\\uff9f\\uffe0-\\uffe6"
  + "\\u{1aff0}-\\u{1b16f}\\u{1f200}-\\u{1f2ff}\\u{20000}-\\u{3ffff}";
const MARKS = "“”‘’—…·";
const SPACES = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WEIGHTLESS = /[\p{M}\p{Cf}]+/gu;
const TOKENS = new RegExp(`([${WIDE}]+)|([${MARKS}]+)|([${SPACES}]+)|[^${WIDE}${MARKS}${SPACES}]+`, "gu");

function countLength(text) {
  const tokens = [...text.replace(WEIGHTLESS, "").matchAll(TOKENS)];
  let total = 0;
  let inRun = false;
  tokens.forEach(([token, wide, marks, space], place) => {
    if (wide || (marks && (tokens[place - 1]?.[1] || tokens[place + 1]?.[1]))) {
      total += [...token].length;
      inRun = false;
    } else if (space) {
      inRun = false;
    } else if (!inRun) {
      total += 1;
      inRun = true;
    }
  });
  return total;
}
