// The page at /: the widget, a switch of language, and, while the sample company is installed,
// five questions to click and a switch between its people, who have different rights.

import { Client } from "./chat/client.js";
import { chooseLanguage, textsFor } from "./chat/texts.js";

const TEXTS = {
  ja: {
    other: "English",
    reader: "質問する人",
    oneself: "自分（管理者）",
    about: "架空の会社「蔵前精機」のサンプル文書に質問できます。「質問する人」を替えると、読める文書が変わり、答えも変わります。",
    noModel: "言語モデルを使えないため、回答は文書からの引用です。",
    questions: [
      { question: "自腹で払った経費は、いつまでに申請すれば戻ってきますか？", hint: "言い換えても見つかる" },
      { question: "機械加工技能士1級に合格すると、いくらもらえますか？", hint: "表の値" },
      { question: "米国のRMA番号の有効期限は何日ですか？", hint: "英語の文書から" },
      { question: "課長（G4）の基本給の上限はいくらですか？", hint: "人事部だけが読める。人を替えて比べる" },
      { question: "2023年版の就業規則では、試用期間は何か月でしたか？", hint: "3つの版のうち、その年のもの" },
    ],
  },
  en: {
    other: "日本語",
    reader: "Ask as",
    oneself: "Yourself (administrator)",
    about: "These are sample documents of a made-up company, Kuramae Seiki. Change who asks: each person may read different documents, so answers differ.",
    noModel: "No chat model can be used, so answers are quotations from the documents.",
    questions: [
      { question: "What happens if I skip the yearly security course?",
        hint: "Found in other words" },
      { question: "How many months of warranty does KS-7200 have?", hint: "A value in a table" },
      { question: "How long do I rinse my eyes after contact with cleaner K-21?",
        hint: "From a Japanese document" },
      { question: "What is the highest base salary in grade G4?",
        hint: "Only HR may read it: switch people and compare" },
      { question: "What was the yen price of KS-4410-B in 2021?", hint: "Not today's: that year's version" },
    ],
  },
};
const MODEL_CHECK_MS = 15_000;
const ONESELF = "";

const chat = document.querySelector("kura-chat");
const people = document.querySelector("#people");
const select = people.querySelector("select");
const about = document.querySelector("#about");
const banner = document.querySelector("#banner");
const switcher = document.querySelector("#language");
let language = chooseLanguage(localStorage.getItem("kura-language") || navigator.language);
let session = null;
let trouble = null; // why there is no session: a name of one of the widget's texts

function client() {
  return new Client({ server: location.origin, language });
}

/** Somebody of the sample company asks unless another was chosen: it is they who may read it. */
function chooseReader() {
  const known = [ONESELF, ...session.people.map((person) => person.id)];
  const wanted = localStorage.getItem("kura-reader");
  const first = session.people[0]?.id ?? ONESELF;
  setReader(known.includes(wanted) ? wanted : first);
}

function setReader(id) {
  if (id === ONESELF) chat.removeAttribute("act-as");
  else chat.setAttribute("act-as", id);
  const isSample = session.people.some((person) => person.id === id);
  chat.suggestions = isSample ? TEXTS[language].questions : [];
}

function showPeople() {
  const { reader, oneself } = TEXTS[language];
  people.hidden = about.hidden = session.people.length === 0;
  about.textContent = TEXTS[language].about;
  people.querySelector("span").textContent = reader;
  const options = session.people.map((person) =>
    new Option(language === "ja" ? person.name : person.name_en, person.id));
  select.replaceChildren(...options, new Option(oneself, ONESELF));
  select.value = chat.getAttribute("act-as") ?? ONESELF;
  setReader(select.value);
}

function show() {
  document.documentElement.lang = language;
  switcher.textContent = TEXTS[language].other;
  switcher.lang = language === "ja" ? "en" : "ja";
  chat.setAttribute("lang", language);
  if (session) showPeople();
  checkModel();
}

async function start() {
  try {
    session = await client().get("/api/v1/session");
    chooseReader();
  } catch (problem) {
    trouble = problem.status === 401 ? "signIn" : "unreachable";
  }
  show();
  openLinkedSource();
  if (matchMedia("(pointer: fine)").matches && !location.hash) chat.focus();
}

async function checkModel() {
  if (trouble) say(textsFor(language)[trouble]);
  if (!session || document.hidden) return;
  const asked = language;
  const state = await client().get("/api/v1/models/state").catch(() => null);
  if (!state || asked !== language) return;
  say(state.connected ? "" : `${TEXTS[language].noModel}\n${state.remedy}`.trim());
}

/** Changes the banner only when it says something else, so it is not read aloud again. */
function say(message) {
  if (banner.textContent !== message) banner.textContent = message;
}

/** Citations of the REST interface link here as /#document=ID&start=0&end=12. */
function openLinkedSource() {
  const linked = new URLSearchParams(location.hash.slice(1));
  if (!session || !linked.get("document")) return;
  chat.openSource({ document_id: linked.get("document"), start: Number(linked.get("start")),
    end: Number(linked.get("end")) });
}

switcher.addEventListener("click", () => {
  language = language === "ja" ? "en" : "ja";
  localStorage.setItem("kura-language", language);
  show();
});
select.addEventListener("change", () => {
  localStorage.setItem("kura-reader", select.value);
  setReader(select.value);
});
addEventListener("hashchange", openLinkedSource);
document.addEventListener("visibilitychange", checkModel);

switcher.textContent = TEXTS[language].other;
document.documentElement.lang = language;
chat.setAttribute("lang", language);
await start();
setInterval(checkModel, MODEL_CHECK_MS);
