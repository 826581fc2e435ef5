"""What each command does, in both languages; the manual and ``--help`` are made from it."""

from app.cli.speaking import say

PROGRAM = say(
    "Kura turns a company's documents into answers that carry their proof. The command line runs"
    " with the rights of whoever can read the state folder, as the user `admin` of the"
    " groups `admins` and `staff`.",
    "Kura は会社の文書を、根拠の付いた回答に変えます。コマンドラインは、状態フォルダーを読める人の"
    "権限で、グループ admins と staff のユーザー admin として動きます。",
)

SERVE = say(
    "Start the server and its worker.\n\n"
    "Prints the address with a sign-in link, which signs in the user `admin` once,"
    " within 24 hours; `kura keys link` makes another."
    " Ctrl-C stops both. Exit status: 0 stopped, 1 could not start, 2 wrong setting.",
    "サーバーとワーカーを起動します。\n\n"
    "アドレスとサインイン用リンクを表示します。リンクは 24 時間以内に 1 回だけ、ユーザー"
    " admin として使えます。「kura keys link」で作り直せます。Ctrl-C で両方とも止まります。"
    "終了コード: 0 停止、1 起動できない、2 設定の誤り。",
)

WORK = say(
    "Run the worker alone.\n\n"
    "It takes jobs from the catalog and keeps the indexes up to date."
    " `kura serve` starts one by itself. Exit status: 0 stopped, 1 another worker is at work.",
    "ワーカーだけを動かします。\n\n"
    "ジョブを実行し、索引を最新に保ちます。"
    "「kura serve」は自分でワーカーを起動します。終了コード: 0 停止、1 別のワーカーが動作中。",
)

INGEST = say(
    "Take in the documents of a folder or another source.\n\n"
    "New and changed documents are read, missing ones removed. Without an argument the sources"
    " file is applied and all registered sources are taken. Only group:admins may read a new"
    " folder, unless --allow or a .kura.toml in it says otherwise.\n\n"
    "Exit status: 0 all documents went in or were unchanged; 3 some did not, with the reasons"
    " listed; 1 the run itself failed; 2 wrong usage or setting; 130 interrupted.",
    "フォルダーなどの取り込み元の文書を取り込みます。\n\n"
    "新しい文書と変わった文書を読み、なくなった文書は削除します。引数を省くと、取り込み元の"
    "ファイルを適用し、登録済みの取り込み元を全て取り込みます。新しいフォルダーは、--allow または"
    "その .kura.toml で指定しない限り、読めるのは group:admins だけです。\n\n"
    "終了コード: 0 全て取り込み済みまたは変更なし、3 一部が失敗（理由を表示）、1 実行そのものが"
    "失敗、2 使い方または設定の誤り、130 中断。",
)

REINDEX = say(
    "Build the search indexes anew.\n\n"
    "They are made from the catalog, beside the ones in use."
    " Documents are not read again. Needed after a change of embedding model.",
    "検索索引を作り直します。\n\n"
    "カタログから作り、終わるまで今の索引を使い続けます。"
    "文書は読み直しません。埋め込みモデルを変えたときに必要です。",
)

ADAPT = say(
    "Tune the search model on your own documents.\n\n"
    "Takes minutes on a CPU; nothing leaves the machine. The tuned model serves only when it finds"
    " better than the one in use, by golden questions or by sections kept from learning.\n\n"
    "Exit status: 0 the tuned model is live, or dropped; 3 the model in use stays; 1 failed;"
    " 2 wrong usage or setting; 130 interrupted, nothing changed.",
    "検索モデルを自社の文書に合わせて調整します。\n\n"
    "CPU で数分、データは外に出ません。評価用の質問か、学習に使わない見出しで今のモデルより良いと"
    "確かめられたときだけ使います。\n\n"
    "終了コード: 0 調整したモデルを公開または解除、3 今のモデルを継続、1 失敗、"
    "2 使い方または設定の誤り、130 中断（変更なし）。",
)

SEARCH = say(
    "Find passages.\n\n"
    "Says what found each (words, meaning), which words matched (≈ for the glossary's), and how"
    " the search could be narrowed. --as tries out what somebody else would find.\n\n"
    "Narrow it in the words themselves: dept:人事 type:pdf lang:ja tag:規程 source:NAME"
    ' after:2024-04 before:令和6年6月, "word for word", -without.',
    "文書の該当箇所を探します。\n\n"
    "何で見つかったか（語句・意味）、一致した語（≈ は用語集の言い換え）、絞り込みの候補も"
    "示します。--as で、ほかの人に見える結果を確かめられます。\n\n"
    "言葉に添えて絞り込めます: 部署:人事 種類:pdf 言語:日本語 タグ:規程 出所:名前 以降:2024-04"
    " 以前:令和6年6月、「この通りの語句」、-除く語。",
)
WHY = say(
    "Tell why a document was not found.\n\n"
    "Follows it from its ingestion to the answer: taken in, text, readable by whom, filters, its"
    " rank by words and by meaning, and what to do where it is lost.",
    "文書が見つからない理由を調べます。\n\n"
    "取り込み、本文、閲覧権限、絞り込み、語句と意味での順位、回答への採用を順にたどり、"
    "外れた箇所と対処を示します。",
)

ASK = say(
    "Answer a question from the documents.\n\n"
    "Sentences carry the numbers of their sources, which are listed below. Unless --as or --json is"
    " given, the answer is kept in the local admin's conversations as in the page, so that"
    " --continue can go on with it, for KURA_KEEP_CONVERSATIONS_DAYS days.",
    "文書をもとに質問に答えます。\n\n"
    "各文に出典の番号を付け、最後に出典を一覧します。--as や --json を付けなければ、画面と同じく"
    "管理者の会話として KURA_KEEP_CONVERSATIONS_DAYS 日間残り、--continue で続けられます。",
)

EVAL = say(
    "Measure this installation on golden questions.\n\n"
    "Asks them as their askers through the real path, the chat model too where one is connected."
    " Prints recall, citations, coverage, refusal and latency with 95 % intervals, and what got"
    " better or worse since the last run; keeps both reports in `evaluations` of the state"
    " folder.\n\n"
    "Exit status: 0 done; 4 a bar was not cleared, or a forbidden document was met; 1 failed;"
    " 2 wrong usage, setting or set; 130 interrupted.",
    "質問集で、この環境の回答の質を測ります。\n\n"
    "質問者の権限で、実際の経路（言語モデルがあればそれも）で質問します。再現率、引用、回答率、"
    "拒否、応答時間を 95 % 区間付きで示し、前回から良くなった・悪くなった質問を挙げます。レポートは"
    "状態フォルダーの evaluations に残ります。\n\n"
    "終了コード: 0 完了、4 基準に届かない・見えてはならない文書が見えた、1 失敗、2 使い方・設定・"
    "質問集の誤り、130 中断。",
)

FEEDBACK = say(
    "See what readers said of answers, and decide.",
    "回答へのフィードバックを見て、扱いを決めます。",
)
FEEDBACK_LIST = say(
    "List feedback.\n\nWithout the names of those who gave it. `--reason missing` lists what"
    " readers report that no document says, with the nearest documents and whom to ask about them.",
    "フィードバックを一覧します。\n\n"
    "送った人の名前は表示しません。--reason missing は、資料がないという知らせだけを、近い文書と"
    "その担当とともに示します。",
)
FEEDBACK_ACCEPT = say(
    "Accept feedback.\n\n"
    "It becomes a golden question of `kura eval`, or with --training a pair that the search model"
    " may learn from; never both. The name of who gave it, and the comment, are deleted.",
    "フィードバックを採用します。\n\n"
    "「kura eval」の質問になります。--training を付けると検索モデルの学習用になります。両方には"
    "なりません。送った人の名前とコメントは消えます。",
)
FEEDBACK_DROP = say("Delete feedback, in any state.", "フィードバックを削除します。")
FEEDBACK_EXPORT = say(
    "Print the accepted golden questions as a set (JSON lines).",
    "採用した質問を、質問集（JSON の行）として出力します。",
)
FEEDBACK_FORGET = say(
    "Delete all feedback of a user.\n\nWhat was accepted carries no name any more and stays.",
    "ある人のフィードバックを全て削除します。\n\n採用済みのものには名前がないため残ります。",
)

SUMMARISE = say(
    "Summarise a document or a mail thread.\n\n"
    "Every sentence is cited. Without a chat model the document's own most telling sentences are"
    " shown by section.",
    "文書やメールのスレッドを要約します。\n\n"
    "全ての文に出典を付けます。言語モデルがなければ、節ごとの重要な文をそのまま示します。",
)
COMPARE = say(
    "Compare two documents, or two editions of one.\n\n"
    "Shows sentences and table rows that were added, removed, changed or moved, changed figures"
    " and dates first, with their places in both.",
    "2 つの文書（同じ文書の 2 つの版など）を比べます。\n\n"
    "追加・削除・変更・移動した文と表の行を、数値と日付の変更を先に、両方の位置とともに示します。",
)
DRAFT = say(
    "Draft in a company form.\n\n"
    "Each field is asked of the documents and carries its source; without evidence it stays empty."
    " Without FORM the forms are listed; FORM.docx writes a Word form into the current folder.",
    "会社の書式で下書きを作ります。\n\n"
    "項目ごとに文書に尋ね、出典を付けます。根拠がなければ空欄です。FORM を省くと書式を一覧し、"
    "FORM.docx とすると Word の書式を今のフォルダーに書き出します。",
)

KEYS = say("Make, list and revoke keys.", "キーを作成・一覧・失効します。")
KEYS_CREATE = say(
    "Make a key for a user.\n\nIt is shown once; only its hash is kept.",
    "ユーザーのキーを作ります。\n\n表示は 1 回だけで、保存するのはハッシュだけです。",
)
KEYS_LIST = say("List all keys.", "全てのキーを一覧します。")
KEYS_REVOKE = say("Make a key useless from now on.", "キーを失効させます。")
KEYS_LINK = say(
    "Make a one-time sign-in link, valid for a day.",
    "1 日有効な、1 回限りのサインイン用リンクを作ります。",
)

SOURCES = say(
    "Declare, list, show and remove sources.",
    "文書の取り込み元を登録・一覧・表示・削除します。",
)
SOURCES_ADD = say(
    "Register a source, or change one.\n\n"
    "Of a registered source only what is named changes. Nothing is read before `kura ingest NAME`"
    " or its schedule. Only group:admins may read, unless --allow says otherwise. Settings differ"
    " by kind; docs/ingestion.md lists them.",
    "取り込み元を登録、または変更します。\n\n"
    "登録済みのものは、指定した項目だけが変わります。「kura ingest 名前」か予定の時刻まで何も"
    "読みません。--allow で指定しない限り、読めるのは group:admins だけです。種類ごとの設定は"
    " docs/ingestion.md にあります。",
)
SOURCES_SHOW = say(
    "Show all about a source.\n\nAlso its last run and when it comes next.",
    "取り込み元の内容を表示します。\n\n前回の結果と次回の予定も表示します。",
)
SOURCES_APPLY = say(
    "Apply the sources file.\n\n"
    "Registers or changes what it names; says what it did, and which sources it does not name."
    " A file with a mistake changes nothing. The worker does the same when the file changes.\n\n"
    "Exit status: 0 applied, 2 the file cannot be used.",
    "取り込み元のファイルを適用します。\n\n"
    "書かれた取り込み元を登録・変更し、結果と、ファイルにない取り込み元を表示します。誤りがあれば"
    "何も変更しません。ファイルが変わると、ワーカーも同じことをします。\n\n"
    "終了コード: 0 適用した、2 ファイルを使えない。",
)
SOURCES_LIST = say("List all sources.", "全ての取り込み元を一覧します。")
SOURCES_REMOVE = say(
    "Remove a source and its documents.\n\nThey leave Kura; the folder itself is not touched.",
    "取り込み元とその文書を除きます。\n\nKura から除くだけで、フォルダー自体には触れません。",
)

PULL = say(
    "Let Ollama fetch a chat model.\n\n"
    "This is the one command that makes the model server download something. What came before an"
    " interruption is kept. Exit status: 0 the model is there, 1 it is not, with the reason.",
    "Ollama にチャットモデルを取得させます。\n\n"
    "モデルのサーバーにダウンロードさせるのは、このコマンドだけです。中断しても、それまでの分は"
    "残ります。終了コード: 0 取得済み、1 取得できず（理由を表示）。",
)

MODELS = say(
    "List, explain, check, fetch and export search models.",
    "検索に使うモデルを一覧・説明・確認・取得・変換します。",
)
MODELS_LIST = say(
    "List the models that are known to serve.\n\n"
    "Name, languages, dimension, size, licence, memory, and whether each is on this machine.",
    "使えるモデルを一覧します。\n\n"
    "名前、言語、次元、大きさ、ライセンス、メモリー、この機械にあるかどうかを示します。",
)
MODELS_SHOW = say("Explain one model and how to use it.", "モデルの内容と使い方を示します。")
MODELS_CHECK = say(
    "Load a model and try it.\n\n"
    "Sees whether it tells an answer from something else in both languages, how fast it is, and"
    " whether the vectors in use were made with it. Exit status: 0 sound, 1 not.",
    "モデルを読み込んで試します。\n\n"
    "両言語で答えと無関係な文を区別できるか、速さ、使用中のベクトルと合うかを確かめます。"
    "終了コード: 0 正常、1 異常。",
)
MODELS_WARM = say(
    "Bring a model onto this machine.\n\nDownloads only with KURA_ALLOW_DOWNLOADS=true.",
    "モデルをこの機械に取得します。\n\nKURA_ALLOW_DOWNLOADS=true のときだけダウンロードします。",
)
MODELS_EXPORT = say(
    "Write the ONNX file of a model that is on this machine.\n\n"
    "On a CPU it is faster than torch, with --int8 more so. Nothing is downloaded; the packages"
    " onnx and onnxscript are needed for this command alone.",
    "取得済みのモデルの ONNX ファイルを書き出します。\n\n"
    "CPU では torch より速く、--int8 ならさらに速くなります。ダウンロードはしません。"
    "onnx と onnxscript が必要なのは、このコマンドだけです。",
)

DOCTOR = say(
    "Check the installation.\n\n"
    "Says what to do about each fault. Exit status: 0 usable, 1 something is broken.",
    "動作環境を点検します。\n\n"
    "問題ごとに対処を示します。終了コード: 0 使える、1 壊れた箇所がある。",
)

RESET = say(
    "Delete everything Kura keeps.\n\n"
    "That is the catalog, the indexes, kept originals and keys in the state folder."
    " The documents in your own folders are not touched.",
    "Kura の保存内容を全て削除します。\n\n"
    "状態フォルダーのカタログ、索引、原本の控え、キーを消します。"
    "取り込み元のフォルダーにある文書には触れません。",
)

VERSION = say("Print the version.", "バージョンを表示します。")
