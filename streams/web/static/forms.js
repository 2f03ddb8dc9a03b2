// @ts-check
/** Forms that change something by the API: notes, orders about users, accounts, tokens, saved queues. */

import { call, newId, Refused } from "./api.js";
import { say, sayWrong } from "./said.js";

const HOUR_MS = 3_600_000;

/** @param {FormDataEntryValue | null} value @returns {string} */
function text(value) {
  return String(value ?? "").trim();
}

/** @param {FormDataEntryValue | null} value @returns {string[] | null} words between commas; null where none is */
function words(value) {
  const found = text(value).split(/[\s,]+/).filter(Boolean);
  return found.length ? found : null;
}

/**
 * @param {string} id of a form
 * @param {(data: FormData, form: HTMLFormElement, button: HTMLElement | null) => Promise<void>} run
 */
function sent(id, run) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.id !== id) return;
    event.preventDefault();
    try {
      await run(new FormData(form), form, event.submitter);
    } catch (error) {
      sayWrong(error);
    }
  });
}

/** @param {() => Promise<void>} refresh */
export function startForms(refresh) {
  sent("note", async (data, form) => {
    const item = /** @type {HTMLElement | null} */ (document.getElementById("item"));
    await call("POST", `/api/items/${item?.dataset.item}/notes`, { body: { text: text(data.get("text")) }, key: newId() });
    form.reset();
    say("The note is kept.");
    await refresh();
  });
  sent("order", async (data, form, button) => {
    const release = button instanceof HTMLButtonElement && button.value === "release";
    const hours = Number(data.get("hours"));
    const reason = text(data.get("reason"));
    const body = {
      ...(reason && { reason }),
      ...(!release && { restriction: data.get("restriction") }),
      ...(!release && hours > 0 && { until: Date.now() + hours * HOUR_MS }),
    };
    const path = `/api/users/${encodeURIComponent(form.dataset.user ?? "")}/${release ? "release" : "restrict"}`;
    await call("POST", path, { body, key: newId() });
    say(release ? "Ordered: all restrictions end." : "Ordered: the user is restricted.");
  });
  sent("erase", async (data, form) => {
    if (data.get("confirm") !== form.dataset.user) throw new Error("That is not this user's id.");
    await call("POST", `/api/users/${encodeURIComponent(form.dataset.user ?? "")}/erase`, { body: { user_id: form.dataset.user } });
    say("Erased.");
    await refresh();
  });
  sent("new-account", async (data) => {
    const grant = { role: data.get("role"), tenants: words(data.get("tenants")), labels: words(data.get("labels")) };
    const answer = await call("POST", "/api/accounts", { body: { name: text(data.get("name")), grants: [grant] } });
    await refresh();
    tell("new-password", answer?.password ? `First password, shown once: ${answer.password}` : "Created.");
  });
  sent("new-token", async (data) => {
    const days = Number(data.get("days"));
    const answer = await call("POST", "/api/tokens", { body: { name: text(data.get("name")), days } });
    await refresh();
    tell("token-made", `Token, shown once: ${answer?.secret ?? ""}`);
  });
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-delete], [data-disable]") : null;
    if (!(button instanceof HTMLButtonElement)) return;
    try {
      if (button.dataset.delete !== undefined) {
        if (button.dataset.sure !== "1") {
          button.dataset.sure = "1";
          button.textContent = "Sure?";
          return;
        }
        await call("DELETE", button.dataset.delete);
        say(`Gone: ${button.dataset.about ?? ""}.`);
      } else {
        const name = encodeURIComponent(button.dataset.accountName ?? "");
        await call("PATCH", `/api/accounts/${name}`, { body: { disabled: button.dataset.disable === "1" } });
      }
      await refresh();
    } catch (error) {
      sayWrong(error);
    }
  });
}

/** Keep the filters of the page as a queue. @returns {Promise<void>} */
export async function saveQueue() {
  const name = document.querySelector("[data-queue-name]");
  const shared = document.querySelector("[data-queue-shared]");
  const form = document.getElementById("filters");
  if (!(name instanceof HTMLInputElement) || !(form instanceof HTMLFormElement)) return;
  if (!name.value.trim()) {
    say("Give the queue a name.", true);
    name.focus();
    return;
  }
  try {
    const query = JSON.parse(form.dataset.query ?? "{}");
    const everybody = shared instanceof HTMLInputElement && shared.checked;
    await call("POST", "/api/queues", { body: { name: name.value.trim(), query, shared: everybody } });
    location.reload();
  } catch (error) {
    if (error instanceof Refused) sayWrong(error);
    else throw error;
  }
}

/**
 * @param {string} id
 * @param {string} what
 */
function tell(id, what) {
  const element = document.getElementById(id);
  if (element) element.textContent = what;
}
