// What can be made of an open document: a summary, and a comparison with another edition of it.

import { make } from "./elements.js";

export class TaskBar {
  #texts;
  #verdicts;
  #client;
  #open;
  #document = null;
  #work = null;

  /** `open` is called with a citation whose place is to be shown. */
  constructor(texts, client, open) {
    this.#texts = texts.task;
    this.#verdicts = texts.verdicts;
    this.#client = client;
    this.#open = open;
    this.buttons = make("div", { class: "tasks" });
    this.result = make("div", { class: "task", role: "region", "aria-label": this.#texts.result,
      "aria-live": "polite", tabindex: "0", hidden: true });
  }

  /** Ends what is under way and takes its result away. */
  clear() {
    this.#work?.abort();
    this.#document = null;
    this.buttons.replaceChildren();
    this.result.replaceChildren();
    this.result.hidden = true;
  }

  /** Offers what can be done with a document; where it has other editions, also to compare. */
  async offer(documentId) {
    if (this.#document === documentId) return;
    this.clear();
    this.#document = documentId;
    this.#button(this.#texts.summarise, () =>
      this.#run("summary", { document: documentId }, (found) => this.#showSummary(found)));
    const path = `/api/v1/documents/${encodeURIComponent(documentId)}/editions`;
    const editions = await this.#client().get(path).catch(() => []);
    if (this.#document !== documentId) return;
    for (const { id, title, older } of editions.slice(0, 3)) {
      const pair = older ? { before: id, after: documentId } : { before: documentId, after: id };
      this.#button(this.#texts.compare(title), () =>
        this.#run("comparison", pair, (found) => this.#showComparison(found)));
    }
  }

  #button(name, onclick) {
    this.buttons.append(make("button", { type: "button", class: "plain", onclick }, name));
  }

  async #run(task, body, show) {
    this.#work?.abort();
    const work = this.#work = new AbortController();
    this.result.hidden = false;
    this.result.replaceChildren(make("p", { class: "status" }, this.#texts.working));
    try {
      const found = await this.#client().send("POST", `/api/v1/tasks/${task}`, body, work.signal);
      if (!work.signal.aborted) this.result.replaceChildren(...show(found));
    } catch (problem) {
      if (work.signal.aborted) return;
      const message = problem.status ? problem.detail : this.#texts.unreachable;
      this.result.replaceChildren(make("p", { class: "failure", role: "alert" }, message));
    }
  }

  #showSummary({ sections, citations, notices, model }) {
    const shown = sections.flatMap(({ heading, sentences }) => [
      heading.length ? make("h3", {}, heading.join(" › ")) : null,
      ...sentences.map((sentence) => this.#say(sentence, citations)),
    ]);
    return [make("h3", {}, this.#texts.summary(model)), ...shown, ...this.#tell(notices)]
      .filter(Boolean);
  }

  #showComparison({ before, overview, language, sentences, changes, citations, notices }) {
    return [
      make("h3", {}, this.#texts.comparison(before.title)),
      make("p", {}, overview[language]),
      ...sentences.map((sentence) => this.#say(sentence, citations)),
      ...changes.map((change) => this.#showChange(change, citations)),
      ...this.#tell(notices),
    ];
  }

  #say({ text, verdict, citations: numbers }, citations) {
    const chips = numbers.map((number) => this.#chip(citations, number));
    return make("p", {}, text + (this.#verdicts[verdict] ?? ""), ...chips);
  }

  #showChange(change, citations) {
    const chips = [change.before_citation, change.after_citation]
      .filter(Boolean).map((number) => this.#chip(citations, number));
    const kind = make("span", { class: "kind" }, this.#texts.kinds[change.kind]);
    return make("p", { class: "change" }, kind, change.row && `${change.row} `,
      ...this.#showWords(change), ...chips);
  }

  #showWords({ kind, cells, words, before, after }) {
    if (cells.length) {
      return cells.flatMap(({ column, before: old, after: now }) =>
        [`${column}: `, make("del", {}, old), " ", make("ins", {}, now), " "]);
    }
    if (words.length) {
      const tags = { same: "span", removed: "del", added: "ins" };
      return words.map(({ fate, text }) => make(tags[fate], {}, text));
    }
    const tag = { removed: "del", added: "ins" }[kind] ?? "span";
    return [make(tag, {}, (after || before).replaceAll("\t", " | "))];
  }

  #chip(citations, number) {
    const citation = citations.find((each) => each.number === number);
    if (!citation) return "";
    return make("button", { class: "chip", type: "button", title: citation.quote,
      "aria-label": this.#texts.show(number, citation.title),
      onclick: () => this.#open(citation) }, String(number));
  }

  #tell(notices) {
    return notices.map(({ message }) => make("p", { class: "notice" }, message));
  }
}
