// The terminal: what was typed and printed, the prompt with its history, and Tab.

import { $, el, more } from "./dom.js";
import { picture } from "./drawing.js";

const LONG = 60;   // lines after which an output is folded

/** One entry of the log. */
export function entry(told) {
  const python = told.kind === "python";
  const signs = python ? [">>> ", "... "] : ["$ ", "> "];
  const typed = told.line.split("\n").map((line, n) => (n ? signs[1] : signs[0]) + line).join("\n");
  return el("div", { class: `entry ${told.ok ? "" : "refused"}` },
    el("pre", { class: "typed" }, typed),
    told.journey ? folded(told.text) : output(told.text),
    told.picture ? figure(told.picture) : null,
    told.why ? more("Why, and what would work", parts(told.why)) : null);
}

/** Of a layer that is pulled a terminal shows one line, which changes: so the last one here. */
export function settled(text) {
  const lines = text.replace(/\n$/, "").split("\n");
  const layer = (line) => line.match(/^([0-9a-f]{12}): [A-Z]/)?.[1];
  const last = new Map(lines.map((line) => [layer(line), line]));
  const told = new Set([undefined]);
  return lines.filter((line) => !told.has(layer(line)) ? told.add(layer(line)) : !layer(line))
    .map((line) => (layer(line) ? last.get(layer(line)) : line));
}

function output(text) {
  if (!text) return null;
  const lines = settled(text);
  const shown = el("pre", { class: "printed" }, lines.slice(-LONG).join("\n"));
  if (lines.length <= LONG) return shown;
  const first = lines.slice(0, -LONG);
  return [more(`${first.length} lines before`, el("pre", { class: "printed" }, first.join("\n"))), shown];
}

/** A journey stands in its panel hop by hop: here are how it ended, and the rest on demand. */
function folded(text) {
  const whole = text.trimEnd();
  const end = whole.lastIndexOf("\n\n");
  if (end < 0) return output(text);
  return [more("The journey as text", el("pre", { class: "printed" }, whole)),
    el("pre", { class: "printed" }, whole.slice(end + 2))];
}

function figure(svg) {
  const image = picture(svg);
  return image && el("figure", {}, image);
}

/** The three parts of a refusal, "asked: ...", "rule: ...", "try: ...", as a list. */
export function parts(why) {
  const list = el("dl", { class: "why" });
  for (const line of why.split("\n")) {
    const [, label, text] = line.match(/^(asked|rule|try):\s+(.*)$/) ?? [null, "", line];
    list.append(el("dt", {}, label), el("dd", {}, text));
  }
  return list;
}

export class Terminal {
  /** `onLine(text)` runs a line; `onComplete(text)` gives what its last word may become. */
  constructor({ onLine, onComplete }) {
    this.log = $("log");
    this.line = $("line");
    this.onLine = onLine;
    this.onComplete = onComplete;
    this.typed = [];
    this.place = 0;
    this.draft = "";
    this.leaving = false;
    $("prompt").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.line.addEventListener("keydown", (event) => this.key(event));
    this.line.addEventListener("input", () => this.grow());
  }

  submit() {
    const text = this.line.value;
    if (!text.trim()) return;
    this.set("");
    this.remember(text);
    this.onLine(text);
  }

  remember(text) {
    if (this.typed.at(-1) !== text) this.typed.push(text);
    this.place = this.typed.length;
  }

  /** The text of the prompt; the caret goes behind it. */
  set(text) {
    this.line.value = text;
    this.line.setSelectionRange(text.length, text.length);
    this.grow();
  }

  grow() {
    this.line.rows = Math.min(12, this.line.value.split("\n").length);
  }

  key(event) {
    const leaving = this.leaving;
    this.leaving = event.key === "Escape" || (leaving && event.key === "Shift");
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && this.atEdge(true)) {
      event.preventDefault();
      this.walk(-1);
    } else if (event.key === "ArrowDown" && this.atEdge(false)) {
      event.preventDefault();
      this.walk(1);
    } else if (event.key === "Tab" && !event.shiftKey && !leaving && this.line.value.trim()) {
      event.preventDefault();
      this.complete();
    }
  }

  atEdge(top) {
    const { value, selectionStart, selectionEnd } = this.line;
    const rest = top ? value.slice(0, selectionStart) : value.slice(selectionEnd);
    return !rest.includes("\n");
  }

  walk(by) {
    const to = this.place + by;
    if (to < 0 || to > this.typed.length) return;
    if (this.place === this.typed.length) this.draft = this.line.value;
    this.place = to;
    this.set(to === this.typed.length ? this.draft : this.typed[to]);
  }

  async complete() {
    const before = this.line.value.slice(0, this.line.selectionStart);
    const behind = this.line.value.slice(this.line.selectionStart);
    const words = await this.onComplete(before);
    const last = before.slice(before.lastIndexOf(" ") + 1);
    const fitting = words.filter((word) => word.startsWith(last));
    if (!fitting.length || this.line.value !== before + behind) return;
    const same = common(fitting);
    const whole = fitting.length === 1 ? `${same} ` : same;
    this.set(before.slice(0, before.length - last.length) + whole + behind);
    if (fitting.length > 1 && same === last) this.note(fitting.join("  "));
  }

  /** What happened, and stays in view. */
  add(node) {
    const down = () => { this.log.scrollTop = this.log.scrollHeight; };
    this.log.append(node);
    node.querySelector("img")?.addEventListener("load", down);
    down();
  }

  note(text, cls = "note") { this.add(el("p", { class: cls }, text)); }

  refuse({ text, why }) {
    this.add(el("div", { class: "entry refused" },
      el("p", { class: "printed" }, text), why ? parts(why) : null));
  }

  clear() { this.log.replaceChildren(); }
}

function common(words) {
  let same = words[0];
  for (const word of words) while (!word.startsWith(same)) same = same.slice(0, -1);
  return same;
}
