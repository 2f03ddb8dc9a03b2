// @ts-check
/** Requests to the API: JSON out, JSON or a refusal in. */

/** What the API says when it refuses: a code that programs read, a sentence that people read. */
export class Refused extends Error {
  /**
   * @param {number} status of HTTP; 0: no answer came
   * @param {string} code
   * @param {string} detail
   * @param {Record<string, any>} problem the whole answer
   */
  constructor(status, code, detail, problem) {
    super(detail);
    this.status = status;
    this.code = code;
    this.problem = problem;
  }
}

/** @returns {string} a random UUID; also where the page's origin is not secure */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const TRIES = 3;
const PAUSE_MS = 400;
const TIMEOUT_MS = 15_000;

/**
 * Send a request; one with a key is sent again when no answer came: the same key is one act.
 *
 * @param {"GET" | "POST" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {{body?: unknown, version?: string, key?: string}} [more] `version` of what was seen, as If-Match
 * @returns {Promise<any>} the answer's JSON, null where it has none
 */
export async function call(method, path, { body, version, key } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content");
  if (method !== "GET") headers["X-CSRF-Token"] = token ?? "";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  if (key !== undefined) headers["Idempotency-Key"] = key;
  for (let left = key === undefined ? 1 : TRIES; ; left -= 1) {
    try {
      return await once(method, path, headers, body);
    } catch (error) {
      const again = error instanceof Refused && (error.status === 0 || error.status === 503);
      if (!again || left <= 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {unknown} body
 */
async function once(method, path, headers, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Refused(0, "no_answer", "The service does not answer. Nothing is known to have changed.", {});
  }
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    value = null;
  }
  if (answer.ok) return value;
  if (value?.error === "not_signed_in") location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  throw new Refused(answer.status, value?.error ?? "unknown", value?.detail ?? `Error ${answer.status}.`, value ?? {});
}
