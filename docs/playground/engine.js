// The worker that runs Python: questions in, answers out, one at a time; it can be ended.

/**
 * A module that imports the worker, from a blob: such a worker is bound by this page's
 * Content-Security-Policy, which one that comes from a plain server would not be.
 */
function started() {
  const address = new URL("worker.js", document.baseURI).href;
  const blob = new Blob([`import ${JSON.stringify(address)};`], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  const worker = new Worker(url, { type: "module" });
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

export class Stopped extends Error {}

export class Engine {
  /** `onProgress({ text, part })`: what is being done, and how much of it, 0 to 1. */
  constructor(onProgress) {
    this.onProgress = onProgress;
    this.asked = new Map();
    this.number = 0;
    this.start();
  }

  start() {
    this.worker = started();
    /** Once the large files are in the browser's cache. */
    this.kept = new Promise((resolve) => { this.keep = resolve; });
    this.ready = new Promise((resolve, reject) => {
      this.worker.addEventListener("message", ({ data }) => {
        if (data.progress) this.onProgress(data.progress);
        else if (data.ready) resolve(data.ready);
        else if (data.kept) this.keep();
        else if (data.failed) reject(new Error(data.failed));
        else this.take(data);
      });
      this.worker.addEventListener("error", (event) => {
        event.preventDefault();
        reject(new Error(event.message || "the worker could not start"));
        this.drop(new Error("the worker ended"));
      });
    });
    this.ready.catch(() => {});
  }

  take({ id, told }) {
    const waiting = this.asked.get(id);
    this.asked.delete(id);
    waiting?.resolve(JSON.parse(told));
  }

  drop(why) {
    for (const waiting of this.asked.values()) waiting.reject(why);
    this.asked.clear();
  }

  /** Ask one thing; an answer is an object, and a refusal is one, too. */
  async ask(what, more = {}) {
    await this.ready;
    const id = ++this.number;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.worker.postMessage({ id, ask: JSON.stringify({ do: what, ...more }) });
    });
  }

  /** End the worker, whatever it does, and start another one. */
  stop() {
    this.worker.terminate();
    this.drop(new Stopped("stopped"));
    this.start();
  }
}
