// @ts-check
/** Pictures: blurred by the server until asked for; grey on request, which is easier to bear. */

/**
 * @param {string} path of a picture
 * @param {{blur: boolean, grey: boolean}} how
 */
function address(path, how) {
  const url = new URL(path, location.href);
  url.searchParams.delete("blur");
  url.searchParams.delete("grey");
  if (how.blur) url.searchParams.set("blur", "1");
  if (how.grey) url.searchParams.set("grey", "1");
  return url.href;
}

/**
 * @param {HTMLImageElement} image
 * @param {{blur: boolean, grey: boolean}} how
 */
function show(image, how) {
  const path = image.dataset.media;
  if (!path) return;
  const wanted = address(path, how);
  if (image.src !== wanted) image.src = wanted;
  if (image.alt) image.alt = image.alt.replace(/^(Blurred|Shown)/, how.blur ? "Blurred" : "Shown");
}

const how = { blur: true, grey: sessionStorage.getItem("grey") === "1" };

/** @returns {NodeListOf<HTMLImageElement>} */
function images() {
  return document.querySelectorAll("main img[data-media]");
}

/** Show every picture of the page as it was asked for; also after the page was refreshed. */
export function showMedia() {
  for (const image of images()) show(image, image.dataset.shown === "1" ? { ...how, blur: false } : how);
  for (const button of document.querySelectorAll('[data-do="blur"]')) button.setAttribute("aria-pressed", String(how.blur));
  for (const button of document.querySelectorAll('[data-do="grey"]')) button.setAttribute("aria-pressed", String(how.grey));
}

export function toggleBlur() {
  how.blur = !how.blur;
  for (const image of images()) delete image.dataset.shown;
  showMedia();
}

export function toggleGrey() {
  how.grey = !how.grey;
  sessionStorage.setItem("grey", how.grey ? "1" : "0");
  showMedia();
}

/** @param {HTMLElement | null} card show one picture of a grid, or blur it again */
export function toggleOne(card) {
  const image = /** @type {HTMLImageElement | null} */ (card?.querySelector("img[data-media]") ?? null);
  if (!image) return;
  if (image.dataset.shown === "1") delete image.dataset.shown;
  else image.dataset.shown = "1";
  showMedia();
  const button = card?.querySelector('[data-do="unblur-one"]');
  if (button) button.textContent = image.dataset.shown === "1" ? "Blur" : "Show";
}

/** @param {HTMLElement} button of a frame: show it large */
export function showFrame(button) {
  const large = button.closest("figure")?.querySelector(".media-frame img");
  if (!(large instanceof HTMLImageElement)) return;
  large.dataset.media = button.dataset.media;
  showMedia();
}
