// The exercises: question, editor, check, hints one by one, solution.

import { $, el, more } from "./dom.js";
import { blocks } from "./markdown.js";
import { parts, settled } from "./terminal.js";

export class Labs {
  /**
   * `ask(what, more)` asks Python; `onSetup(lines)` types lines into the terminal;
   * `onLesson(page)` opens a lesson.
   */
  constructor({ ask, onSetup, onLesson }) {
    Object.assign(this, { ask, onSetup, onLesson });
    this.name = "";
    this.answers = new Map();
    $("labs").addEventListener("change", () => this.open($("labs").value));
  }

  get answer() { return this.name ? $("answer").value : ""; }

  /** Fetch the list once, when somebody asks for it. */
  async fill() {
    this.listed ??= this.ask("labs").then((told) => this.list(told.labs ?? []));
    await this.listed;
  }

  list(labs) {
    const choices = labs.map((lab) =>
      el("option", { value: lab.name }, lab.lesson ? `${lab.lesson}. ${lab.title}` : lab.title));
    $("labs").append(...choices);
  }

  /** Show an exercise; an answer that was begun is still there. */
  async open(name, answer) {
    if (this.name) this.answers.set(this.name, this.answer);
    if (!name) { this.close(); return true; }
    await this.fill();
    const lab = await this.ask("lab", { lab: name });
    if (lab.refused) { this.close(); return false; }
    this.name = lab.name;
    $("labs").value = lab.name;
    this.show(lab, answer ?? this.answers.get(lab.name) ?? lab.skeleton);
    return true;
  }

  close() {
    this.name = "";
    $("labs").value = "";
    $("lab").hidden = true;
    $("lab").replaceChildren();
  }

  show(lab, answer) {
    this.hints = 0;
    this.lab = lab;
    const editor = el("textarea", {
      id: "answer", rows: Math.min(16, Math.max(6, answer.split("\n").length + 1)), spellcheck: "false",
      autocomplete: "off", autocapitalize: "off",
    });
    editor.value = answer;
    const python = lab.kind === "python";
    $("lab").hidden = false;
    $("lab").replaceChildren(
      el("h3", {}, lab.title),
      el("div", { class: "question" }, blocks(lab.question)),
      lab.setup.length ? el("div", {},
        el("p", { class: "soft small" }, "Before your answer, these were run:"),
        el("pre", {}, lab.setup.join("\n")),
        el("button", { type: "button", click: () => this.onSetup(lab.setup) }, "Set this up in the terminal")) : "",
      lab.hosts.length ? el("p", { class: "soft small" }, `Several hosts: a line begins with its host, as in ${lab.hosts[0]}$ docker ps`) : "",
      lab.python ? el("div", {}, el("p", { class: "soft small" }, "These names are there:"), el("pre", {}, lab.python)) : "",
      el("label", { for: "answer" }, python ? "Your answer: Python" : "Your answer: one command a line"),
      editor,
      el("div", { class: "tools" },
        el("button", { type: "button", id: "check", class: "main", click: () => this.check() }, "Check"),
        el("button", { type: "button", id: "hint", click: () => this.hint() }, `Hint (${lab.hints})`),
        el("button", { type: "button", id: "solution", hidden: true, click: () => this.solution() }, "Solution"),
        el("button", { type: "button", id: "again", click: () => { editor.value = lab.skeleton; editor.focus(); } }, "Start again"),
        el("button", { type: "button", id: "to-lesson", click: () => this.onLesson(lab.page) }, "Read the lesson")),
      el("ol", { id: "hints", "aria-live": "polite", "aria-label": "Hints" }),
      el("div", { id: "report", role: "status" }));
  }

  async hint() {
    const told = await this.ask("hint", { lab: this.name, number: this.hints + 1 });
    if (told.refused) return;
    this.hints += 1;
    $("hints").append(el("li", {}, blocks(told.hint)));
    $("hint").textContent = told.left ? `Hint (${told.left})` : "No more hints";
    $("hint").disabled = !told.left;
    $("solution").hidden = Boolean(told.left);
  }

  async solution() {
    const told = await this.ask("solution", { lab: this.name });
    $("hints").append(el("li", {}, "A solution:", el("pre", { id: "solved" }, told.solution)));
    $("solution").disabled = true;
  }

  async check() {
    const report = $("report");
    report.replaceChildren(el("p", { class: "soft" }, "Checking"));
    const told = await this.ask("check", { lab: this.name, answer: this.answer });
    report.replaceChildren(...(told.refused ? refusal(told.refused) : findings(told)));
    report.scrollIntoView({ block: "nearest" });
  }
}

function refusal({ text, why }) {
  return [el("p", { class: "verdict bad" }, text), why ? parts(why) : ""];
}

function findings(told) {
  const words = { passed: "Solved. All of it is so:", failed: "Not yet:", nothing: `Nothing to check: ${told.nothing}` };
  const verdict = el("p", { class: `verdict ${told.passed ? "good" : "bad"}` }, words[told.outcome]);
  // what is expected may say too much to who has not begun
  if (told.outcome === "nothing") return [verdict];
  const list = el("ul", { class: "findings" }, told.expectations.map(finding));
  return [verdict, ...told.lines.map(refusedLine), list];
}

function refusedLine({ line, text, said, why }) {
  return el("div", { class: "entry refused" },
    el("pre", { class: "typed" }, line ? `line ${line}: ${text}` : text),
    el("pre", { class: "printed" }, settled(said).join("\n")),
    why ? parts(why) : "");
}

function finding({ that, ok, seen, why }) {
  return el("li", { class: ok ? "ok" : "not-ok" },
    el("strong", {}, ok ? "ok " : "not ok "), that,
    why ? el("p", {}, why) : "",
    seen ? more("What is there instead", el("pre", {}, settled(seen).join("\n"))) : "");
}
