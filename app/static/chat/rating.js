// What an answer was worth: two buttons below it and, for the lower thumb, a small form.

import { make } from "./elements.js";

const THUMB = "M2 9h3v9H2zM7 18V9l4-7 2 1-1 5h6v3l-3 7z";
const SVG = "http://www.w3.org/2000/svg";
const REASONS = ["wrong", "wrong-source", "outdated", "incomplete", "not-answered", "unclear", "other"];

/** Drawn, since not every machine has a font with thumbs; the second one of a group points down. */
function drawThumb() {
  const [drawing, path] = ["svg", "path"].map((name) => document.createElementNS(SVG, name));
  for (const [name, value] of [["viewBox", "0 0 20 20"], ["aria-hidden", "true"], ["class", "thumb"]]) {
    drawing.setAttribute(name, value);
  }
  path.setAttribute("d", THUMB);
  drawing.append(path);
  return drawing;
}

export class Rating {
  #texts;
  #send;

  /** `documents` are [id, title] of what was found; `send` takes what the reader says; `reason` is
   *  the one chosen at first. */
  constructor(texts, documents, send, reason) {
    this.#texts = texts.rating;
    this.#send = send;
    this.up = this.#thumb(this.#texts.helpful, () => this.#tell({ helpful: true }));
    this.down = this.#thumb(this.#texts.unhelpful, () => this.#open());
    this.down.setAttribute("aria-expanded", "false");
    this.status = make("p", { class: "told", role: "status" });
    this.form = this.#build(documents);
    this.reason.value = reason;
    this.element = make("div", { class: "rating" },
      make("div", { class: "thumbs", role: "group", "aria-label": this.#texts.question },
        this.up, this.down), this.status);
  }

  #thumb(label, onclick) {
    return make("button", { class: "plain", type: "button", "aria-pressed": "false", onclick },
      drawThumb(), ` ${label}`);
  }

  #build(documents) {
    const option = (value, label) => make("option", { value }, label);
    this.reason = make("select", { name: "reason" },
      ...REASONS.map((code) => option(code, this.#texts.reasons[code])));
    this.source = make("select", { name: "source" }, option("", this.#texts.unknown),
      ...documents.map(([id, title]) => option(id, title)));
    this.comment = make("textarea", { name: "comment", rows: 2, maxlength: 2000 });
    const field = (label, control) => make("label", {}, make("span", {}, label), control);
    return make("form", { class: "why",
      onsubmit: (event) => { event.preventDefault(); this.#tellWhy(); },
      onkeydown: (event) => { if (event.key === "Escape" && !event.isComposing) this.#close(); } },
      field(this.#texts.reason, this.reason),
      documents.length ? field(this.#texts.source, this.source) : null,
      field(this.#texts.comment, this.comment),
      make("div", { class: "thumbs" },
        make("button", { class: "plain", type: "submit" }, this.#texts.send),
        make("button", { class: "plain", type: "button", onclick: () => this.#close() },
          this.#texts.cancel)));
  }

  #open() {
    this.status.before(this.form);
    this.down.setAttribute("aria-expanded", "true");
    this.form.scrollIntoView({ block: "nearest" });
    this.reason.focus({ preventScroll: true });
  }

  #close() {
    this.form.remove();
    this.down.setAttribute("aria-expanded", "false");
    this.down.focus();
  }

  async #tellWhy() {
    const told = await this.#tell({ helpful: false, reason: this.reason.value,
      comment: this.comment.value.trim(), correct_document: this.source.value || null });
    if (told) this.#close();
  }

  /** Sends what the reader says; said again it replaces what was said before. */
  async #tell(said) {
    const controls = [this.up, this.down, ...this.form.querySelectorAll("button")];
    for (const control of controls) control.disabled = true;
    try {
      await this.#send(said);
      this.up.setAttribute("aria-pressed", String(said.helpful));
      this.down.setAttribute("aria-pressed", String(!said.helpful));
      this.status.textContent = this.#texts.thanks;
      return true;
    } catch (problem) {
      this.status.textContent = problem.detail || this.#texts.failed;
      return false;
    } finally {
      for (const control of controls) control.disabled = false;
    }
  }
}
