"""Pages without their furniture, and pages that only look like furniture."""

from pathlib import Path

import pytest

from ingestion.reading.html import read_markup

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "documents").rglob("*.html"))
BODY = "<p>" + "有給休暇は入社から六か月で十日、以後は勤続に応じて与える。" * 4 + "</p>"
LINKS = "".join(f'<li><a href="/{n}">規程その{n}</a></li>' for n in range(8))


def _text(inner: str) -> str:
    return "\n".join(
        block.text for block in read_markup(f"<html><body>{inner}</body></html>").blocks
    )


@pytest.mark.parametrize(
    "furniture",
    [
        f'<div role="navigation"><ul>{LINKS}</ul></div>',
        f'<ul class="gnav clearfix">{LINKS}</ul>',
        f'<div id="leftSidebar"><p>メニュー</p><ul>{LINKS}</ul></div>',
        f'<div class="c-navbox mw">{LINKS}</div>',
        '<div class="breadcrumb"><a href="/">規程</a> &gt; 規程その9</div>',
        '<p id="topicPath">規程 &gt; 人事 &gt; 休暇</p>',
        '<a class="skip-link" href="#main">規程の本文へ移動</a>',
        '<div class="cookie-banner">規程 Cookie を使います。<button>同意</button></div>',
        '<div id="onetrust-consent-sdk">規程 We use cookies.</div>',
        '<header><div class="logo">規程ポータル</div></header>',
        '<aside>規程 よく見る頁 <a href="/1">規程の勤怠</a> <a href="/2">規程の食堂</a></aside>',
        '<form role="search"><label>規程を検索</label></form>',
        '<div class="SNS-share"><a href="/x">規程を共有</a></div>',
    ],
)
def test_furniture_is_left_out(furniture: str) -> None:
    assert _text(furniture + "<h1>休暇</h1>" + BODY) == _text("<h1>休暇</h1>" + BODY)


@pytest.mark.parametrize(
    "content",
    [
        f"<h1>規程集</h1><ul>{LINKS}</ul>",  # an index is what its page is about
        f'<h1>規程集</h1><div class="menu"><ul>{LINKS}</ul></div>',
        f'<div class="sidebar-layout"><h1>規程</h1>{BODY}</div>',
        f'<div class="main-content has-sidebar">規程{BODY}</div>',
        f'<div class="footer-note">規程の脚注。{BODY}</div>',
        f'<div id="cookie-policy"><h2>規程</h2>{BODY * 20}</div>',
        f"<article><header>規程 2024年4月1日</header>{BODY}</article>",
        f"<aside>規程の注意。期限を過ぎると受け付けません。</aside>{BODY}",
        f'<article><aside>規程 <a href="/1">関連</a></aside>{BODY}</article>',
        f"<header><h1>規程</h1></header>{BODY}",
        f'<table class="menu-table"><tr><td>規程</td><td>A定食</td></tr></table>{BODY}',
        '<div class="breadcrumb">規程だけの頁です。</div>',
    ],
)
def test_what_the_page_is_about_stays(content: str) -> None:
    assert "規程" in _text(content)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_page_reads_the_same_whether_or_not_it_marks_its_main_part(path: Path) -> None:
    marked = path.read_text(encoding="utf-8")
    unmarked = marked.replace("<main>", "<div>").replace("</main>", "</div>")
    assert marked != unmarked
    assert read_markup(unmarked).blocks == read_markup(marked).blocks
