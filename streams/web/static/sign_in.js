// @ts-check
/** Signing in with an account and a password. */

import { call } from "./api.js";

const form = document.getElementById("sign-in");
const wrong = document.getElementById("wrong");

/** @param {string} next @returns {string} a path of this site; the queue for anything else */
function inside(next) {
  try {
    const url = new URL(next, location.origin);
    return url.origin === location.origin && /^\/(?![/\\])/.test(next) ? url.pathname + url.search : "/";
  } catch {
    return "/";
  }
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!(form instanceof HTMLFormElement) || !wrong) return;
  const data = new FormData(form);
  wrong.textContent = "";
  try {
    await call("POST", "/api/sign-in", { body: { account: data.get("account"), password: data.get("password") } });
    location.assign(inside(form.dataset.next ?? "/"));
  } catch (error) {
    wrong.textContent = error instanceof Error ? error.message : String(error);
  }
});
