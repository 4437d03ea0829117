// A packet's journey: the verdict, a slider over its hops, and the hops as a list.

import { $, el } from "./dom.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");
const PACE = 900;   // milliseconds a hop, when played

export class Journey {
  /** `onHop(number)` marks a hop in the drawing. */
  constructor(onHop) {
    this.onHop = onHop;
    this.told = null;
    this.timer = 0;
    $("hop").addEventListener("input", () => { this.rest(); this.go(Number($("hop").value)); });
    $("first").addEventListener("click", () => { this.rest(); this.go(1); });
    $("before").addEventListener("click", () => { this.rest(); this.go(this.number - 1); });
    $("after").addEventListener("click", () => { this.rest(); this.go(this.number + 1); });
    $("play").addEventListener("click", () => (this.timer ? this.rest() : this.play()));
    $("guess").addEventListener("change", () => { this.list(); this.go(this.number); });
  }

  get number() { return Number($("hop").value); }

  get guessing() { return $("guess").checked; }

  show(told) {
    this.rest();
    this.told = told;
    this.seen = 0;
    $("journey").hidden = told === null;
    $("no-journey").hidden = told !== null;
    $("slider").hidden = !told?.hops.length;
    if (told === null) return;
    const last = told.hops.length;
    Object.assign($("hop"), { min: 1, max: Math.max(last, 1) });
    this.verdict();
    this.list();
    this.go(last ? 1 : 0);
  }

  verdict() {
    const { told } = this;
    const word = this.guessing ? "how will it end?" : told.outcome;
    const good = told.delivered ? "good" : "bad";
    $("verdict").className = this.guessing ? "" : good;
    $("verdict").replaceChildren(
      el("h3", {}, told.title, " ", el("span", { class: "word" }, word)),
      ...(this.guessing ? [] : [
        el("p", {}, told.why),
        told.remedy ? el("p", {}, "What would work: ", el("code", {}, told.remedy)) : "",
        told.seen ? el("p", { class: "soft" }, told.seen) : "",
      ]));
  }

  list() {
    const rows = this.told.hops.map((hop) => el("li", {
      value: hop.number, class: hop.reply ? "reply" : "",
    }, el("button", { type: "button", "data-hop": hop.number, click: () => { this.rest(); this.go(hop.number); } },
      el("span", { class: "n" }, hop.number), " ",
      el("span", { class: "where" }, hop.where), " ",
      el("span", { class: "layer" }, hop.layer),
      this.guessing ? null : el("span", { class: "said" }, hop.decision))));
    $("hops").replaceChildren(...rows);
  }

  go(number) {
    const { told } = this;
    const hop = told?.hops[number - 1];
    if (!hop) { $("hop-text").replaceChildren(); this.onHop(0); return; }
    const range = $("hop");
    range.value = number;
    range.setAttribute("aria-valuetext", `hop ${number} of ${told.hops.length}, ${hop.where}`);
    $("hop-number").textContent = `${number} / ${told.hops.length}`;
    $("before").disabled = $("first").disabled = number <= 1;
    $("after").disabled = number >= told.hops.length;
    $("hop-text").replaceChildren(...this.text(hop));
    for (const button of $("hops").querySelectorAll("button")) {
      const here = Number(button.dataset.hop) === number;
      if (here) button.setAttribute("aria-current", "step"); else button.removeAttribute("aria-current");
    }
    this.verdict();
    this.onHop(number);
  }

  text(hop) {
    const head = el("p", { class: "hop-head" },
      el("strong", {}, `Hop ${hop.number} of ${this.told.hops.length}`),
      ` ${hop.reply ? "(the answer) " : ""}at `, el("strong", {}, hop.where), `, ${hop.layer}`);
    const packet = hop.packet ? el("p", {}, el("code", {}, hop.packet)) : "";
    if (!this.guessing || this.seen >= hop.number) return [head, this.decided(hop), packet];
    return [head, el("button", { type: "button", click: () => {
      this.seen = hop.number;
      this.go(hop.number);
      $("after").focus();
    } }, "Show what is decided here")];
  }

  decided(hop) {
    const changed = hop.changed.map(([field, before, after]) =>
      el("li", {}, `${field}: `, el("del", {}, before), " ", el("ins", {}, after)));
    return el("div", { class: hop.decides ? "decided bad" : "decided" },
      el("p", {}, hop.decision),
      hop.rule ? el("code", { class: "rule" }, hop.rule) : null,
      changed.length ? el("ul", { class: "changed", "aria-label": "What it changed" }, changed) : null);
  }

  play() {
    if (this.number >= this.told.hops.length) this.go(1);
    $("play").setAttribute("aria-pressed", "true");
    $("play").textContent = "Pause";
    this.timer = setInterval(() => {
      this.go(this.number + 1);
      if (this.number >= this.told.hops.length) this.rest();
    }, still.matches ? 2 * PACE : PACE);
  }

  rest() {
    clearInterval(this.timer);
    this.timer = 0;
    $("play").setAttribute("aria-pressed", "false");
    $("play").textContent = "Play";
  }
}

/** Mark the hops of a trace's drawing: where the packet is, where it was. */
export function mark(drawn, number) {
  if (!drawn) return;
  let here = null;
  for (const bubble of drawn.querySelectorAll("[data-hops]")) {
    const [first, last = first] = bubble.dataset.hops.split("-").map(Number);
    const now = number >= first && number <= last;
    bubble.classList.toggle("now", now);
    bubble.classList.toggle("ahead", number > 0 && number < first);
    if (now) here ??= bubble;
  }
  if (here) reveal(drawn.parentElement, here.getBoundingClientRect());
}

/** Scroll a box, and nothing around it, so far that a part of it can be seen. */
function reveal(box, part) {
  const frame = box.getBoundingClientRect();
  const [x, y] = [part.left - frame.left, part.top - frame.top];
  if (x < 0 || x + part.width > box.clientWidth) box.scrollLeft += x - box.clientWidth / 2;
  if (y < 0 || y + part.height > box.clientHeight) box.scrollTop += y - box.clientHeight / 2;
}
