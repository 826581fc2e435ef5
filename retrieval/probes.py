"""Questions and answers that an embedder is tried on, before its cosines are believed.

The same topics in both languages, so that a question can also be tried on the passages of the
other one. Their topics are left out of the glossary that the packaged model learned from, of the
sample documents and of every question set, because what a model was taught says nothing of what
it knows (a test holds the first two).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """A question and the passage that answers it."""

    question: str
    passage: str


_JAPANESE = (
    Probe(
        "通話を録画してもよいですか",
        "録画するときは初めに全員へ断り、動画は長く残しません。",
    ),
    Probe(
        "コードレビューは誰がしますか",
        "コードは別の開発者が一人以上レビューしてから取り込みます。",
    ),
    Probe(
        "ロゴの色は変えられますか",
        "ロゴは白黒かブランドの色だけで使い、形を崩しません。",
    ),
    Probe(
        "ブログの記事を書きたい",
        "ブログの下書きは編集者が読み、火曜と木曜に公開します。",
    ),
    Probe(
        "時差のある人と働くには",
        "遠くに散らばるチームでは、時差を考えて文章で伝えます。",
    ),
    Probe(
        "動画の字幕はどう付けますか",
        "字幕は話した言葉を文字に起こし、動画の下に載せます。",
    ),
    Probe(
        "冷蔵庫に食べ物を入れてもいい?",
        "冷蔵庫の飲み物と食べ物には名前を書き、残りは金曜に捨てます。",
    ),
    Probe(
        "本を何冊借りられますか",
        "棚の本は一人三冊まで借りられ、読み終えたら棚に戻します。",
    ),
    Probe(
        "翻訳を頼みたい",
        "翻訳の下訳は自動で作り、母語の人が文を直します。",
    ),
    Probe(
        "植木の水やりは誰の番ですか",
        "植木の水やりは窓側の席から順番に、朝と夕方にします。",
    ),
    Probe(
        "電球が切れました",
        "切れた電球は棚の予備と替え、空の球は青い箱に入れます。",
    ),
    Probe(
        "コーヒーの豆がなくなった",
        "コーヒーの豆は流しの下の箱にあり、最後の人が補います。",
    ),
    Probe(
        "オープンソースのコードを使えますか",
        "オープンソースは、作者の名を添えればコードに組み込めます。",
    ),
    Probe(
        "ロードマップはどれだけ先を見ますか",
        "ロードマップは三つの四半期先までを描き、機能の順を決めます。",
    ),
    Probe(
        "ポッドキャストを聞きたい",
        "ポッドキャストは会話を収録し、金曜に配ります。",
    ),
    Probe(
        "投資家と話してもよいですか",
        "投資家や記者への発言は、決まった人だけが行います。",
    ),
    Probe(
        "好きな壁紙を選べますか",
        "壁紙は好きな絵にできますが、人の写真は避けます。",
    ),
    Probe(
        "利用者の声をどう聞きますか",
        "利用者に画面を触ってもらい、困った点を書き留めます。",
    ),
    Probe(
        "検索エンジンで上に出たい",
        "検索エンジンは、読みやすい見出しと速いページを好みます。",
    ),
)

_ENGLISH = (
    Probe(
        "May I film a call?",
        "Ask everyone before you film a call, and erase the video soon.",
    ),
    Probe(
        "Who does the code review?",
        "Code is merged once another developer has given it a review.",
    ),
    Probe(
        "Can the logo have other colours?",
        "Use the logo in black, white or the brand colours, and never stretch it.",
    ),
    Probe(
        "I want to write a blog article",
        "An editor reads blog drafts; they go live on Tuesdays and Thursdays.",
    ),
    Probe(
        "working across time zones",
        "Teams in distant zones write things down instead of calling.",
    ),
    Probe(
        "How do I add subtitles to a video?",
        "Subtitles are typed from what is said and put below the video.",
    ),
    Probe(
        "can I put food in the fridge",
        "Put your name on food and drinks in the fridge; the rest is thrown out on Fridays.",
    ),
    Probe(
        "How many novels can I borrow?",
        "Borrow up to three novels from the shelf and put them back when read.",
    ),
    Probe(
        "I would like a translation",
        "A translation is drafted automatically and corrected by a native speaker.",
    ),
    Probe(
        "Whose turn is watering the flowers?",
        "Watering the flowers goes round the desks by the window, mornings and evenings.",
    ),
    Probe(
        "the light bulb is out",
        "Take a spare bulb from the shelf; dead light bulbs go into the blue box.",
    ),
    Probe(
        "we are out of coffee beans",
        "Coffee beans are in the box under the sink; the last one refills them.",
    ),
    Probe(
        "May we use open source code?",
        "Open libraries may go into our code if the authors are named.",
    ),
    Probe(
        "How far ahead does the roadmap look?",
        "The roadmap covers three quarters and ranks the features.",
    ),
    Probe(
        "I want to hear the podcast",
        "The podcast is a taped conversation that comes out on Fridays.",
    ),
    Probe(
        "may I talk to investors",
        "Only a chosen few speak to investors and journalists.",
    ),
    Probe(
        "may I choose my wallpaper",
        "Pick any wallpaper you like, but avoid pictures of people.",
    ),
    Probe(
        "How do we listen to users?",
        "Users try the screens while we note what they struggle with.",
    ),
    Probe(
        "ranking higher in search engines",
        "Search engines like clear headings and fast pages.",
    ),
)

PROBES = {"ja": _JAPANESE, "en": _ENGLISH}
"""By language; the probes of one place in both are about the same."""
