// @ts-check
/** Rows of a queue or a grid: which one the keys mean, which are selected, and new ones that come while it is open. */

import { act, seen } from "./acts.js";
import { onKeys } from "./keys.js";
import { showMedia, toggleOne } from "./media.js";
import { fetched, swap } from "./page.js";
import { tick } from "./times.js";

const TOP = 80; // pixels from the top within which new rows may move others

/** @type {string} id of the item under the cursor */
let at = "";
/** @type {Set<string>} */
const picked = new Set();
/** @type {Document | null} what waits to be shown */
let waiting = null;

/** @returns {HTMLElement[]} */
function rows() {
  return Array.from(document.querySelectorAll("#rows > [data-item]"));
}

/** @returns {HTMLElement | undefined} */
export function rowAt() {
  return rows().find((row) => row.dataset.item === at);
}

/** @returns {string[]} ids of the selected items */
export function selection() {
  return [...picked];
}

/** @param {HTMLElement} row */
function linkOf(row) {
  return /** @type {HTMLElement | null} */ (row.querySelector("a.open"));
}

/** @param {number} by */
function move(by) {
  const all = rows();
  const place = all.findIndex((row) => row.dataset.item === at);
  const row = all[place < 0 ? 0 : Math.min(all.length - 1, Math.max(0, place + by))];
  if (row) linkOf(row)?.focus();
}

function mark() {
  for (const row of rows()) {
    const chosen = picked.has(row.dataset.item ?? "");
    row.classList.toggle("at", row.dataset.item === at);
    row.classList.toggle("picked", chosen);
    const box = row.querySelector('input[name="pick"]');
    if (box instanceof HTMLInputElement) box.checked = chosen;
  }
  const bar = document.getElementById("selection");
  if (!bar) return;
  bar.hidden = picked.size === 0;
  const count = bar.querySelector("[data-picked]");
  if (count) count.textContent = String(picked.size);
}

/** @param {string} id */
function pick(id) {
  if (!picked.delete(id)) picked.add(id);
  mark();
}

export function clearSelection() {
  picked.clear();
  mark();
}

/** Show the queue as the server has it: rows that are still there stay the same elements. */
export async function refresh() {
  show(await fetched());
}

/** Look at the queue; while somebody reads further down, only say how many are new. */
export async function look() {
  const page = await fetched();
  const known = new Set(rows().map((row) => row.dataset.item));
  const fresh = Array.from(page.querySelectorAll("#rows > [data-item]")).filter(
    (row) => !known.has(/** @type {HTMLElement} */ (row).dataset.item),
  );
  if (window.scrollY <= TOP || fresh.length === 0) {
    show(page);
    return;
  }
  waiting = page;
  counts(page);
  const sign = document.querySelector('[data-do="show-new"]');
  if (sign instanceof HTMLElement) {
    sign.textContent = `${fresh.length} new`;
    sign.hidden = false;
  }
}

export function showNew() {
  if (waiting) show(waiting);
  window.scrollTo({ top: 0 });
}

/** @param {Document} page */
function counts(page) {
  swap(page, "#counts");
  const open = document.querySelector('[data-count="open"]');
  const number = page.querySelector('[data-count="open"]')?.textContent;
  if (open && number && open.textContent !== number) open.textContent = number;
  document.title = page.title;
  tick();
}

/** @param {Document} page */
function show(page) {
  waiting = null;
  const sign = document.querySelector('[data-do="show-new"]');
  if (sign instanceof HTMLElement) sign.hidden = true;
  const list = document.getElementById("rows");
  const then = page.getElementById("rows");
  if (!list || !then) return;
  const focused = document.activeElement;
  const held = focused?.closest("[data-item]");
  const name = focused?.matches('input[name="pick"]') ? 'input[name="pick"]' : "a.open";
  const before = rows().map((row) => row.dataset.item);
  const known = new Map(rows().map((row) => [row.dataset.item, row]));
  /** @type {HTMLElement[]} */
  const result = [];
  for (const row of then.querySelectorAll(":scope > [data-item]")) {
    const fresh = /** @type {HTMLElement} */ (document.importNode(row, true));
    const old = known.get(fresh.dataset.item);
    if (old && same(old, fresh)) result.push(old);
    else {
      if (!old && known.size > 0) fresh.classList.add("new");
      result.push(fresh);
    }
  }
  const kept = result.length === list.children.length && result.every((row, place) => row === list.children[place]);
  if (!kept) list.replaceChildren(...result);
  list.hidden = result.length === 0;
  swapEmpty(page);
  counts(page);
  swap(page, "#more");
  for (const id of picked) if (!result.some((row) => row.dataset.item === id)) picked.delete(id);
  if (!result.some((row) => row.dataset.item === at)) {
    // What was ruled on is gone: the cursor is on what came into its place.
    const place = before.indexOf(at);
    at = place < 0 ? "" : (result[Math.min(place, result.length - 1)]?.dataset.item ?? "");
  }
  mark();
  showMedia();
  if (held && document.activeElement !== focused) {
    /** @type {HTMLElement | null | undefined} */ (rowAt()?.querySelector(name))?.focus({ preventScroll: true });
  }
}

/**
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 */
function same(old, fresh) {
  return old.dataset.version === fresh.dataset.version && old.dataset.shownAs === fresh.dataset.shownAs;
}

/** @param {Document} page */
function swapEmpty(page) {
  const now = document.querySelector("[data-empty]");
  const then = page.querySelector("[data-empty]");
  if (now && !then) now.remove();
  if (!now && then) document.getElementById("rows")?.after(document.importNode(then, true));
}

/** @param {string} name */
function actHere(name) {
  const row = rowAt();
  if (row) void act(seen(row), name, refresh);
}

export function startRows() {
  const list = document.getElementById("rows");
  if (!list) return;
  list.addEventListener("focusin", (event) => {
    const row = event.target instanceof Element ? event.target.closest("[data-item]") : null;
    if (row instanceof HTMLElement) at = row.dataset.item ?? "";
    mark();
  });
  list.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === "pick") {
      if (event.target.checked) picked.add(event.target.value);
      else picked.delete(event.target.value);
      mark();
    }
  });
  onKeys({
    j: () => move(1),
    k: () => move(-1),
    x: () => at && pick(at),
    Enter: () => {
      const row = rowAt();
      if (row) linkOf(row)?.click();
    },
    Escape: clearSelection,
    a: () => actHere("approve"),
    o: () => actHere("override"),
    e: () => actHere("escalate"),
    u: () => actHere("undo"),
    c: () => actHere("claim"),
  });
  if (list.classList.contains("grid")) onKeys({ b: () => at && toggleOne(rowAt() ?? null) });
  mark();
}
