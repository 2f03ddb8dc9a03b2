// @ts-check
/** The page of an item: acts by keys and buttons; kept up to date, but never under the hands of who is about to rule. */

import { act, seen } from "./acts.js";
import { onKeys } from "./keys.js";
import { showMedia } from "./media.js";
import { fetched, swap } from "./page.js";
import { tick } from "./times.js";

const OWN_MS = 5000; // after an own act, what changes is its effect

let acted = -Infinity;

/** @returns {HTMLElement} */
function item() {
  return /** @type {HTMLElement} */ (document.getElementById("item"));
}

/** Show the item as it is now; a note that is being written stays. */
export async function refresh() {
  const page = await fetched();
  const draft = document.querySelector("#note textarea");
  const writing = draft instanceof HTMLTextAreaElement ? draft.value : "";
  const focused = document.activeElement === draft;
  swap(page, "#item");
  const field = document.querySelector("#note textarea");
  if (field instanceof HTMLTextAreaElement) {
    field.value = writing;
    if (focused) field.focus();
  }
  document.title = page.title;
  names();
  tick();
  showMedia();
}

/** Buttons say what they would do now. */
function names() {
  const { escalated, claimed } = seen(item());
  const label = (/** @type {string} */ name, /** @type {string} */ text) => {
    const button = document.querySelector(`[data-act="${name}"]`);
    if (button?.firstChild) button.firstChild.textContent = `${text} `;
  };
  label("escalate", escalated ? "De-escalate…" : "Escalate…");
  label("claim", claimed === "me" ? "Release" : "Claim");
}

/** @param {string} name */
export async function actOnItem(name) {
  acted = performance.now();
  await act(seen(item()), name, refresh);
  acted = performance.now();
}

/** Something changed: show it at once where nobody can be about to rule on what he saw, else offer it. */
export async function look() {
  const page = await fetched();
  const fresh = /** @type {HTMLElement | null} */ (page.getElementById("item"));
  if (!fresh) return;
  if (fresh.dataset.version === item().dataset.version && fresh.dataset.claimed === item().dataset.claimed) return;
  const closed = item().dataset.open === "0";
  if (closed || performance.now() - acted < OWN_MS || fresh.dataset.version === item().dataset.version) {
    await refresh();
    return;
  }
  const banner = document.querySelector("[data-changed]");
  if (banner instanceof HTMLElement) banner.hidden = false;
}

/** @param {any} data of an event @returns {boolean} whether it may be about this item */
export function concerns(data) {
  const about = (/** @type {any} */ one) => String(one?.id) === item().dataset.item;
  return data?.more === true || (Array.isArray(data?.items) && data.items.some(about));
}

export function startItem() {
  names();
  onKeys({
    a: () => void actOnItem("approve"),
    o: () => void actOnItem("override"),
    e: () => void actOnItem("escalate"),
    u: () => void actOnItem("undo"),
    c: () => void actOnItem("claim"),
    m: () => /** @type {HTMLElement | null} */ (document.querySelector("#note textarea"))?.focus(),
  });
}
