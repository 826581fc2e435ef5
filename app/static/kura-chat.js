// <kura-chat>: ask, read, check. One script tag is all an intranet page needs:
//
//   <script type="module" src="https://kura.example.jp/kura-chat.js"></script>
//   <kura-chat token-url="/my-backend/kura-token"></kura-chat>
//
// Attributes: lang ("ja" or "en"; else the page's), server (else where the script came from),
// token-url (the embedding site's own address that answers {"token": "..."} for its reader),
// act-as (a sample person, for administrators), history (keeps one's conversations on the server and
// offers them; not while acting as somebody). Property: suggestions (questions to click, each a
// string or {question, hint}). Methods: ask(question), openSource(citation), focus().

import { AnswerView } from "./static/chat/answer.js";
import { Client } from "./static/chat/client.js";
import { make } from "./static/chat/elements.js";
import { SourcePanel } from "./static/chat/source.js";
import { dress } from "./static/chat/style.js";
import { chooseLanguage, textsFor } from "./static/chat/texts.js";

const HOME = new URL(import.meta.url).origin;
const REMEMBERED_TURNS = 5;
const TALLEST_INPUT_ROWS = 5;
const AT_THE_END_PX = 32;

class KuraChat extends HTMLElement {
  static observedAttributes = ["lang", "act-as", "server", "token-url", "history"];
  #root = this.attachShadow({ mode: "open" });
  #history = [];
  #conversation = null; // id of the one that the server keeps of this
  #unkept = false; // whether something was said that the server has not kept
  #suggestions = [];
  #running = null; // the AbortController of the answer being written

  connectedCallback() {
    if (this.log) return; // only moved to another place
    dress(this.#root);
    this.#build();
    this.#speak();
    this.clear();
  }

  disconnectedCallback() {
    this.#running?.abort();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.log || before === after) return;
    this.#speak();
    // Another reader is another conversation: nothing one reader saw stays for the next.
    if (name !== "lang") this.clear();
  }

  set suggestions(questions) {
    this.#suggestions = questions;
    if (this.log) this.#welcome();
  }

  focus(options) {
    this.input?.focus(options);
  }

  #build() {
    this.input = make("textarea", { rows: 1, enterkeyhint: "send",
      onkeydown: (event) => this.#onKey(event), oninput: () => this.#fitInput() });
    // The second click of a double click on "send" must not be the first one on "stop".
    this.button = make("button", { class: "go", type: "submit",
      onclick: (event) => event.detail > 1 && event.preventDefault() });
    this.clearer = make("button", { class: "new", type: "button",
      onclick: () => { this.clear(); this.focus(); } }, "＋");
    this.past = make("button", { class: "new", type: "button", onclick: () => this.#showPast() }, "☰");
    const onsubmit = (event) => {
      event.preventDefault();
      if (this.#running) this.#running.abort();
      else this.ask(this.input.value);
    };
    this.welcome = make("div", {});
    this.exchanges = make("div", { class: "exchanges" });
    this.log = make("div", { class: "log", role: "region", tabindex: "0" },
      this.welcome, this.exchanges);
    this.frame = make("div", { class: "kura" }, this.log,
      make("form", { onsubmit }, this.past, this.clearer, this.input, this.button));
    this.#root.replaceChildren(this.frame);
  }

  /** Sets the language of everything but the conversation so far, and who is reading. */
  #speak() {
    const language = chooseLanguage(this.getAttribute("lang"));
    const texts = textsFor(language);
    this.texts = texts;
    this.client = new Client({
      server: this.getAttribute("server") || HOME,
      tokenUrl: this.getAttribute("token-url"),
      actAs: this.getAttribute("act-as"),
      language,
    });
    this.frame.lang = language;
    this.log.setAttribute("aria-label", texts.title);
    this.input.placeholder = texts.placeholder;
    this.input.setAttribute("aria-label", texts.ask);
    this.clearer.title = texts.clear;
    this.clearer.setAttribute("aria-label", texts.clear);
    this.past.title = texts.past;
    this.past.setAttribute("aria-label", texts.past);
    this.past.hidden = !this.#keeps;
    this.talks?.element.remove();
    this.talks = null;
    this.#setRunning(this.#running);
    this.panel?.element.remove();
    this.panel = new SourcePanel(texts, () => this.client);
    this.frame.append(this.panel.element);
    this.#welcome();
  }

  #welcome() {
    const items = this.#suggestions.map((suggestion) => {
      const { question, hint } = suggestion.question ? suggestion : { question: suggestion };
      const button = make("button", { type: "button", onclick: () => this.ask(question) }, question,
        hint && make("span", { class: "hint" }, hint));
      return make("li", {}, button);
    });
    this.welcome.replaceChildren(make("p", { class: "intro" }, this.texts.intro));
    if (items.length) this.welcome.append(make("ul", { class: "suggestions" }, ...items));
  }

  /** Forgets the conversation, stopping the answer being written. */
  clear() {
    this.#running?.abort();
    this.#setRunning(null);
    this.#history = [];
    this.#conversation = null;
    this.#unkept = false;
    this.exchanges.replaceChildren();
    if (this.panel.element.open) this.panel.element.close();
  }

  /** Whoever acts as somebody keeps nothing and sees nothing of theirs. */
  get #keeps() {
    return this.hasAttribute("history") && !this.hasAttribute("act-as");
  }

  /** Lists the conversations that the server keeps; what that takes is loaded only now. */
  async #showPast() {
    const { HistoryPanel } = await import("./static/chat/history.js");
    if (!this.talks) {
      if (this.#root.adoptedStyleSheets.length < 2) HistoryPanel.dress(this.#root);
      this.talks = new HistoryPanel(this.frame.lang, {
        client: () => this.client,
        open: (conversation) => this.#resume(conversation),
        forget: (id) => (!id || id === this.#conversation) && this.clear(),
      });
      this.frame.append(this.talks.element);
    }
    await this.talks.show(this.#conversation);
  }

  /** Shows a kept conversation, to be read and gone on with. */
  #resume({ id, exchanges }) {
    this.clear();
    this.#conversation = id;
    for (const { question, answer } of exchanges) {
      const view = this.#view(question);
      view.take({ event: "answer", data: answer });
      this.exchanges.append(view.element); // whole, so that it is not read aloud
      this.#remember(question, view);
    }
    this.log.scrollTop = this.log.scrollHeight;
    this.focus();
  }

  /** Opens a document's text; a citation is {document_id, start, end} and may have a title. */
  openSource(citation) {
    return this.panel.open(citation);
  }

  /** Enter sends, but never the Enter that ends a conversion in an input method. */
  #onKey(event) {
    const converting = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || converting) return;
    event.preventDefault();
    if (!this.#running) this.ask(this.input.value);
  }

  #setInput(text) {
    this.input.value = text;
    this.#fitInput();
  }

  /** For browsers that cannot size a field by its content. */
  #fitInput() {
    this.input.rows = Math.min(this.input.value.split("\n").length, TALLEST_INPUT_ROWS);
  }

  /** Asks a question and shows its answer; returns when the answer is whole. */
  async ask(text) {
    const question = text.trim();
    if (!question || this.#running) return;
    const view = this.#view(question);
    this.exchanges.append(view.element);
    // The question goes to the top and its answer grows below, so nothing moves while one reads.
    this.log.scrollTop = this.#offsetOf(view.element);
    if (this.input.value.trim() === question) this.#setInput("");
    const controller = new AbortController();
    this.#setRunning(controller);
    try {
      await this.#read(view, question, controller.signal);
    } finally {
      if (this.#running === controller) this.#setRunning(null);
    }
  }

  #view(question) {
    const before = [...this.#history];
    const { client } = this; // the one who asked is the one who judges, whoever reads later
    // Whoever acts as somebody does not judge in their name.
    const rate = client.actAs ? null
      : (said) => client.rate({ question, history: before, ...said });
    return new AnswerView(question, this.texts, (citation) => this.openSource(citation), rate);
  }

  async #read(view, question, signal) {
    const keeps = this.#keeps;
    const history = keeps && this.#conversation && !this.#unkept ? [] : this.#history;
    const conversation = keeps ? this.#conversation ?? "new" : undefined;
    let begun = false;
    try {
      for await (const event of this.client.ask(question, history, signal, conversation)) {
        begun = true;
        if (event.event === "answer") this.#conversation = event.data.conversation ?? null;
        this.#keepInSight(event, () => view.take(event));
      }
      if (!view.settled) view.fail(this.texts.cut);
    } catch (problem) {
      // A conversation that is gone: asked again, this goes on as a new one.
      if (problem.status === 404) this.#conversation = null;
      if (signal.aborted) view.stop();
      else if (begun) view.fail(this.texts.cut);
      else this.#giveBack(view, question, problem);
    }
    // What was cleared meanwhile belongs to no conversation any more.
    if (signal.aborted && !view.element.isConnected) return;
    this.#unkept ||= Boolean(view.plain) && !view.answered;
    this.#remember(question, view);
  }

  #remember(question, view) {
    if (!view.plain) return;
    this.#history.push({ question, answer: view.plain });
    if (this.#history.length > REMEMBERED_TURNS) this.#history.shift();
  }

  /** An answer longer than the window is followed while its reader is at the end, not otherwise. */
  #keepInSight({ event }, change) {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    const atEnd = scrollHeight - scrollTop - clientHeight < AT_THE_END_PX;
    change();
    if (atEnd && event === "sentence") this.log.scrollTop = this.log.scrollHeight;
  }

  #offsetOf(element) {
    const { top } = this.log.getBoundingClientRect();
    return this.log.scrollTop + element.getBoundingClientRect().top - top - AT_THE_END_PX / 2;
  }

  /** The question was not answered at all: says why, and lets it be sent again. */
  #giveBack(view, question, problem) {
    view.fail(this.#explain(problem));
    if (!this.input.value) this.#setInput(question);
  }

  #explain(problem) {
    if (problem.status === 401) {
      return this.hasAttribute("token-url") ? this.texts.signInHere : this.texts.signIn;
    }
    if (problem.status) return problem.detail || this.texts.failed;
    return this.texts.unreachable;
  }

  #setRunning(controller) {
    this.#running = controller;
    this.button.textContent = controller ? this.texts.stop : this.texts.send;
  }
}

customElements.define("kura-chat", KuraChat);
