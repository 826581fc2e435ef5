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
    "allow_downloads": Meaning(
        "Whether an embedding model that is not on this machine may be downloaded.",
        "この機械にない埋め込みモデルのダウンロードを許すかどうか。",
        "true or false",
        "true または false",
    ),
    "ollama_url": Meaning(
        "Where Ollama answers.",
        "Ollama の接続先。",
        "an address such as http://127.0.0.1:11434",
        "http://127.0.0.1:11434 のようなアドレス",
    ),
    "model": Meaning(
        "Chat model in Ollama; empty takes the first chat model installed there.",
        "Ollama のチャットモデル。空なら、導入済みの最初のチャットモデルを使います。",
        "a name that `ollama list` shows, or nothing",
        "「ollama list」に出る名前、または空",
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
    "answer_timeout_s": Meaning(
        "Longest time to wait for the chat model, in seconds.",
        "チャットモデルを待つ最長の時間（秒）。",
        "a number from 1 to 3600",
        "1 から 3600 までの数",
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
