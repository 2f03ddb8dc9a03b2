// @ts-check
/** The keyboard: one key or two in a row, never while somebody writes or a dialog is open. */

const PAUSE_MS = 1200;
/** @type {Map<string, () => void>} */
const known = new Map();
let first = "";
let since = 0;

/** @param {Record<string, () => void>} keys what each does: `j`, `Enter`, `g q` */
export function onKeys(keys) {
  for (const [key, run] of Object.entries(keys)) known.set(key, run);
}

/** @param {Element | null} element */
function writes(element) {
  if (element instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(element.type);
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  const active = document.activeElement;
  if (writes(active)) {
    if (event.key === "Escape") /** @type {HTMLElement} */ (active).blur();
    return;
  }
  const pair = event.timeStamp - since < PAUSE_MS ? `${first} ${event.key}` : "";
  const run = known.get(pair) ?? known.get(event.key);
  first = event.key;
  since = event.timeStamp;
  // Enter and space belong to what has the focus.
  if (!run || (event.key === "Enter" && active instanceof HTMLElement && active.matches("a, button, summary, input"))) return;
  event.preventDefault();
  if (event.repeat && !["j", "k"].includes(event.key)) return;
  run();
}

export function startKeys() {
  document.addEventListener("keydown", pressed);
}
