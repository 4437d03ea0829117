// The lessons, read beside the host that they are about: each session can be typed for you.

import { $, el } from "./dom.js";
import { blocks } from "./markdown.js";

const PAGE = /^(?:\.\.\/lessons\/)?(\d\d-[a-z0-9-]+)\.md/;

export class Lessons {
  /** `onRun(text)` types a session into the terminal. */
  constructor(onRun) {
    this.onRun = onRun;
    $("lessons").addEventListener("change", () => this.open($("lessons").value));
  }

  list(files) {
    this.pages = new Map(Object.entries(files));
    const options = [...this.pages].map(([page, title]) => el("option", { value: page }, title));
    $("lessons").append(...options);
  }

  async open(page) {
    $("lessons").value = this.pages.has(page) ? page : "";
    const box = $("lesson");
    box.replaceChildren();
    if (!this.pages.has(page)) return;
    const answer = await fetch(`lessons/${page}.md`).catch(() => null);
    const text = answer?.ok ? await answer.text() : "This lesson could not be fetched.";
    if ($("lessons").value !== page) return;
    box.replaceChildren(...blocks(text, {
      fence: (kind, inside) => this.fence(kind, inside),
      image: (address, alt) => image(address, alt),
      link: (address, words) => this.link(address, words),
    }));
    $("panel-lesson").scrollTop = 0;
  }

  fence(kind, text) {
    const shown = el("pre", {}, text);
    if (kind !== "console" && !text.trimStart().startsWith(">>>")) return shown;
    return el("div", { class: "session" }, shown,
      el("button", { type: "button", "aria-label": "Run this session in the terminal", click: () => this.onRun(text) }, "Run"));
  }

  link(address, words) {
    const [, page] = address.match(PAGE) ?? [];
    if (!page || !this.pages.has(page)) return null;
    return el("a", { href: `#lesson-${page}`, click: (event) => { event.preventDefault(); this.open(page); } }, words);
  }
}

function image(address, alt) {
  const [, name] = address.match(/([A-Za-z0-9._-]+\.svg)$/) ?? [];
  return name ? el("img", { src: `pictures/${name}`, alt, loading: "lazy" }) : null;
}
