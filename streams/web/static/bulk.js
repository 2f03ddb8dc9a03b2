// @ts-check
/** Acts on many items: how many they are is shown first, and exactly those are acted upon. */

import { call, newId } from "./api.js";
import { ask, dialogOf, fill } from "./dialogs.js";
import { say, sayWrong } from "./said.js";

const NAMES = { approve: "Approve", override: "Override", escalate: "Escalate" };

/**
 * @param {string} act
 * @param {Record<string, unknown>} of which items: `{ids}` or `{like, item_id}`
 * @param {() => Promise<void>} refresh
 */
export async function bulk(act, of, refresh) {
  const dialog = dialogOf("bulk");
  const go = /** @type {HTMLButtonElement} */ (dialog.querySelector("[data-go]"));
  const actions = /** @type {HTMLElement} */ (dialog.querySelector("[data-actions]"));
  dialog.querySelector("form")?.reset();
  const name = NAMES[/** @type {keyof typeof NAMES} */ (act)] ?? act;
  fill(dialog, "[data-name]", name);
  fill(dialog, "[data-count]", "…");
  fill(dialog, "[data-preview]", "Counting…");
  actions.hidden = act !== "override";
  for (const input of actions.querySelectorAll("input")) input.required = act === "override";
  go.disabled = true;
  let expected = 0;
  const wish = act === "override" ? { act, action: "allow" } : { act };
  call("POST", "/api/bulk/preview", { body: { selection: of, wish } })
    .then((answer) => {
      const number = Number(answer?.number ?? 0);
      expected = number;
      fill(dialog, "[data-count]", `${number} item${number === 1 ? "" : "s"}`);
      fill(dialog, "[data-preview]", number ? "All of them are ruled on at once; each is in the audit log." : "Nothing is left to act on.");
      go.textContent = `${name} ${number}`;
      go.disabled = number === 0;
    })
    .catch((error) => fill(dialog, "[data-preview]", error.message));
  const key = newId();
  const done = await ask(dialog, async (data) => {
    const reason = String(data.get("reason") ?? "").trim();
    const wished = { act, ...(reason && { reason }), ...(act === "override" && { action: data.get("action") }) };
    const answer = await call("POST", "/api/bulk", { body: { selection: of, wish: wished, expected }, key });
    const left = answer?.left ? ` ${answer.left} are left: do it again.` : "";
    say(`${name}: done for ${answer?.acted?.length ?? 0}.${left}`);
  });
  if (!done) return;
  try {
    await refresh();
  } catch (error) {
    sayWrong(error);
  }
}
