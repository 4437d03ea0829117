// The page: terminal, drawing, journey, exercises and links, and the worker behind them.

import { $, el, tabs } from "./dom.js";
import { show } from "./drawing.js";
import { Engine, Stopped } from "./engine.js";
import { Journey, mark } from "./journey.js";
import { Labs } from "./labs.js";
import { Lessons } from "./lessons.js";
import { Terminal, entry } from "./terminal.js";
import "./files.js";

const EXAMPLES = [
  ["docker run -d --name web -p 8080:80 nginx", "Run nginx"],
  ["docker network create app", "A network"],
  ["docker run -d --name db --network app redis", "redis on it"],
  ["trace web db:6379", "web to db?"],
  ["docker network connect app web", "Connect web"],
  ["trace web db:6379", "And now?"],
  ["trace outside web:80", "From outside"],
  ["web ip addr", "Look inside"],
  ["rules -t nat", "The NAT rules"],
  ["docker.reachability()", "Who reaches whom"],
  ["from k8s_bridge import translate\nprint(translate(docker).yaml)", "As Kubernetes"],
];

const LAB = /^(?:minidock\s+)?lab(?:\s+(?:start|check|hint|solve)(?:\s+(\S+).*)?|\s+list)?$/;

const choose = tabs(document.querySelector('[role="tablist"]'));
const engine = new Engine(progress);
const terminal = new Terminal({ onLine: type, onComplete: complete });
const journey = new Journey((number) => mark(drawn, number));
const labs = new Labs({ ask, onSetup: setUp, onLesson: (page) => { choose("tab-lesson"); lessons.open(page); } });
const lessons = new Lessons((text) => { type(text); });

let lines = [];       // what was run: replayed after a stop
let place = 0;        // the last step
let looked = 0;       // the step that is shown
let aimed = 0;        // the step that was asked for last: fast clicks do not wait
let drawn = null;     // the drawing on the page
let host = "";        // the host's drawing at the step that is shown
let trace = null;     // the journey that is shown, or null
let opening = Promise.resolve();
let running = 0;
let again = false;    // whether Python is being started once more

// --- the worker ------------------------------------------------------------------------

function progress({ text, part }) {
  $("loading").hidden = false;
  $("loading-text").textContent = text;
  $("progress").value = Math.round(100 * part);
  state("loading");
}

function state(text) { if ($("state").textContent !== text) $("state").textContent = text; }

/** Ask Python; a stop or a fault is a refusal, too. A Python that ended starts again. */
async function ask(what, more) {
  const timer = setTimeout(() => { $("stop").hidden = false; state("running"); }, 400);
  running += 1;
  try {
    const told = await engine.ask(what, more);
    if (told.ended && !again) setTimeout(() => stop("Python ended."));
    return told;
  } catch (error) {
    if (error instanceof Stopped) return { stopped: true, refused: { text: "stopped", why: "" } };
    return { refused: { text: `The playground could not start: ${error.message}`, why: "try:    load the page again" } };
  } finally {
    clearTimeout(timer);
    running -= 1;
    if (!running) { $("stop").hidden = true; $("run").hidden = false; state("ready"); }
  }
}

async function begin() {
  try {
    const first = JSON.parse(await engine.ready);
    $("loading").hidden = true;
    state("ready");
    return first;
  } catch (error) {
    state("failed");
    $("loading-text").textContent = `The playground could not start: ${error.message}`;
    return null;
  }
}

async function stop(why) {
  const kept = lines;
  again = true;
  engine.stop();
  terminal.note(`${why} Python starts again, and what was done before is done again.`);
  const begun = await begin();
  const told = begun && await ask("replay", { lines: kept, python: true });
  again = false;
  if (!told || told.stopped) return;
  if (told.ended) { await afresh(); return; }
  taken(told, false);
  terminal.note(`Ready: ${kept.length} ${kept.length === 1 ? "line was" : "lines were"} run again.`);
}

/** What was done before ends Python whenever it is done: then it is left out. */
async function afresh() {
  lines = [];
  engine.stop();
  const first = await begin();
  if (!first) return;
  taken(first, false);
  terminal.note("What was done before ends Python each time, so it was left out: this is an empty host.");
}

// --- typing ----------------------------------------------------------------------------

async function type(text) {
  const lab = text.trim().match(LAB);
  if (lab) { await openLab(lab[1]); return; }
  if (looked !== place) await goOn();
  const told = await ask("run", { text, columns: columns() });
  if (told.stopped) return;
  if (told.refused) { terminal.refuse(told.refused); return; }
  if (told.unfinished) { terminal.set(`${text}\n    `); terminal.line.focus(); return; }
  taken(told);
}

/** Exercises stand in the panel; `lab start 3` opens one. */
async function openLab(name) {
  choose("tab-lab");
  const found = !name || await labs.open(name);
  terminal.note(found ? "Exercises are in their panel, beside the terminal." : `There is no exercise ${name}.`);
}

/** How many letters fit side by side into the log. */
function columns() {
  const ruler = el("pre", { class: "printed" }, "m".repeat(100));
  const box = el("div", { class: "ruler" }, ruler);
  terminal.log.append(box);
  const room = terminal.log.clientWidth - 28;
  const fit = Math.floor((100 * room) / ruler.scrollWidth);
  box.remove();
  return Math.max(40, Math.min(fit, 120));
}

/** Show what an answer says is new. */
function taken(told, logged = true) {
  if (told.refused) { terminal.refuse(told.refused); return; }
  if (logged) for (const one of told.entries) terminal.add(entry(one));
  lines = told.lines;
  place = looked = aimed = told.place;
  if (told.svg !== null) host = told.svg;
  follow(told.journey);
  steps();
  if (told.entries.length && !$("panel-changes").hidden) changes();
}

async function complete(text) {
  const told = await ask("complete", { text });
  return told.words ?? [];
}

// --- the drawing -----------------------------------------------------------------------

/** A journey is drawn over the host until something else is done. */
function follow(told, turn = true) {
  trace = told ?? null;
  drawn = show($("drawing"), trace ? trace.svg : host);
  $("drawing").classList.toggle("tracing", trace !== null);
  $("world-title").textContent = trace ? "The journey" : "The host";
  journey.show(trace);
  if (trace && turn) choose("tab-journey");
}

function steps() {
  $("step").textContent = `step ${looked} of ${place}`;
  $("earlier").disabled = looked <= 0;
  $("later").disabled = looked >= place;
  const past = looked !== place;
  $("past").hidden = !past;
}

async function look(to) {
  aimed = Math.max(0, Math.min(to, place));
  const told = await ask("look", { place: aimed });
  if (told.refused) { aimed = looked; return; }
  looked = told.place;
  host = told.svg;
  const line = told.entry.line.split("\n")[0];
  $("past-text").textContent = looked ? `You look back, at the host after: ${line}` : "You look back, at the first host.";
  follow(told.journey, false);
  fillChanges(told.changes);
  steps();
}

async function changes() {
  const told = await ask("look", { place: looked });
  if (!told.refused) fillChanges(told.changes);
}

function fillChanges(sections) {
  const shown = sections.map(({ title, lines: all }) => el("section", {}, el("h3", {}, title),
    el("ul", { class: "diff" }, all.map((line) => el("li", { class: line[0] === "+" ? "plus" : "minus" }, line)))));
  const nothing = el("p", { class: "empty" }, looked ? "This step changed nothing on the host." : "Nothing was done yet.");
  $("panel-changes").replaceChildren(...(shown.length ? shown : [nothing]));
}

async function goOn() {
  const told = await ask("until", { place: looked });
  terminal.note(`Going on from step ${looked}.`);
  taken(told, false);
}

// --- from the beginning ----------------------------------------------------------------

async function over(cleared = true) {
  if (cleared) history.replaceState(null, "", location.pathname + location.search);
  const told = await ask("start");
  if (told.refused) return;
  terminal.clear();
  journey.show(null);
  taken(told, false);
  waiting(null);
}

async function setUp(commands) {
  await over();
  taken(await ask("replay", { lines: commands, python: false }));
}

// --- links -----------------------------------------------------------------------------

async function share() {
  const told = await ask("share", { lab: labs.name, answer: labs.answer });
  if (told.refused) { terminal.refuse(told.refused); return; }
  history.replaceState(null, "", `#${told.link}`);
  $("share-link").value = location.href;
  $("copied").textContent = "";
  $("share-dialog").showModal();
  $("share-link").select();
}

async function copy() {
  try {
    await navigator.clipboard.writeText($("share-link").value);
    $("copied").textContent = "Copied.";
  } catch {
    $("share-link").select();
    $("copied").textContent = "Select it and copy it: this browser does not let a page copy.";
  }
}

/** What a link carries: commands run at once, Python when its reader says so. */
async function opened() {
  const link = location.hash.slice(1);
  if (!link || link.startsWith("lesson-")) return;
  const shared = await ask("open", { link });
  if (shared.refused) { terminal.refuse(shared.refused); return; }
  if (shared.lab) {
    if (await labs.open(shared.lab, shared.answer || undefined)) choose("tab-lab");
    else terminal.note(`This link names an exercise that is not here: ${shared.lab}.`);
  }
  await replay(shared.lines);
}

async function replay(all) {
  const told = await ask("replay", { lines: all, python: false });
  if (told.refused) { terminal.refuse(told.refused); return; }
  taken(told);
  if (told.done < all.length) waiting(all.slice(told.done));
}

/** Lines of a link that are not run before somebody has seen them. */
function waiting(left) {
  const box = $("waiting");
  box.hidden = !left;
  if (!left) { box.replaceChildren(); return; }
  const go = async () => {
    waiting(null);
    taken(await ask("replay", { lines: left, python: true }));
    terminal.line.focus();
  };
  box.replaceChildren(
    el("p", { role: "alert" }, "This link goes on with Python. It runs in this tab alone, and only if you say so. Read it first:"),
    el("pre", { tabindex: "0", "aria-label": "The lines that wait" }, left.join("\n")),
    el("div", { class: "tools" },
      el("button", { type: "button", id: "run-shared", click: go }, "Run these lines"),
      el("button", { type: "button", click: () => { waiting(null); terminal.line.focus(); } }, "Leave them out")));
}

// --- the page --------------------------------------------------------------------------

const THEMES = { auto: "as the system", light: "light", dark: "dark" };

function theme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  $("theme").textContent = `Theme: ${name}`;
  $("theme").setAttribute("aria-label", `Theme: ${THEMES[name]}`);
  try { localStorage.setItem("minidock-theme", name); } catch { /* then it is not kept */ }
}

function controls() {
  $("share").addEventListener("click", share);
  $("over").addEventListener("click", () => over());
  $("copy").addEventListener("click", copy);
  $("share-close").addEventListener("click", () => $("share-dialog").close());
  $("stop").addEventListener("click", () => stop("Stopped."));
  $("earlier").addEventListener("click", () => look(aimed - 1));
  $("later").addEventListener("click", () => look(aimed + 1));
  $("now").addEventListener("click", () => look(place));
  $("continue").addEventListener("click", goOn);
  $("tab-changes").addEventListener("chosen", changes);
  $("tab-lab").addEventListener("chosen", () => labs.fill());
  $("theme").addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const now = document.documentElement.dataset.theme ?? "auto";
    theme(names[(names.indexOf(now) + 1) % names.length]);
  });
  $("examples").append(...EXAMPLES.map(([line, name]) => el("button", {
    type: "button", title: line, click: () => { terminal.remember(line); type(line); },
  }, name)));
  addEventListener("hashchange", () => {
    // one link after the other, since each begins with an empty host
    opening = opening.then(async () => { await over(false); await opened(); });
  });
}

async function keep() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  try {
    await engine.kept;
    await navigator.serviceWorker.register("sw.js");
    await navigator.serviceWorker.ready;
    document.documentElement.dataset.kept = "yes";
  } catch { /* then it needs the network the next time, too */ }
}

theme(document.documentElement.dataset.theme ?? "auto");
controls();
lessons.list(self.LESSONS);
steps();
const first = await begin();
if (first) {
  taken(first, false);
  await opened();
  document.documentElement.dataset.ready = "yes";
  keep();
}
