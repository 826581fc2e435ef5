// The widget's looks, inside its shadow root. `all: initial` keeps out what would be inherited from
// the embedding page; lengths are in em of our own size, since its rem is not ours. Light or dark
// follows the page's color-scheme.

const CSS = `
:host { display: flex; height: min(600px, 92vh); }
:host([hidden]) { display: none; }
.kura { all: initial; color-scheme: inherit; position: relative; flex: 1; min-width: 0; display: flex;
  flex-direction: column; overflow: hidden; box-sizing: border-box;
  --ink: light-dark(#1d2433, #e8ebf2); --soft: light-dark(#566072, #a3adbf);
  --line: light-dark(#d5dbe5, #39414f); --paper: light-dark(#fff, #191d24);
  --tint: light-dark(#f3f5f9, #232933); --accent: light-dark(#1f4e8c, #8db8f0);
  --mark: light-dark(#ffe58f, #6b5713); --bad: light-dark(#a3262b, #ff9a9a);
  color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 12px;
  font: 15px/1.75 system-ui, "Hiragino Sans", "Yu Gothic UI", "Noto Sans CJK JP", "Noto Sans JP",
    sans-serif; }
* { box-sizing: border-box; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button, textarea { font: inherit; color: inherit; background: none; border: 1px solid var(--line);
  border-radius: 8px; }
button { cursor: pointer; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }

.log { position: relative; flex: 1; min-height: 0; overflow-y: auto; padding: 1em 1.25em; overscroll-behavior: contain; }
.log:focus-visible { outline-offset: -3px; border-radius: 12px; }
.intro { margin: 0 0 .8em; color: var(--soft); }
.suggestions { display: grid; gap: .55em; grid-template-columns: repeat(auto-fill, minmax(min(24em, 100%), 1fr)); margin: 0 0 1.5em; padding: 0;
  list-style: none; }
.suggestions button { display: flex; flex-direction: column; width: 100%; height: 100%; text-align: left; line-height: 1.5; padding: .4em .85em;
  border-radius: 12px; overflow-wrap: anywhere; }
.suggestions button:hover { border-color: var(--accent); background: var(--tint); }
.hint { display: block; color: var(--soft); font-size: .78em; }

.exchanges { display: contents; }
.exchange { padding: 0 0 1.75em; }
.exchange:last-child { min-height: 100%; }
.question { margin: 0 0 .85em auto; padding: .4em .9em; max-width: 85%; width: fit-content;
  background: var(--accent); color: var(--paper); border-radius: 14px 14px 3px 14px;
  overflow-wrap: anywhere; white-space: pre-wrap; }
.answer p { margin: 0 0 .55em; overflow-wrap: anywhere; white-space: pre-wrap; }
.answer .status, .status { color: var(--soft); font-size: .87em; }
.status:empty { display: none; }
.status:not(.settled)::before { content: ""; display: inline-block; width: .55em; height: .55em;
  margin-right: .55em; border-radius: 50%; background: var(--accent); animation: breathe 1.2s infinite; }
@keyframes breathe { 50% { opacity: .2; } }
@media (prefers-reduced-motion: reduce) { .status::before { animation: none !important; } }
.answer .notice { font-size: .87em; padding: .45em .8em; background: var(--tint);
  border-left: 3px solid var(--accent); border-radius: 0 8px 8px 0; }
.failure { color: var(--bad); }
.chip { font-size: .72em; line-height: 1.5; min-width: 1.9em; margin: 0 .2em 0 .3em; padding: 0 .45em;
  border-color: var(--accent); border-radius: 99px; color: var(--accent); vertical-align: 2px;
  user-select: none; white-space: nowrap; }
.chip + .chip { margin-left: 0; }
.chip:hover { background: var(--accent); color: var(--paper); }
h3 { margin: 1em 0 .35em; font-size: .87em; color: var(--soft); font-weight: 600; }
.sources { list-style: none; margin: 0; padding: 0; display: grid; gap: .4em; }
.source { display: grid; grid-template-columns: auto 1fr; column-gap: .6em; width: 100%;
  text-align: left; font-size: .87em; line-height: 1.5; padding: .5em .75em;
  background: var(--tint); border-color: transparent; }
.source:hover { border-color: var(--accent); }
.number { grid-row: span 2; color: var(--accent); font-weight: 700; }
.where { font-weight: 600; grid-column: 2; overflow-wrap: anywhere; }
.quote { grid-column: 2; color: var(--soft); overflow: hidden; overflow-wrap: anywhere;
  display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
.copy { margin-top: .9em; }
.rating, .gap { margin-top: .9em; }
.told { margin: .5em 0 0; color: var(--soft); font-size: .87em; }
.told:empty { display: none; }
.thumbs { display: flex; flex-wrap: wrap; gap: .5em; }
.thumb { width: 1.1em; height: 1.1em; vertical-align: -.15em; fill: none; stroke: currentColor;
  stroke-width: 1.6; stroke-linejoin: round; }
button + button > .thumb { transform: rotate(180deg); }
[aria-pressed="true"] > .thumb { fill: currentColor; }
.plain[aria-pressed="true"] { border-color: var(--accent); background: var(--tint); }
.why { display: grid; gap: .5em; margin-top: .5em; padding: .75em; border: 1px solid var(--line);
  border-radius: 8px; max-width: 36em; }
.why label { display: grid; gap: .2em; font-size: .87em; color: var(--soft); }
select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: 8px; padding: .35em .5em; max-width: 100%; }

form { display: flex; gap: .5em; align-items: end; padding: .75em 1em;
  border-top: 1px solid var(--line); }
textarea { flex: 1; min-width: 0; resize: none; max-height: 9em; padding: .45em .7em;
  background: var(--paper); field-sizing: content; overflow-wrap: anywhere; }
textarea:focus-visible { outline-offset: -1px; }
textarea::placeholder { color: var(--soft); opacity: 1; }
.go, .plain { padding: .45em .95em; white-space: nowrap; }
.go { color: var(--paper); background: var(--accent); border-color: var(--accent); }
.new { padding: .45em .75em; color: var(--soft); }
.new:hover { background: var(--tint); }
.plain { font-size: .87em; padding: .4em .8em; }
.plain:hover { background: var(--tint); }
a.plain { color: inherit; text-decoration: none; border: 1px solid var(--line);
  border-radius: 8px; }
[hidden] { display: none; }

dialog { width: min(46em, 94vw); height: min(48em, 90vh); padding: 0; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: 12px; }
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: rgb(0 0 0 / .45); }
dialog header { display: flex; flex-wrap: wrap; gap: .5em; align-items: center; padding: .6em 1em;
  border-bottom: 1px solid var(--line); }
h2 { flex: 1 1 10em; margin: 0; font-size: 1em; overflow-wrap: anywhere; }
.document { flex: 1; overflow: auto; padding: 1em 1.25em; outline-offset: -3px !important; }
.document > :is(p, h3, h4, h5, h6) { margin: 0 0 .7em; white-space: pre-wrap; overflow-wrap: anywhere; }
.document > :is(h3, h4, h5, h6) { margin-top: 1.2em; color: inherit; font-size: 1em; font-weight: 700; }
.document > h3 { font-size: 1.15em; }
.document > :first-child { margin-top: 0; }
.document > .code { font: .87em/1.6 ui-monospace, monospace; background: var(--tint); padding: .7em;
  border-radius: 8px; }
.document > .note { color: var(--soft); }
.document > .place { color: var(--soft); font-size: .8em; border-bottom: 1px solid var(--line); }
.table { overflow-x: auto; margin: 0 0 .9em; }
table { border-collapse: collapse; font-size: .9em; line-height: 1.5; }
td, th { border: 1px solid var(--line); padding: .3em .6em; text-align: left; vertical-align: top;
  min-width: 4em; max-width: 24em; overflow-wrap: anywhere; }
th { background: var(--tint); font-weight: 600; }
.tasks { display: flex; flex-wrap: wrap; gap: .5em; flex-basis: 100%; }
.tasks:empty { display: none; }
.task { max-height: 45%; overflow: auto; padding: .75em 1.25em; background: var(--tint);
  border-bottom: 1px solid var(--line); outline-offset: -3px !important; }
.task p { margin: 0 0 .5em; overflow-wrap: anywhere; }
.kind { margin-right: .5em; font-size: .8em; color: var(--soft); }
ins { text-decoration: none; font-weight: 600; background: var(--mark); }
del { color: var(--soft); }
mark { background: var(--mark); color: inherit; padding: .1em 0; }
@media (max-width: 600px) {
  dialog { width: 100vw; height: 100dvh; max-width: none; max-height: none; border: 0; border-radius: 0; }
}
`;

/** Gives a shadow root its looks without inline style, so a strict content policy allows it. */
export function dress(root) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
}
