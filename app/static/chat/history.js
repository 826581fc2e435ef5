// One's own conversations, kept by the server: a dialog at the left that lists them, opens, renames,
// exports and deletes. Only loaded by those who open it.

import { make } from "./elements.js";

const PAGE = 30;
const LONGEST_TITLE = 200;

const TEXTS = {
  ja: {
    title: "会話の履歴",
    close: "閉じる",
    loading: "読み込んでいます…",
    kept: (days) => `あなただけが読めます。最後の質問から ${days} 日間残ります。`,
    notKept: "会話は保存されない設定です。",
    none: "まだ会話がありません。",
    turns: (n) => `${n} 問`,
    rename: "名前を変える",
    save: "保存",
    exported: { markdown: "Markdown で書き出す", json: "JSON で書き出す" },
    remove: "削除",
    sure: "削除しますか？",
    removeAll: "全て削除",
    sureAll: "全ての会話を削除しますか？",
    yes: "削除する",
    no: "やめる",
    removed: "削除しました。",
    more: "さらに表示",
    about: (action, title) => `${action}「${title}」`,
    gone: "この会話は見つかりません。削除されたか、保存期間を過ぎています。",
    failed: "できませんでした。もう一度お試しください。",
  },
  en: {
    title: "Your conversations",
    close: "Close",
    loading: "Loading…",
    kept: (days) => `Only you can read these. Each stays for ${days} days after its last question.`,
    notKept: "Conversations are not kept on this server.",
    none: "There are no conversations yet.",
    turns: (n) => (n === 1 ? "1 question" : `${n} questions`),
    rename: "Rename",
    save: "Save",
    exported: { markdown: "Export as Markdown", json: "Export as JSON" },
    remove: "Delete",
    sure: "Delete it?",
    removeAll: "Delete all",
    sureAll: "Delete all conversations?",
    yes: "Delete",
    no: "Cancel",
    removed: "Deleted.",
    more: "Show more",
    about: (action, title) => `${action} “${title}”`,
    gone: "There is no such conversation: it was deleted, or its time is over.",
    failed: "This did not work. Please try again.",
  },
};
const SIGNS = { rename: "✎", markdown: "MD ↓", json: "JSON ↓", remove: "✕" };

const CSS = `
dialog.past { margin: 0; width: min(26em, 94vw); height: 100dvh; max-height: none;
  border-width: 0 1px 0 0; border-radius: 0; }
.past .talks { flex: 1; overflow: auto; padding: .8em 1em; overscroll-behavior: contain; }
.past ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .5em; }
.past li { display: grid; gap: .25em; padding-bottom: .5em; border-bottom: 1px solid var(--line); }
.past .talk { width: 100%; padding: .45em .7em; text-align: left; line-height: 1.5;
  overflow-wrap: anywhere; }
.past .talk:hover, .past .talk[aria-current] { background: var(--tint); border-color: var(--accent); }
.past .actions { display: flex; flex-wrap: wrap; gap: .3em; align-items: center; font-size: .87em; }
.past .actions .plain { padding: .15em .6em; }
.past .sure { color: var(--bad); }
.past form { padding: 0; border: 0; }
.past input { flex: 1; min-width: 0; font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: 8px; padding: .35em .6em; }
.past .status { margin: 0 0 .8em; }
.past footer { padding: .6em 1em; border-top: 1px solid var(--line); }
@media (max-width: 600px) { dialog.past { width: 100vw; } }
`;

export class HistoryPanel {
  #texts;
  #language;
  #client;
  #open;
  #forget;
  #current = null;

  /**
   * `client` is called for each request; `open` shows a conversation that was read; `forget` is told
   * the id of one that was deleted, or nothing when all were.
   */
  constructor(language, { client, open, forget }) {
    this.#language = language;
    this.#texts = TEXTS[language];
    this.#client = client;
    this.#open = open;
    this.#forget = forget;
    const texts = this.#texts;
    this.status = make("p", { class: "status settled", role: "status" });
    this.list = make("ul", { "aria-labelledby": "past-title" });
    this.more = this.#button(texts.more, () => this.#load(this.more.value));
    this.foot = make("footer", {});
    this.closer = this.#button(texts.close, () => this.element.close());
    this.element = make("dialog", { class: "past", "aria-labelledby": "past-title" },
      make("header", {}, make("h2", { id: "past-title" }, texts.title), this.closer),
      make("div", { class: "talks" }, this.status, this.list, this.more), this.foot);
    this.element.addEventListener("mousedown", (event) => {
      if (event.target === this.element) this.element.close();
    });
  }

  /** Adds the panel's looks to the shadow root it lives in. */
  static dress(root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }

  /** Shows the list anew; `current` is the conversation on the page. */
  async show(current) {
    this.#current = current;
    this.list.replaceChildren();
    this.foot.replaceChildren();
    this.status.textContent = this.#texts.loading;
    if (!this.element.open) this.element.showModal();
    await this.#load("");
    (this.list.querySelector("button") ?? this.closer).focus();
  }

  #button(label, onclick, properties = {}) {
    return make("button", { class: "plain", type: "button", onclick, ...properties }, label);
  }

  async #load(after) {
    const query = `limit=${PAGE}${after ? `&after=${encodeURIComponent(after)}` : ""}`;
    this.more.hidden = true;
    const page = await this.#try(() => this.#client().get(`/api/v1/conversations?${query}`));
    if (!page) return;
    const first = page.conversations.map((talk) => this.#add(talk))[0];
    this.status.textContent = this.#about(page.kept_days);
    this.more.hidden = !page.next;
    this.more.value = page.next ?? "";
    if (after) first?.querySelector("button").focus();
    if (this.list.children.length) this.#offerToRemoveAll();
  }

  #about(days) {
    if (!days) return this.#texts.notKept;
    return this.list.children.length ? this.#texts.kept(days) : this.#texts.none;
  }

  #add(talk) {
    const item = make("li", {});
    this.list.append(item);
    this.#fill(item, talk);
    return item;
  }

  #fill(item, talk) {
    const texts = this.#texts;
    const used = new Date(talk.updated_at).toLocaleString(this.#language,
      { dateStyle: "medium", timeStyle: "short" });
    const act = (name, label, onclick) => this.#button(SIGNS[name], onclick,
      { title: label, "aria-label": texts.about(label, talk.title) });
    const current = talk.id === this.#current && "true";
    item.replaceChildren(
      make("button", { class: "talk", type: "button", "aria-current": current,
        onclick: () => this.#read(talk) }, talk.title,
        make("span", { class: "hint" }, `${used} · ${texts.turns(talk.turns)}`)),
      make("div", { class: "actions" },
        act("rename", texts.rename, () => this.#rename(item, talk)),
        act("markdown", texts.exported.markdown, () => this.#export(talk, "markdown")),
        act("json", texts.exported.json, () => this.#export(talk, "json")),
        act("remove", texts.remove, (event) => this.#confirm(event.currentTarget.parentElement,
          texts.sure, () => this.#remove(item, talk), () => this.#return(item, talk)))));
  }

  /** Puts an item back as it was, with its first button in focus. */
  #return(item, talk) {
    this.#fill(item, talk);
    item.querySelector("button").focus();
  }

  async #read(talk) {
    const whole = await this.#try(() => this.#client().get(this.#path(talk)));
    if (!whole) return;
    this.element.close();
    this.#open(whole);
  }

  #rename(item, talk) {
    const field = make("input", { type: "text", maxlength: LONGEST_TITLE, value: talk.title,
      "aria-label": this.#texts.about(this.#texts.rename, talk.title) });
    const onsubmit = async (event) => {
      event.preventDefault();
      const title = field.value.trim();
      const changed = title && title !== talk.title
        ? await this.#try(() => this.#client().send("PATCH", this.#path(talk), { title })) : talk;
      if (changed) this.#return(item, changed);
    };
    // Neither the Enter nor the Escape that ends a conversion in an input method is meant for us.
    const onkeydown = (event) => {
      const converting = event.isComposing || event.keyCode === 229;
      if (converting && event.key === "Enter") event.preventDefault();
      if (event.key !== "Escape" || converting) return;
      event.preventDefault();
      this.#return(item, talk);
    };
    item.replaceChildren(make("form", { onsubmit, onkeydown }, field,
      make("button", { class: "plain", type: "submit" }, this.#texts.save),
      this.#button(this.#texts.no, () => this.#return(item, talk))));
    field.select();
    field.focus();
  }

  async #export(talk, form) {
    const file = await this.#try(() => this.#client().file(`${this.#path(talk)}/export?format=${form}`));
    if (!file) return;
    const link = make("a", { href: URL.createObjectURL(file.blob), download: file.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** Asks in place of some buttons whether it is meant, with the harmless answer in focus. */
  #confirm(place, question, onyes, onno) {
    const no = this.#button(this.#texts.no, onno);
    place.replaceChildren(make("span", { class: "sure", role: "alert" }, question),
      this.#button(this.#texts.yes, onyes), no);
    no.focus();
  }

  async #remove(item, talk) {
    const gone = await this.#try(() => this.#client().send("DELETE", this.#path(talk)));
    if (gone === undefined) return;
    const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button");
    item.remove();
    this.status.textContent = this.#texts.removed;
    this.#forget(talk.id);
    if (!this.list.children.length) this.foot.replaceChildren();
    (next ?? this.closer).focus();
  }

  #offerToRemoveAll() {
    const offer = () => this.foot.replaceChildren(this.#button(this.#texts.removeAll, () => {
      this.#confirm(this.foot, this.#texts.sureAll, () => this.#removeAll(), () => {
        offer();
        this.foot.querySelector("button").focus();
      });
    }));
    offer();
  }

  async #removeAll() {
    const gone = await this.#try(() => this.#client().send("DELETE", "/api/v1/conversations"));
    if (!gone) return;
    this.list.replaceChildren();
    this.foot.replaceChildren();
    this.more.hidden = true;
    this.status.textContent = this.#texts.removed;
    this.#forget();
    this.closer.focus();
  }

  #path({ id }) {
    return `/api/v1/conversations/${encodeURIComponent(id)}`;
  }

  /** Returns what the server answers, undefined when it refused, which is then said. */
  async #try(request) {
    try {
      return await request();
    } catch (problem) {
      this.status.textContent = problem.status === 404 ? this.#texts.gone
        : problem.detail || this.#texts.failed;
      return undefined;
    }
  }
}
