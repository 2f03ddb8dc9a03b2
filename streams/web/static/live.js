// @ts-check
/** What happens while the page is open: the server says that something changed, the page looks again. */

const LEAST_MS = 150; // between two looks
const REFUSED_MS = 15_000; // before another try to listen
const SHARE = 5; // of the time passes between two looks, for each part that one took: the server has others, too

/**
 * @param {(data: any) => boolean} concerns whether an event is about what the page shows
 * @param {() => Promise<void>} look
 */
export function live(concerns, look) {
  let waiting = 0;
  let looking = false;
  let again = false;
  let pause = LEAST_MS;
  let last = -Infinity;

  async function lookNow() {
    waiting = 0;
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    const began = performance.now();
    try {
      await look();
    } catch {
      again = true; // the next look says the same
    }
    last = performance.now();
    pause = Math.max(LEAST_MS, (last - began) * SHARE);
    looking = false;
    if (again) {
      again = false;
      soon();
    }
  }

  function soon() {
    if (document.hidden || waiting) return;
    waiting = window.setTimeout(lookNow, Math.max(0, last + pause - performance.now()));
  }

  /** @param {boolean} on */
  const state = (on) => {
    const sign = document.querySelector("[data-live]");
    sign?.setAttribute("data-state", on ? "on" : "off");
    const text = document.querySelector("[data-live-text]");
    if (text) text.textContent = on ? "Live" : "Not live";
  };
  let opened = false;
  /** @param {MessageEvent} event */
  const heard = (event) => {
    let data = null;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    if (concerns(data)) soon();
  };
  /** @type {EventSource} */
  let source;
  function listen() {
    source = new EventSource("/api/events");
    source.onopen = () => {
      state(true);
      if (opened) soon(); // something may have been missed in between
      opened = true;
    };
    source.onerror = () => {
      state(false);
      // A browser tries again by itself, but not after it was refused.
      if (source.readyState === EventSource.CLOSED) window.setTimeout(listen, REFUSED_MS);
    };
    source.addEventListener("items", heard);
  }
  listen();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && opened) soon();
  });
  window.addEventListener("pagehide", () => source.close());
}
