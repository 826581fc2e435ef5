// Every text the reader sees, in both languages.

const TEXTS = {
  ja: {
    title: "蔵に聞く",
    ask: "社内文書について質問してください",
    placeholder: "質問を入力",
    send: "送信",
    stop: "停止",
    clear: "新しい会話",
    you: "質問",
    answer: "回答",
    searching: "文書を探しています…",
    writing: (n) => `${n} 件の箇所を読んでいます…`,
    stopped: "停止しました。",
    stoppedEarly: "停止しました。回答は途中までです。",
    intro: "あなたが読める文書だけを根拠に、出典付きで答えます。",
    copy: "回答をコピー",
    copied: "コピーしました",
    notCopied: "コピーできませんでした",
    noText: "この文書に表示できる文字はありません。",
    sources: "出典",
    nearest: "近い文書",
    owner: "担当",
    extractive: "文書からの引用",
    generated: (model) => `生成: ${model}`,
    page: (n) => `${n} ページ`,
    close: "閉じる",
    original: "元のファイル",
    loading: "読み込んでいます…",
    open: (number, title) => `出典 ${number}「${title}」を開く`,
    signIn:
      "サインインが必要です。「kura serve」が表示したリンクを開くか、「kura keys link」で新しいリンクを作ってください。",
    signInHere: "サインインの有効期限が切れました。このページを読み込み直してください。",
    unreachable: "サーバーに接続できません。動作を確認して、もう一度お試しください。",
    failed: "回答できませんでした。もう一度お試しください。",
    cut: "接続が途中で切れました。回答は途中までです。もう一度お試しください。",
    gone: "この文書は開けません。削除されたか、閲覧できなくなっています。",
    used: (used, found) => `見つかった ${found} か所のうち ${used} か所を読みました`,
  },
  en: {
    title: "Ask Kura",
    ask: "Ask about your company's documents",
    placeholder: "Ask a question",
    send: "Send",
    stop: "Stop",
    clear: "New conversation",
    you: "Question",
    answer: "Answer",
    searching: "Searching the documents…",
    writing: (n) => (n === 1 ? "Reading 1 passage…" : `Reading ${n} passages…`),
    stopped: "Stopped.",
    stoppedEarly: "Stopped. The answer is incomplete.",
    intro: "Answers come only from documents you may read, each with its source.",
    copy: "Copy answer",
    copied: "Copied",
    notCopied: "Could not be copied",
    noText: "This document has no text to show.",
    sources: "Sources",
    nearest: "Nearest documents",
    owner: "Owner",
    extractive: "Quoted from the documents",
    generated: (model) => `Written by ${model}`,
    page: (n) => `page ${n}`,
    close: "Close",
    original: "Original file",
    loading: "Loading…",
    open: (number, title) => `Open source ${number}, “${title}”`,
    signIn:
      "Please sign in: open the link that `kura serve` printed, or make a new one with `kura keys link`.",
    signInHere: "Your sign-in has expired. Please reload this page.",
    unreachable: "The server cannot be reached. Check that it is running, then try again.",
    failed: "This could not be answered. Please try again.",
    cut: "The connection broke, and the answer is incomplete. Please try again.",
    gone: "This document cannot be opened: it was removed, or you may no longer read it.",
    used: (used, found) => `${used} of ${found} passages read`,
  },
};

/** The language to speak: the attribute if it names one we have, else the browser's. */
export function chooseLanguage(attribute) {
  const wanted = attribute || document.documentElement.lang || navigator.language || "en";
  return wanted.toLowerCase().startsWith("ja") ? "ja" : "en";
}

export function textsFor(language) {
  return TEXTS[language];
}
