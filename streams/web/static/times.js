// @ts-check
/** Times on the page: how old, kept up to date; on pointing at them the moment in the reader's own place and language. */

const STEP_MS = 20_000;
/** @type {[number, string][]} longest first: milliseconds, unit */
const UNITS = [
  [365 * 86_400_000, "y"],
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
];
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
// What the server's clock is ahead of this machine's.
const ahead = Number(document.body?.dataset.now ?? Date.now()) - Date.now();

/**
 * As the server writes it: streams/web/filters.py.
 * @param {number} ms
 * @param {number} now
 * @returns {string}
 */
export function age(ms, now) {
  const gone = Math.abs(now - ms);
  const unit = UNITS.find(([size]) => gone >= size);
  return unit ? `${Math.floor(gone / unit[0])} ${unit[1]}` : "now";
}

/** @param {ParentNode} [within] */
export function tick(within = document) {
  const now = Date.now() + ahead;
  for (const element of within.querySelectorAll("time[data-age]")) {
    const at = Date.parse(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(at)) continue;
    const text = age(at, now);
    const suffix = element.hasAttribute("data-ago") && at <= now && text !== "now" ? " ago" : "";
    if (element.textContent !== text + suffix) element.textContent = text + suffix;
    element.setAttribute("title", moment.format(at));
  }
}

export function startTimes() {
  tick();
  setInterval(tick, STEP_MS);
}
