// @ts-check
/** The script of every page: puts the parts together for the page that is shown. */

import { next, rememberQueue } from "./acts.js";
import { call } from "./api.js";
import { bulk } from "./bulk.js";
import { dialogOf } from "./dialogs.js";
import { saveQueue, startForms } from "./forms.js";
import * as item from "./item.js";
import { onKeys, startKeys } from "./keys.js";
import { live } from "./live.js";
import { showFrame, showMedia, toggleBlur, toggleGrey, toggleOne } from "./media.js";
import { fetched, swap } from "./page.js";
import * as rows from "./rows.js";
import { sayWrong } from "./said.js";
import { startTimes, tick } from "./times.js";

const page = document.body.dataset.page ?? "";
const isQueue = page === "queue" || page === "media";
const isItem = document.getElementById("item") !== null;

async function refreshMain() {
  swap(await fetched(), "#main");
  tick();
}

const refresh = isItem ? item.refresh : isQueue ? rows.refresh : refreshMain;

async function signOut() {
  try {
    await call("POST", "/api/sign-out", { body: {} });
    location.assign("/sign-in");
  } catch (error) {
    sayWrong(error);
  }
}

/** @type {Record<string, (button: HTMLElement) => void>} */
const doing = {
  help: () => dialogOf("keys").showModal(),
  "sign-out": () => void signOut(),
  next: () => void next(),
  clear: rows.clearSelection,
  "show-new": rows.showNew,
  reload: () => void refresh().catch(sayWrong),
  note: () => /** @type {HTMLElement | null} */ (document.querySelector("#note textarea"))?.focus(),
  blur: toggleBlur,
  grey: toggleGrey,
  frame: showFrame,
  "unblur-one": (button) => toggleOne(button.closest("[data-item]")),
  "save-queue": () => void saveQueue(),
};

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!button) return;
  const { do: what, act, bulk: many, siblings } = button.dataset;
  if (what) doing[what]?.(button);
  else if (act && isItem) void item.actOnItem(act);
  else if (many && siblings) void bulk(many, siblingsOf(siblings), refresh);
  else if (many) void bulk(many, { ids: rows.selection().map(Number) }, refresh);
});

/** @param {string} by what they have in common with the item of the page */
function siblingsOf(by) {
  return { like: by, item_id: Number(document.getElementById("item")?.dataset.item) };
}

onKeys({
  "?": () => dialogOf("keys").showModal(),
  "/": () => /** @type {HTMLElement | null} */ (document.getElementById("filter-text"))?.focus(),
  n: () => void next(),
  b: toggleBlur,
  y: toggleGrey,
  "g q": () => location.assign("/"),
  "g m": () => location.assign("/media-queue"),
});

startTimes();
startKeys();
startForms(refresh);
showMedia();
if (isQueue) {
  rememberQueue();
  rows.startRows();
  live(() => true, rows.look);
} else if (isItem) {
  item.startItem();
  live(item.concerns, item.look);
} else document.querySelector("[data-live]")?.remove();
