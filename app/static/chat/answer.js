// Shows one exchange: the question, the answer as its sentences arrive, and the sources.

import { copyText } from "./copying.js";
import { make } from "./elements.js";
import { offerReport } from "./gap.js";
import { Rating } from "./rating.js";

/** Returns the text with the cells of a quoted table row kept apart, as a tab would not. */
function partCells(text) {
  return text.replaceAll("\t", " | ");
}

export class AnswerView {
  #texts;
  #openCitation;
  #rate;
  #readable = new Map(); // documents found, by id: one of them may be the right one
  #citations = new Map();
  #shown = []; // what each sentence on the page says and cites, to see whether it must change
  #notices = new Set();
  #paragraph = null;
  settled = false;
  answered = false; // whether the whole answer came
  found = 0;
  plain = "";

  /** `rate` sends what the reader says of the answer; without it nothing is asked. */
  constructor(question, texts, openCitation, rate) {
    this.#texts = texts;
    this.#openCitation = openCitation;
    this.#rate = rate;
    // Only what is new is read aloud: sentences, notices and the state; not the list of sources.
    this.body = make("div", { class: "body", "aria-live": "polite" });
    this.doubts = make("div", { "aria-live": "polite" });
    this.notices = make("div", { "aria-live": "polite" });
    this.status = make("p", { class: "status", role: "status" }, texts.searching);
    this.foot = make("div", { class: "foot" });
    this.element = make("section", { class: "exchange" },
      make("p", { class: "question" }, make("span", { class: "unseen" }, `${texts.you}: `), question),
      make("div", { class: "answer" }, make("span", { class: "unseen" }, `${texts.answer}: `),
        this.doubts, this.body, this.notices, this.status, this.foot));
  }

  get isEmpty() {
    return !this.#shown.length;
  }

  /** Handles one event of the stream. */
  take({ event, data }) {
    if (event === "found") this.#takeFound(data.passages);
    else if (event === "queued") this.#tellPlace(data.position);
    else if (event === "sentence") this.#takeSentence(data);
    else if (event === "notice") this.#addNotice(data);
    else if (event === "answer") this.#finish(data);
    else if (event === "error") this.fail(data.detail || data.title || this.#texts.failed);
  }

  #takeFound(passages) {
    for (const { document_id: id, title } of passages) this.#readable.set(id, title);
    this.#tellReading(passages.length);
  }

  #tellReading(passages) {
    this.found = passages;
    this.status.textContent = this.#texts.writing(passages);
  }

  /** Says how many are before this question; the same place again is not read aloud again. */
  #tellPlace(position) {
    const text = position ? this.#texts.queued(position) : this.#texts.writing(this.found);
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  stop() {
    this.#settle(this.isEmpty ? this.#texts.stopped : this.#texts.stoppedEarly);
  }

  fail(message) {
    this.#settle("");
    this.foot.append(make("p", { class: "failure", role: "alert" }, message));
  }

  #settle(status) {
    this.settled = true;
    this.status.textContent = status;
    this.status.classList.add("settled");
  }

  #addNotice({ code, message }) {
    if (this.#notices.has(message)) return;
    this.#notices.add(message);
    // That it may not be the answer is to be known before it is read.
    const place = code === "near-passages" ? this.doubts : this.notices;
    place.append(make("p", { class: "notice" }, message));
  }

  #takeSentence({ new_citations: fresh = [], ...sentence }) {
    for (const citation of fresh) this.#citations.set(citation.number, citation);
    this.#addSentence(sentence);
  }

  #addSentence(sentence) {
    const { citations, starts_line: startsLine } = sentence;
    const text = sentence.text + (this.#texts.verdicts[sentence.verdict] ?? "");
    this.#shown.push(this.#describe(sentence));
    if (startsLine || !this.#paragraph) {
      this.#paragraph = make("p", {});
      this.body.append(this.#paragraph);
    } else if (/[!-~]$/.test(this.plain)) {
      this.#paragraph.append(" "); // sentences in Latin letters are set apart, Japanese ones are not
    }
    const chips = citations.map((number) => this.#chip(number));
    this.#paragraph.append(make("span", { class: "sentence" }, partCells(text), ...chips));
    this.plain += (startsLine && this.plain ? "\n" : "") + text;
  }

  #describe({ text, citations, starts_line: startsLine }) {
    const places = citations.map((number) => {
      const { document_id: id, start, end } = this.#citations.get(number) ?? {};
      return [number, id, start, end];
    });
    return JSON.stringify([text, places, Boolean(startsLine)]);
  }

  #chip(number) {
    const citation = this.#citations.get(number);
    if (!citation) return null;
    return make("button",
      { class: "chip", type: "button", title: `${citation.title}\n${citation.quote}`,
        "aria-label": this.#texts.open(number, citation.title),
        onclick: () => this.#openCitation(citation) },
      String(number));
  }

  /** The final answer is the truth: where what was streamed differs from it, it is replaced. */
  #finish(answer) {
    this.answered = true;
    this.#citations = new Map(answer.citations.map((citation) => [citation.number, citation]));
    const final = answer.sentences.map((sentence) => this.#describe(sentence));
    if (final.join() !== this.#shown.join()) {
      this.body.replaceChildren();
      this.#shown = [];
      this.#paragraph = null;
      this.plain = "";
      answer.sentences.forEach((sentence) => this.#addSentence(sentence));
    }
    if (!this.plain && answer.text) this.#addSentence({ text: answer.text, citations: [] });
    for (const notice of answer.notices) this.#addNotice(notice);
    this.#settle(this.#howItCame(answer));
    if (answer.citations.length) this.#listSources(answer.citations);
    if (answer.nearest.length) this.#listNearest(answer.nearest);
    if (answer.kind !== "refusal") this.foot.append(this.#copyButton(answer));
    if (!this.#rate) return;
    if (answer.gap) this.foot.append(offerReport(this.#texts, () => this.#rate(answer.gap)));
    this.foot.append(this.#ratingOf(answer));
  }

  #ratingOf({ id, kind, citations, nearest }) {
    for (const each of [...citations, ...nearest]) this.#readable.set(each.document_id, each.title);
    const about = { answer_id: id, answer_kind: kind,
      chunks: citations.map((citation) => citation.chunk_id) };
    const send = (said) => this.#rate({ ...about, ...said });
    const likely = kind === "refusal" ? "not-answered" : "wrong";
    return new Rating(this.#texts, [...this.#readable], send, likely).element;
  }

  #howItCame({ kind, model, passages: { used, found } }) {
    if (kind === "refusal") return ""; // its sentences say it all
    const how = kind === "generated" ? this.#texts.generated(model) : this.#texts.extractive;
    return `${how} · ${this.#texts.used(used, found)}`;
  }

  #listSources(citations) {
    const items = citations.map((citation) => this.#item(citation, this.#place(citation),
      citation.quote, citation.number));
    this.#list(this.#texts.sources, items);
  }

  #listNearest(nearest) {
    const items = nearest.map((document) => this.#item({ ...document, start: 0, end: 0 },
      document.title, [document.department, document.owner].filter(Boolean).join(" · ")));
    this.#list(this.#texts.nearest, items);
  }

  #list(title, items) {
    this.foot.append(make("h3", {}, title), make("ol", { class: "sources" }, ...items));
  }

  #item(citation, where, detail, number = "") {
    return make("li", {},
      make("button", { class: "source", type: "button", onclick: () => this.#openCitation(citation) },
        number && make("span", { class: "number" }, String(number)),
        make("span", { class: "where" }, where),
        make("span", { class: "quote" }, partCells(detail))));
  }

  #place({ title, page, sheet, heading = [] }) {
    const place = sheet || (page ? this.#texts.page(page) : "");
    return [...new Set([title, place, heading.at(-1)])].filter(Boolean).join(" · ");
  }

  #copyButton({ text, citations }) {
    const sources = citations.map((citation) => `[${citation.number}] ${this.#place(citation)}`);
    const button = make("button", { class: "plain copy", type: "button" }, this.#texts.copy);
    button.addEventListener("click", async () => {
      const copied = await copyText([text, sources.join("\n")].filter(Boolean).join("\n\n"), button);
      button.textContent = copied ? this.#texts.copied : this.#texts.notCopied;
    });
    return button;
  }
}
