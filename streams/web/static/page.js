// @ts-check
/** The page as the server has it now: fetched, parsed without running anything in it, handed over. */

/** @returns {Promise<Document>} */
export async function fetched() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(15_000) });
  if (answer.redirected && new URL(answer.url).pathname === "/sign-in") location.assign(answer.url);
  if (!answer.ok) throw new Error(`The page could not be read again (${answer.status}).`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/**
 * Put what the server has in the place of an element, the focus stays where it was as far as that still exists.
 *
 * @param {Document} page
 * @param {string} selector
 */
export function swap(page, selector) {
  const now = document.querySelector(selector);
  const then = page.querySelector(selector);
  if (now && then && !now.isEqualNode(then)) now.replaceWith(document.importNode(then, true));
}
