// @ts-check
/** What the page says to whoever works with it: one live region, read aloud, that empties itself. */

const SHOWN_MS = 6000;
let timer = 0;

/**
 * @param {string} text
 * @param {boolean} [wrong] stays until something else is said
 */
export function say(text, wrong = false) {
  const region = document.getElementById("said");
  if (!region) return;
  region.classList.toggle("wrong", wrong);
  region.textContent = text;
  clearTimeout(timer);
  if (!wrong) timer = window.setTimeout(() => (region.textContent = ""), SHOWN_MS);
}

/** @param {unknown} error say why something was not done */
export function sayWrong(error) {
  say(error instanceof Error ? error.message : String(error), true);
}
