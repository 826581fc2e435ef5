// Copies text, also on plain-http intranets, where browsers offer no clipboard interface.

import { make } from "./elements.js";

/** Returns whether the text was copied; `beside` is where the old way may put a field for a moment. */
export async function copyText(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make("textarea", { class: "unseen", readonly: true });
    field.value = text;
    beside.after(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    beside.focus();
    return copied;
  }
}
