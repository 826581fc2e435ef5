"""What each setting means and which values it takes, for messages and for the manual."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """One setting in both languages."""

    en: str
    ja: str
    allowed_en: str
    allowed_ja: str


def _whole(lowest: int, highest: int) -> tuple[str, str]:
    return f"a whole number from {lowest} to {highest}", f"{lowest} から {highest} までの整数"


MEANINGS = {
    "home": Meaning(
        "State folder: catalog, indexes and kept originals.",
        "状態フォルダー。カタログ、索引、原本の控えを置きます。",
        "a path",
        "パス",
    ),
    "host": Meaning(
        "Address the server listens on. Anything but loopback opens it to the network.",
        "待ち受けるアドレス。ループバック以外にするとネットワークに公開されます。",
        "an IP address or a host name, such as 127.0.0.1 or 0.0.0.0",
        "IP アドレスまたはホスト名（例: 127.0.0.1、0.0.0.0）",
    ),
    "port": Meaning(
        "Port the server listens on.",
        "待ち受けるポート番号。",
        *_whole(1, 65535),
    ),
    "embedding_model": Meaning(
        "Embedding model: a folder, or a name on the Hugging Face hub.",
        "埋め込みモデル。フォルダー、または Hugging Face ハブの名前です。",
        "a folder or a model name such as intfloat/multilingual-e5-small",
        "フォルダー、または intfloat/multilingual-e5-small のようなモデル名",
    ),
    "query_prompt": Meaning(
        "Put in front of questions before embedding, as the model wants it (E5: `query: `).",
        "質問の前に付けてから埋め込む言葉。モデルの指定に従います（E5 なら `query: `）。",
        "a text, or nothing",
        "文字列、または空",
    ),
    "document_prompt": Meaning(
        "Put in front of documents before embedding (E5: `passage: `).",
        "文書の前に付けてから埋め込む言葉（E5 なら `passage: `）。",
        "a text, or nothing",
        "文字列、または空",
    ),
    "reranker": Meaning(
        "CrossEncoder that reorders what was found: a folder, or a name on the Hugging Face hub;"
        " empty for none.",
        "見つかった箇所を並べ直す CrossEncoder。フォルダー、または Hugging Face ハブの名前です。"
        "空なら使いません。",
        "a folder or a model name such as hotchpotch/japanese-reranker-xsmall-v2, or nothing",
        "フォルダー、hotchpotch/japanese-reranker-xsmall-v2 のようなモデル名、または空",
    ),
    "reranker_budget_s": Meaning(
        "Time the reranker may take for one question, in seconds; what is not read in time keeps"
        " its place.",
        "1 つの質問で並べ直しに使える時間（秒）。間に合わない箇所は元の順のままです。",
        "a number above 0 and up to 60",
        "0 より大きく 60 以下の数",
    ),
    "hub_backend": Meaning(
        "What runs a model of the hub: torch, or its ONNX file, which is faster on a CPU.",
        "ハブのモデルを動かす方法。ONNX ファイルは CPU で torch より速く動きます。",
        "torch, torch-bfloat16, torch-float16, onnx, or onnx-int8",
        "torch、torch-bfloat16、torch-float16、onnx、onnx-int8 のいずれか",
    ),
    "device": Meaning(
        "Where torch runs embedding model and reranker; empty takes a GPU where torch sees one.",
        "torch が埋め込みモデルとリランカーを動かす装置。空なら、見える GPU を使います。",
        "cpu, cuda, cuda:1, mps, or nothing",
        "cpu、cuda、cuda:1、mps のいずれか、または空",
    ),
    "allow_downloads": Meaning(
        "Whether an embedding model or reranker that is not on this machine may be downloaded.",
        "この機械にない埋め込みモデルやリランカーのダウンロードを許すかどうか。",
        "true or false",
        "true または false",
    ),
    "glossary": Meaning(
        "The company's own words: a CSV file like data/glossary.csv, which is used when empty.",
        "会社の用語集。data/glossary.csv と同じ形の CSV ファイルで、空なら付属のものを使います。",
        "a path, or nothing",
        "パス、または空",
    ),
    "vocabulary": Meaning(
        "The tags documents may get by their words: a file like data/vocabulary.toml, which is used"
        " when empty.",
        "文書に付くタグの語彙。data/vocabulary.toml と同じ形のファイルで、空なら付属のものです。",
        "a path, or nothing",
        "パス、または空",
    ),
    "forms": Meaning(
        "Folder of the company's forms for drafts; empty for forms in the state folder, and while"
        " that is not there the sample's.",
        "下書きに使う書式のフォルダー。空なら状態フォルダーの forms、それもなければサンプルの"
        "書式です。",
        "a path, or nothing",
        "パス、または空",
    ),
    "chat_url": Meaning(
        "Where the chat model answers: Ollama, or an OpenAI-compatible server (llama.cpp, LM"
        " Studio, vLLM). Which of them it is, is found out.",
        "チャットモデルの接続先。Ollama か OpenAI 互換サーバー（llama.cpp、LM Studio、vLLM）で、"
        "種類は自動で判別します。",
        "an address such as http://127.0.0.1:11434",
        "http://127.0.0.1:11434 のようなアドレス",
    ),
    "chat_key_file": Meaning(
        "File that holds the API key of the chat model's server, for those that want one.",
        "チャットモデルのサーバーが求める API キーを入れたファイル。",
        "a readable file with one key in it, or nothing",
        "キーを 1 つ入れた、読めるファイル。または空",
    ),
    "allow_cloud": Meaning(
        "Whether questions and parts of documents may be sent to a chat model outside your"
        " network. Every answer then says so.",
        "質問と文書の抜粋を社外のチャットモデルに送ることを許すかどうか。"
        "許すと、回答ごとにその旨を表示します。",
        "true or false",
        "true または false",
    ),
    "model": Meaning(
        "Chat model by its name on that server; empty takes one that is there, a known one first.",
        "そのサーバーでのチャットモデルの名前。空なら、あるものから既知のモデルを優先して使います。",
        "a name that `ollama list` or /v1/models shows, or nothing",
        "「ollama list」か /v1/models に出る名前、または空",
    ),
    "num_ctx": Meaning(
        "Context window asked of the chat model, in tokens; the same for every call.",
        "チャットモデルに求める文脈の長さ（トークン）。全ての呼び出しで同じです。",
        *_whole(2048, 262144),
    ),
    "max_answer_tokens": Meaning(
        "Longest answer, in tokens; at most half of KURA_NUM_CTX.",
        "回答の最大の長さ（トークン）。KURA_NUM_CTX の半分までです。",
        "a whole number from 64 to 16384, and at most half of KURA_NUM_CTX",
        "64 から 16384 まで、かつ KURA_NUM_CTX の半分以下の整数",
    ),
    "thinking_tokens": Meaning(
        "How many tokens the chat model may think before it answers, out of KURA_NUM_CTX; 0 asks it"
        " not to think. What it thinks is never shown, and readers wait for it.",
        "チャットモデルが回答の前に考えてよい長さ（トークン）。KURA_NUM_CTX の一部を使います。0"
        " なら考えさせません。考えた内容は表示せず、読む人はその分待ちます。",
        "a whole number from 0 to 65536, and at most half of KURA_NUM_CTX",
        "0 から 65536 まで、かつ KURA_NUM_CTX の半分以下の整数",
    ),
    "temperature": Meaning(
        "How freely the chat model chooses words: 0 always takes the likeliest, higher varies more"
        " and strays more from the sources.",
        "チャットモデルの言葉選びの自由さ。0 は常に最も確からしい語を選び、"
        "大きいほど変化に富む代わりに資料から離れやすくなります。",
        "a number from 0 to 2",
        "0 から 2 までの数",
    ),
    "top_p": Meaning(
        "Only the likeliest words that together reach this probability are chosen from.",
        "確からしい順に合計がこの確率に達するまでの語だけから選びます。",
        "a number above 0, up to 1",
        "0 より大きく 1 以下の数",
    ),
    "keep_alive": Meaning(
        "How long Ollama keeps the chat model in memory after an answer; -1m keeps it for good.",
        "回答の後、Ollama がチャットモデルをメモリーに置いておく時間。-1m なら置いたままにします。",
        "a time such as 30m, 2h, 0s or -1m",
        "30m、2h、0s、-1m のような時間",
    ),
    "answer_timeout_s": Meaning(
        "Longest time to wait for the chat model, in seconds.",
        "チャットモデルを待つ最長の時間（秒）。",
        "a number from 1 to 3600",
        "1 から 3600 までの数",
    ),
    "unproved": Meaning(
        "What becomes of sentences that the documents do not support: left out, or marked.",
        "文書で裏付けられない文の扱い（withhold: 表示しない、mark: 印を付けて表示）。",
        "withhold or mark",
        "withhold または mark",
    ),
    "model_parallel": Meaning(
        "How many questions the chat model answers at the same time; Ollama's own"
        " OLLAMA_NUM_PARALLEL (1 unless set), more for vLLM.",
        "チャットモデルが同時に答える質問の数。Ollama の OLLAMA_NUM_PARALLEL（既定 1）に合わせ、"
        "vLLM なら増やせます。",
        *_whole(1, 256),
    ),
    "model_queue": Meaning(
        "How many questions may wait for the chat model; the next ones get quotations at once.",
        "チャットモデルの順番を待てる質問の数。超えた質問には、すぐに引用で答えます。",
        *_whole(1, 1000),
    ),
    "queue_wait_s": Meaning(
        "Longest time a question waits for the chat model's turn, in seconds; then quotations.",
        "質問がチャットモデルの順番を待つ最長の時間（秒）。過ぎると引用で答えます。",
        "a number from 1 to 3600",
        "1 から 3600 までの数",
    ),
    "keep_conversations_days": Meaning(
        "How many days after its last question a conversation is kept for who asked; 0 keeps none.",
        "会話を、最後の質問から何日間、質問した本人のために残すか。0 なら何も残しません。",
        *_whole(0, 3650),
    ),
    "max_upload_mb": Meaning(
        "Largest single file that may be uploaded, in MB.",
        "アップロードできる 1 ファイルの上限（MB）。",
        *_whole(1, 10240),
    ),
    "allowed_origins": Meaning(
        "Web origins whose pages may embed the widget, separated by commas.",
        "ウィジェットを埋め込めるサイトのオリジン（カンマ区切り）。",
        "origins such as https://intra.example.co.jp, separated by commas",
        "https://intra.example.co.jp のようなオリジン（カンマ区切り）",
    ),
    "trusted_hosts": Meaning(
        "Host names answered to beside localhost and KURA_HOST, separated by commas.",
        "localhost と KURA_HOST のほかに応じるホスト名（カンマ区切り）。",
        "host names separated by commas",
        "ホスト名（カンマ区切り）",
    ),
    "sources": Meaning(
        "Sources file, in which sources are declared; by default `sources.toml` in the state"
        " folder.",
        "取り込み元を書くファイル。既定は状態フォルダーの `sources.toml` です。",
        "a path, or nothing",
        "パス、または空",
    ),
    "schedule": Meaning(
        "When sources without a schedule of their own are ingested: five cron fields in local"
        " time, or `off`.",
        "個別の予定がない取り込み元を取り込む時刻。cron 形式の 5 項目（現地時間）、または `off`。",
        "five cron fields such as 0 2 * * *, or off",
        "0 2 * * * のような cron 形式の 5 項目、または off",
    ),
    "folder_roots": Meaning(
        "Folders below which sources may be registered and ingested over REST, separated by"
        " commas; empty allows all.",
        "REST から登録・取り込みできるフォルダーの範囲（カンマ区切り）。空なら制限しません。",
        "absolute paths separated by commas",
        "絶対パス（カンマ区切り）",
    ),
    "readers": Meaning(
        "How many files are read at the same time, each in a process of its own.",
        "同時に読み取るファイルの数。それぞれ別のプロセスで読みます。",
        *_whole(1, 32),
    ),
    "read_timeout_s": Meaning(
        "Longest time to read one file, in seconds.",
        "1 つのファイルの読み取りにかける最長の時間（秒）。",
        "a number from 1 to 3600",
        "1 から 3600 までの数",
    ),
    "read_memory_mb": Meaning(
        "Most memory that reading one file may take, in MB.",
        "1 つのファイルの読み取りに使えるメモリーの上限（MB）。",
        *_whole(256, 65536),
    ),
    "max_file_mb": Meaning(
        "Largest file that is read, in MB.",
        "読み取るファイルの大きさの上限（MB）。",
        *_whole(1, 10240),
    ),
    "log_level": Meaning(
        "How much the logs say.",
        "ログの詳しさ。",
        "debug, info, warning or error",
        "debug、info、warning、error のいずれか",
    ),
    "language": Meaning(
        "Language of the command line; by default that of the system (LANG).",
        "コマンドラインの言語。既定はシステムの言語（LANG）です。",
        "ja or en",
        "ja または en",
    ),
}
