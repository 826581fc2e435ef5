"""The looks of a report, and the few lines that filter its table. All of it goes into the page."""

STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1d2433, #e8ebf2);
  --soft: light-dark(#566072, #a3adbf); --line: light-dark(#d5dbe5, #39414f);
  --paper: light-dark(#fff, #191d24); --tint: light-dark(#f3f5f9, #232933);
  --accent: light-dark(#1f4e8c, #8db8f0); --bad: light-dark(#a3262b, #ff9a9a);
  --good: light-dark(#1d6b3a, #8fd6a6); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 68rem; color: var(--ink);
  background: var(--paper); font: 15px/1.65 system-ui, "Hiragino Sans", "Yu Gothic UI",
  "Noto Sans CJK JP", "Noto Sans JP", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .2rem; }
.soft { color: var(--soft); font-size: .87em; }
table { border-collapse: collapse; width: 100%; font-size: .87em; }
th, td { text-align: left; padding: .3em .6em; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: break-word; }
th { background: var(--tint); font-weight: 600; }
#questions :is(th, td):nth-child(-n + 2) { overflow-wrap: anywhere; }
#questions td:nth-child(n + 4) { font-variant-numeric: tabular-nums; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.plot { display: block; width: 100%; height: auto; margin: .4rem 0 1rem; font-size: 13px; }
.plot text { fill: var(--ink); } .plot .tick, .plot .detail { fill: var(--soft); font-size: 11px; }
.plot .head { font-weight: 700; } .plot .grid { stroke: var(--line); }
.plot .whisker { stroke: var(--accent); stroke-width: 2; } .plot .dot { fill: var(--accent); }
.plot .curve { fill: none; stroke: var(--accent); stroke-width: 2; }
.plot .mark { stroke: var(--bad); stroke-dasharray: 4 3; }
form { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; margin: 0 0 .8rem; }
input, select { font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: 6px; padding: .25em .5em; }
input[type=search] { flex: 1 1 14rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
summary { cursor: pointer; }
[hidden] { display: none; }
@page { margin: 14mm; }
@media print { :root { color-scheme: light; } body { padding: 0; max-width: none; font-size: 11px; }
  form { display: none; } h2, h3 { break-after: avoid; } .plot, tr { break-inside: avoid; } }
"""

FILTER = """
const form = document.querySelector("#filter");
const rows = [...document.querySelectorAll("#questions tbody tr")];
const shown = document.querySelector("#shown");
function filter() {
  const { text, language, kind, department, wrong } = form.elements;
  const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const row of rows) {
    const { language: l, kind: k, department: d, wrong: w } = row.dataset;
    row.hidden = !((!language.value || language.value === l) && (!kind.value || kind.value === k)
      && (!department.value || department.value === d) && (!wrong.checked || w === "1")
      && words.every((word) => row.textContent.toLowerCase().includes(word)));
  }
  shown.textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
}
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
filter();
"""
