// @ts-check
/** Acts on one item: which, why, and what is said when somebody else was first. */

import { call, newId, Refused } from "./api.js";
import { ask, dialogOf, fill } from "./dialogs.js";
import { say, sayWrong } from "./said.js";

/**
 * An item as it was seen.
 * @typedef {{id: string, version: string, action: string, escalated: boolean, claimed: string, reasons: string[]}} Seen
 */

const DONE = {
  approve: "Approved",
  override: "Overridden",
  undo: "Restored",
  escalate: "Escalated",
  deescalate: "Taken back from escalation:",
  claim: "Claimed",
  release: "Released",
  assign: "Assigned",
};

/** @type {Record<string, string>} what an act takes, where that has another name */
const RIGHTS = { undo: "override", release: "claim", assign: "claim" };

/**
 * @param {HTMLElement} element with the data of an item
 * @returns {Seen}
 */
export function seen(element) {
  const { item = "", version = "", actNow = "", escalated, claimed = "", reasons = "" } = element.dataset;
  return { id: item, version, action: actNow, escalated: escalated === "1", claimed, reasons: reasons.split(" ") };
}

/**
 * @param {Seen} item
 * @param {string} act
 * @param {Record<string, unknown>} body
 */
async function send(item, act, body) {
  await call("POST", `/api/items/${item.id}/${act}`, { body, version: item.version, key: newId() });
  say(`${DONE[/** @type {keyof typeof DONE} */ (act)] ?? act} item ${item.id}.`);
}

/** @param {Refused} refusal of an act that came too late */
function whatChanged(refusal) {
  const changes = refusal.problem.changed?.what;
  const listed = Array.isArray(changes)
    ? changes.map((one) => `${String(one.act)}${one.by ? ` by ${String(one.by)}` : ""}`).join(", ")
    : "";
  return `Not done: the item changed since you saw it${listed ? ` (${listed})` : ""}. It is shown as it is now.`;
}

/**
 * Do an act, asking for what it needs.
 *
 * @param {Seen} item
 * @param {string} act
 * @param {() => Promise<void>} refresh shows the item as it is now
 */
export async function act(item, act, refresh) {
  if (act === "escalate" && item.escalated) act = "deescalate";
  if (act === "claim" && item.claimed === "me") act = "release";
  if (!(document.body.dataset.may ?? "").split(" ").includes(RIGHTS[act] ?? act)) {
    say("Your account may not do this.", true);
    return;
  }
  try {
    if (act === "override") await override(item);
    else if (act === "escalate" || act === "deescalate") await withReason(item, act);
    else if (act === "assign") await assign(item);
    else await atOnce(item, act);
  } catch (error) {
    if (error instanceof Refused && error.status === 409) say(whatChanged(error), true);
    else sayWrong(error);
  }
  await refresh().catch(sayWrong);
}

/**
 * @param {Seen} item
 * @param {string} act
 */
async function atOnce(item, act) {
  if (item.reasons.includes(act === "undo" ? "override" : act)) return withReason(item, act);
  try {
    await send(item, act, {});
  } catch (error) {
    if (!(error instanceof Refused) || !asksForReason(error)) throw error;
    await withReason(item, act);
  }
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {boolean} required
 */
function prepare(dialog, required) {
  dialog.querySelector("form")?.reset();
  const field = dialog.querySelector('[name="reason"]');
  if (field instanceof HTMLInputElement) field.required = required;
  fill(dialog, "[data-required]", required ? "Reason, which the policy asks for" : "Reason");
}

/** @param {Refused} refusal */
function asksForReason(refusal) {
  return refusal.status === 422 && (refusal.code === "reason_required" || /reason/i.test(refusal.message));
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {(data: FormData) => Promise<void>} run
 */
async function inDialog(dialog, run) {
  /** @type {unknown} */
  let late = null;
  await ask(dialog, async (data) => {
    try {
      await run(data);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) throw error;
      late = error;
    }
  });
  if (late !== null) throw late;
}

/**
 * @param {Seen} item
 * @param {string} act
 */
function withReason(item, act) {
  const dialog = dialogOf("reason");
  const names = { approve: "Approve", escalate: "Escalate", deescalate: "De-escalate", undo: "Undo" };
  prepare(dialog, item.reasons.includes(act === "undo" ? "override" : act));
  fill(dialog, "[data-name]", names[/** @type {keyof typeof names} */ (act)] ?? act);
  fill(dialog, "[data-about]", `item ${item.id}`);
  /** @type {HTMLElement} */ (dialog.querySelector("[data-priority]")).hidden = act !== "escalate";
  return inDialog(dialog, async (data) => {
    const reason = String(data.get("reason") ?? "").trim();
    const priority = act === "escalate" ? { priority: Number(data.get("priority")) } : {};
    await send(item, act, { ...(reason && { reason }), ...priority });
  });
}

/** @param {Seen} item */
function override(item) {
  const dialog = dialogOf("override");
  prepare(dialog, item.reasons.includes("override"));
  fill(dialog, "[data-about]", `item ${item.id}`);
  return inDialog(dialog, async (data) => {
    const reason = String(data.get("reason") ?? "").trim();
    await send(item, "override", { action: data.get("action"), ...(reason && { reason }) });
  });
}

/** @param {Seen} item */
function assign(item) {
  const dialog = dialogOf("assign");
  dialog.querySelector("form")?.reset();
  fill(dialog, "[data-about]", `item ${item.id}`);
  return inDialog(dialog, async (data) => {
    const account = String(data.get("account") ?? "").trim();
    await send(item, "assign", { to: account || null });
  });
}

/** Remember which queue is being worked on. */
export function rememberQueue() {
  const here = document.getElementById("filters")?.dataset.query;
  if (here) sessionStorage.setItem("queue", here);
}

/** Claim the most harmful item of the queue that nobody has, and go there. */
export async function next() {
  try {
    const found = await call("POST", "/api/items/next", { body: JSON.parse(sessionStorage.getItem("queue") ?? "{}") });
    if (found?.item) location.assign(`/items/${found.item.id}`);
    else say("Nothing is waiting here.");
  } catch (error) {
    sayWrong(error);
  }
}
