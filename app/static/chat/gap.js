// What the documents do not say: one click tells the administrators.

import { make } from "./elements.js";

/** Returns the offer; `send` reports the gap, and reported again it is still one. */
export function offerReport(texts, send) {
  const status = make("p", { class: "told", role: "status" });
  const button = make("button", { class: "plain", type: "button", "aria-pressed": "false" },
    texts.gap.report);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await send();
      button.setAttribute("aria-pressed", "true");
      status.textContent = texts.gap.thanks;
    } catch (problem) {
      status.textContent = problem.detail || texts.rating.failed;
    } finally {
      button.disabled = false;
    }
  });
  return make("div", { class: "gap" }, button, status);
}
