// @ts-check
/** Dialogs: open one, wait for what was chosen. */

/**
 * @param {string} id
 * @returns {HTMLDialogElement}
 */
export function dialogOf(id) {
  return /** @type {HTMLDialogElement} */ (document.getElementById(id));
}

/**
 * Show a dialog and call `run` with its form when it is sent; it closes when `run` is through, and says why not.
 *
 * @param {HTMLDialogElement} dialog
 * @param {(data: FormData) => Promise<void>} run
 * @returns {Promise<boolean>} whether it was done
 */
export function ask(dialog, run) {
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  const wrong = /** @type {HTMLElement} */ (dialog.querySelector("[data-wrong]"));
  wrong.textContent = "";
  return new Promise((resolve) => {
    const aborted = new AbortController();
    const { signal } = aborted;
    let done = false;
    let running = false;
    form.addEventListener(
      "submit",
      async (event) => {
        event.preventDefault();
        if (running) return;
        running = true;
        wrong.textContent = "";
        try {
          await run(new FormData(form));
          done = true;
          dialog.close();
        } catch (error) {
          wrong.textContent = error instanceof Error ? error.message : String(error);
        } finally {
          running = false;
        }
      },
      { signal },
    );
    dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close(), { signal });
    dialog.addEventListener(
      "keydown",
      (event) => {
        // The digits choose, unless somebody writes.
        const choices = dialog.querySelectorAll('input[type="radio"]');
        const at = event.target;
        if (at instanceof HTMLTextAreaElement || (at instanceof HTMLInputElement && at.type !== "radio")) return;
        const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
        if (choice instanceof HTMLInputElement && choice.offsetParent !== null) {
          event.preventDefault();
          choice.checked = true;
          choice.focus();
          choice.dispatchEvent(new Event("change", { bubbles: true }));
        }
      },
      { signal },
    );
    dialog.addEventListener(
      "close",
      () => {
        aborted.abort();
        resolve(done);
      },
      { signal },
    );
    dialog.showModal();
  });
}

/**
 * @param {HTMLElement} dialog
 * @param {string} selector
 * @param {string} text
 */
export function fill(dialog, selector, text) {
  for (const element of dialog.querySelectorAll(selector)) element.textContent = text;
}
