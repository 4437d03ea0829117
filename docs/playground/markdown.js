// Enough Markdown for questions and lessons, as elements: no HTML passes through.

import { el } from "./dom.js";

const INLINE = /(`+)(.+?)\1|\*\*(.+?)\*\*|\*([^*\s][^*]*?)\*|!\[([^\]]*)\]\(([^)\s]*)\)|\[([^\]]+)\]\(([^)\s]*)\)/gs;

/** A line's texts, codes, emphases and links; `options.link(address)` says what a link does. */
function inline(text, options) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    found.push(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [, , code, strong, slanted, alt, image, words, address] = match;
    if (code !== undefined) found.push(el("code", {}, code));
    else if (strong !== undefined) found.push(el("strong", {}, inline(strong, options)));
    else if (slanted !== undefined) found.push(el("em", {}, inline(slanted, options)));
    else if (image !== undefined) found.push(options.image?.(image, alt) ?? alt);
    else found.push(options.link?.(address, inline(words, options)) ?? el("span", {}, inline(words, options)));
  }
  found.push(text.slice(at));
  return found;
}

/**
 * Blocks: headings, paragraphs, lists, quotes, fences, tables as text, disclosures.
 * `options.fence(kind, text)` makes a fence; without it a fence is shown.
 */
export function blocks(text, options = {}) {
  const lines = text.replace(/<!--[\s\S]*?-->/g, "").split("\n");
  const made = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const fence = line.match(/^\s*(`{3,}|~{3,})\s*(\w*)/);
    if (fence) {
      const end = lines.findIndex((other, n) => n > at && other.trim().startsWith(fence[1]));
      const last = end < 0 ? lines.length : end;
      const inside = lines.slice(at + 1, last).join("\n");
      made.push(options.fence?.(fence[2], inside) ?? el("pre", {}, inside));
      at = last + 1;
    } else if (/^<details>/.test(line)) {
      const end = closing(lines, at);
      const inside = lines.slice(at, end).join("\n");
      const [, summary = "More"] = inside.match(/<summary>(.*?)<\/summary>/) ?? [];
      const body = inside.replace(/^<details>\s*/, "").replace(/<summary>.*?<\/summary>/, "");
      made.push(el("details", {}, el("summary", {}, summary), blocks(body, options)));
      at = end + 1;
    } else if (/^#{1,6} /.test(line)) {
      const level = Math.min(6, line.indexOf(" ") + 1);
      made.push(el(`h${level}`, {}, inline(line.replace(/^#+ /, ""), options)));
      at += 1;
    } else if (!line.trim()) {
      at += 1;
    } else {
      const [kind, taken] = block(lines, at);
      made.push(paragraph(kind, lines.slice(at, at + taken), options));
      at += taken;
    }
  }
  return made;
}

function closing(lines, at) {
  let depth = 0;
  for (let n = at; n < lines.length; n += 1) {
    depth += (lines[n].match(/<details>/g) ?? []).length - (lines[n].match(/<\/details>/g) ?? []).length;
    if (depth <= 0) return n;
  }
  return lines.length;
}

const ITEM = /^\s*(?:[*+-]|\d+\.)\s+/;
const START = { quote: /^>/, table: /^\|/, list: ITEM };

function block(lines, at) {
  const kind = Object.keys(START).find((name) => START[name].test(lines[at])) ?? "text";
  let n = at + 1;
  while (n < lines.length && lines[n].trim() && !/^\s*(```|~~~|#{1,6} |<details>)/.test(lines[n])) {
    if (kind === "text" && (START.list.test(lines[n]) || START.quote.test(lines[n]))) break;
    n += 1;
  }
  return [kind, n - at];
}

function paragraph(kind, lines, options) {
  if (kind === "quote") return el("blockquote", {}, blocks(lines.map((l) => l.replace(/^> ?/, "")).join("\n"), options));
  if (kind === "table") return table(lines, options);
  if (kind === "text") return el("p", {}, inline(lines.join(" "), options));
  const items = [];
  for (const line of lines) {
    if (ITEM.test(line)) items.push(line.replace(ITEM, ""));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  const list = /^\s*\d/.test(lines[0]) ? "ol" : "ul";
  return el(list, {}, items.map((item) => el("li", {}, inline(item, options))));
}

function table(lines, options) {
  const rows = lines.filter((line) => !/^\|[\s:|-]+\|?$/.test(line))
    .map((line) => line.replace(/^\||\|\s*$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim()));
  const cells = (row, tag) => el("tr", {}, row.map((cell) => el(tag, {}, inline(cell, options))));
  return el("div", { class: "wide" }, el("table", {},
    el("thead", {}, cells(rows[0], "th")), el("tbody", {}, rows.slice(1).map((row) => cells(row, "td")))));
}
