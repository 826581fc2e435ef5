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
    "Take a folder's documents in.\n\n"
    "New and changed documents are read, missing ones removed. Without FOLDER all"
    " registered folders are taken. Only group:admins may read them, unless"
    " --allow or a .kura.toml in the folder says otherwise.\n\n"
    "Exit status: 0 all documents went in or were unchanged; 3 some did not, with the reasons"
    " listed; 1 the run itself failed; 2 wrong usage or setting; 130 interrupted.",
    "フォルダーの文書を取り込みます。\n\n"
    "新しい文書と変わった文書を読み、なくなった文書は削除します。FOLDER を省くと、登録済みの"
    "フォルダーを全て取り込みます。--allow またはフォルダーの .kura.toml で指定しない限り、"
    "読めるのは group:admins だけです。\n\n"
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

SEARCH = say(
    "Find passages.\n\n--as tries out what somebody else would find.",
    "文書の該当箇所を探します。\n\n--as で、ほかの人に見える結果を確かめられます。",
)

ASK = say(
    "Answer a question from the documents.\n\n"
    "Sentences carry the numbers of their sources, which are listed below.",
    "文書をもとに質問に答えます。\n\n各文に出典の番号を付け、最後に出典を一覧します。",
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
    "List or remove sources.",
    "文書の取り込み元を一覧・削除します。",
)
SOURCES_LIST = say("List all sources.", "全ての取り込み元を一覧します。")
SOURCES_REMOVE = say(
    "Remove a source and its documents.\n\nThey leave Kura; the folder itself is not touched.",
    "取り込み元とその文書を除きます。\n\nKura から除くだけで、フォルダー自体には触れません。",
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
