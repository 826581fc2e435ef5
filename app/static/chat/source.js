// The dialog that opens a cited document's text at the cited place.

import { make } from "./elements.js";
import { TaskBar } from "./task.js";

export class SourcePanel {
  #texts;
  #client;
  #citation = null;
  #tasks;

  /** `client` is called for each request: the reader may have changed since. */
  constructor(texts, client) {
    this.#texts = texts;
    this.#client = client;
    // A place that a task cites is shown with the task's result still beside it.
    this.#tasks = new TaskBar(texts, client, (citation) => this.#go(citation));
    this.heading = make("h2", { id: "source-title" });
    this.content = make("div", { class: "document", tabindex: "0", role: "document",
      "aria-labelledby": "source-title" });
    this.element = make("dialog", { class: "panel", "aria-labelledby": "source-title" },
      make("header", {}, this.heading,
        make("button", { type: "button", class: "plain", onclick: () => this.#download() },
          texts.original),
        make("button", { type: "button", class: "plain", onclick: () => this.element.close() },
          texts.close), this.#tasks.buttons),
      this.#tasks.result, this.content);
    // Pressing, not clicking: a selection that ends outside the dialog must not close it.
    this.element.addEventListener("mousedown", (event) => {
      if (event.target === this.element) this.element.close();
    });
    this.element.addEventListener("close", () => {
      this.#citation = null;
      this.#tasks.clear();
    });
  }

  /** Shows the document of a citation {document_id, title, start, end} with its place marked. */
  async open(citation) {
    this.#tasks.clear();
    const isOpen = await this.#go(citation);
    if (isOpen) await this.#tasks.offer(citation.document_id);
  }

  async #go(citation) {
    this.#citation = citation;
    this.heading.textContent = citation.title ?? "";
    this.#offerLivePage("");
    this.content.replaceChildren(make("p", { class: "status" }, this.#texts.loading));
    if (!this.element.open) this.element.showModal();
    this.content.focus({ preventScroll: true }); // so that the arrow keys scroll the text
    try {
      const source = await this.#client().text(citation.document_id);
      if (this.#citation !== citation) return false;
      this.#show(source, citation);
      return true;
    } catch (problem) {
      if (this.#citation === citation) this.#fail(problem);
      return false;
    }
  }

  #show({ title, blocks, web_url: address }, { start, end }) {
    this.heading.textContent = title || this.heading.textContent;
    this.#offerLivePage(address);
    this.content.replaceChildren();
    let place = null;
    for (const block of blocks) {
      const here = block.sheet || (block.page ? this.#texts.page(block.page) : null);
      if (here && here !== place) this.content.append(make("p", { class: "place" }, here));
      place = here;
      this.content.append(showBlock(block, start - block.start, end - block.start));
    }
    if (!blocks.length) this.content.append(make("p", { class: "status" }, this.#texts.noText));
    this.#scrollTo(this.content.querySelector("mark"));
  }

  /** Puts a link to the live page beside the title; to leave for it is the reader's choice. */
  #offerLivePage(address) {
    this.element.querySelector("header a")?.remove();
    if (!/^https?:\/\//i.test(address ?? "")) return;
    this.heading.after(make("a", { class: "plain", href: address, target: "_blank",
      rel: "noopener noreferrer" }, this.#texts.livePage));
  }

  /** Scrolls the text only: scrollIntoView would also move the page the widget is embedded in. */
  #scrollTo(mark) {
    this.content.scrollTop = 0;
    if (!mark) return;
    const above = mark.getBoundingClientRect().top - this.content.getBoundingClientRect().top;
    this.content.scrollTop = above - this.content.clientHeight / 3;
  }

  async #download() {
    const { document_id: documentId } = this.#citation;
    try {
      const { blob, name } = await this.#client().original(documentId);
      const link = make("a", { href: URL.createObjectURL(blob), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (problem) {
      this.#fail(problem);
    }
  }

  #fail(problem) {
    const message = problem.status === 404 ? this.#texts.gone
      : problem.status ? problem.detail || this.#texts.failed : this.#texts.unreachable;
    this.content.querySelector(".status, .failure")?.remove();
    this.content.prepend(make("p", { class: "failure", role: "alert" }, message));
  }
}

/** Makes a block's element; its part from `from` to `to`, in code points of the block, is marked. */
function showBlock(block, from, to) {
  if (block.kind === "table") return showTable(block.text, from, to);
  const tag = block.kind === "heading" ? `h${Math.min(block.level + 2, 6)}` : "p";
  return make(tag, { class: block.kind }, ...markPart(block.text, from, to));
}

/** Rows are lines and cells are parted by tabs; the first row names the columns. */
function showTable(text, from, to) {
  let before = 0;
  const rows = text.split("\n").map((line, row) => {
    const cells = line.split("\t").map((cell) => {
      const parts = markPart(cell, from - before, to - before);
      before += Array.from(cell).length + 1;
      return make(row ? "td" : "th", row ? {} : { scope: "col" }, ...parts);
    });
    return make("tr", {}, ...cells);
  });
  return make("div", { class: "table" }, make("table", {}, ...rows));
}

/** Offsets count code points, as the server does; a JavaScript string counts UTF-16 units. */
function markPart(text, from, to) {
  const points = Array.from(text);
  const first = Math.min(Math.max(from, 0), points.length);
  const last = Math.min(Math.max(to, first), points.length);
  if (first === last) return [text];
  const slice = (start, end) => points.slice(start, end).join("");
  return [slice(0, first), make("mark", {}, slice(first, last)), slice(last)];
}
