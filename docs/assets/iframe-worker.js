// No browser starts a worker from a file, so that pages on the disk would have no search.
// There a frame does the work: a window of its own with the same script and messages.
if (location.protocol === "file:") {
  window.Worker = class {
    constructor(url) {
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "search";
      document.body.append(frame);
      const room = frame.contentWindow;
      this.waiting = [];
      room.postMessage = (data) =>
        setTimeout(() => this.onmessage && this.onmessage({ data }));
      this.deliver = (data) =>
        room.dispatchEvent(new room.MessageEvent("message", { data }));
      const script = room.document.createElement("script");
      script.src = url;
      script.onload = () => {
        const waiting = this.waiting;
        this.waiting = null;
        waiting.forEach(this.deliver);
      };
      script.onerror = (event) => this.onerror && this.onerror(event);
      room.document.body.append(script);
      this.frame = frame;
    }
    postMessage(data) {
      this.waiting ? this.waiting.push(data) : this.deliver(data);
    }
    addEventListener(kind, listener) {
      this["on" + kind] = listener;
    }
    removeEventListener(kind) {
      this["on" + kind] = null;
    }
    terminate() {
      this.frame.remove();
    }
  };
}
