/**
 * The style of all pages that are made on the server, in one text: light and dark, wide and narrow, no image and no web font.
 *
 * An application may use it for its own pages. What it offers:
 * - page: `.top` bar with `.brand`, `nav` and `.who`; `main.page`, or `body.centred`; `.head` over content; `.skip`, `.sr`
 * - blocks: `.card` with `header`, `.body`, `footer`; `.stack`, `.row`, `.cols`, `.stats`, `.list`, `.wizard`, `.empty`, `.facts`
 * - forms: `.field` with `label`, `.hint`, `.error` and a control; `.check`; `.btn` (`.primary`, `.danger`, `.outline-danger`,
 *   `.quiet`, `.small`, `.full`)
 * - words: `.alert` and `.badge` (`.ok`, `.info`, `.warn`, `.error`), `.muted`, `.faint`, `.mono`, `.num`
 * - tables: `.table` around a `table`, with `tabindex="0" role="region"` and a label, because it scrolls on a phone; `td.num` to the
 *   right
 *
 * Contrast is at least 4.5:1 for text and 3:1 for what can be operated (WCAG 2.2, 1.4.3 and 1.4.11); targets are at least 24 by
 * 24 pixels (2.5.8); movement stops when the reader asks for it.
 */
import { insecureRawHtml, type SafeHtml } from '../html/html.ts'

const tokens = `
:root{color-scheme:light dark;
--font:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;--mono-font:ui-monospace,Menlo,Consolas,monospace;
--bg:#f0f3f5;--sheet:#fff;--well:#f6f9fa;--hover:#f2f5f6;--line:#dfe5e8;--line-2:#7d8991;
--text:#16202a;--text-2:#475561;--text-3:#5e6b76;
--accent:#0b5f75;--solid:#0b566b;--solid-2:#084556;--soft:#e2f2f5;
--bad:#920034;--bad-solid:#a30b3c;--bad-solid-2:#86062f;--bad-soft:#fdeef1;
--warn:#7a5600;--warn-soft:#fdf5dd;--ok:#0d6a46;--ok-soft:#e6f6ee;
--grey-soft:#eef1f3;--r:8px;--r-l:12px;
--shadow:0 1px 2px rgb(20 35 45/.06);--shadow-2:0 1px 2px rgb(20 35 45/.06),0 12px 36px -8px rgb(20 35 45/.16)}
@media (prefers-color-scheme:dark){:root{
--bg:#090c0f;--sheet:#0f1417;--well:#0b0f12;--hover:#171d21;--line:#262e33;--line-2:#6a767e;
--text:#eef1f3;--text-2:#aeb8bf;--text-3:#939ea6;
--accent:#62c3dc;--solid:#05708c;--solid-2:#0a7f9d;--soft:#0d2c35;
--bad:#f7708f;--bad-solid:#c4204f;--bad-solid-2:#d42f5f;--bad-soft:#33131c;
--warn:#f1c955;--warn-soft:#2c2410;--ok:#4ec491;--ok-soft:#0f2a1f;
--grey-soft:#20272c;--shadow:0 1px 2px rgb(0 0 0/.4);--shadow-2:0 1px 2px rgb(0 0 0/.5),0 12px 36px -8px rgb(0 0 0/.65)}}`

const base = `
*,*::before,*::after{box-sizing:border-box}
*{margin:0}
html{font:.9375rem/1.5 var(--font);color:var(--text);background:var(--bg);overflow-wrap:break-word}
body{min-height:100dvh}
button,input,select,textarea{font:inherit;color:inherit}
ul,ol{padding:0;list-style:none}
svg{display:block;flex:none}
h1{font-size:1.45rem;line-height:1.25;font-weight:650;letter-spacing:-.02em}
h2{font-size:1.0625rem;line-height:1.35;font-weight:620;letter-spacing:-.01em}
a{color:var(--accent);text-underline-offset:.15em}
a:hover{text-decoration-thickness:2px}
h3,b,strong,dt{font-weight:600}
hr{border:0;border-top:1px solid var(--line)}
code,pre,kbd,.mono{font-family:var(--mono-font);font-size:.92em}
pre{overflow:auto;padding:.75rem .9rem;border:1px solid var(--line);border-radius:var(--r);background:var(--well)}
summary{cursor:pointer;font-weight:600}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.muted{color:var(--text-2)}.faint{color:var(--text-3)}.small{font-size:.867rem}.num{font-variant-numeric:tabular-nums}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:.75rem;top:-4rem;z-index:9;padding:.5rem .9rem;border-radius:var(--r);background:var(--solid);color:#fff}
.skip:focus{top:.75rem}
.icon{width:1.125rem;height:1.125rem;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}`

const page = `
.top{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1.25rem;min-height:3.5rem;padding:.5rem max(1.25rem,calc(50% - 32rem));background:var(--sheet);border-bottom:1px solid var(--line)}
.brand{display:inline-flex;align-items:center;gap:.6rem;font-weight:650;font-size:1.05rem;letter-spacing:-.015em;color:var(--text);text-decoration:none;white-space:nowrap}
.brand svg{width:1.6rem;height:1.6rem}
.top nav{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem;flex:1}
.top nav:has(:nth-child(6)){order:1;flex:1 1 100%;margin:0 -.7rem}
.who{display:flex;align-items:center;min-width:0;margin:0 -.7rem 0 auto;color:var(--text-2)}
.who span{overflow:hidden;max-width:16rem;padding:0 .45rem;text-overflow:ellipsis;white-space:nowrap}
.top :is(nav,.who) a{display:inline-flex;align-items:center;min-height:2.125rem;padding:0 .7rem;border-radius:var(--r);color:var(--text-2);font-weight:550;text-decoration:none;white-space:nowrap}
.top :is(nav,.who) a:hover{background:var(--hover);color:var(--text)}
.top nav a[aria-current]{background:var(--soft);color:var(--accent)}
.page{width:100%;max-width:66.5rem;margin:0 auto;padding:1.75rem 1.25rem 3rem;display:grid;gap:1.25rem;grid-template-columns:minmax(0,1fr)}
main:focus{outline:0}
.centred{display:grid;grid-template-columns:minmax(0,1fr);align-content:center;justify-items:center;gap:1.15rem;padding:2rem 1rem}
.centred main{width:100%;display:grid;grid-template-columns:minmax(0,1fr);justify-items:center}
.centred .card,.wizard{box-shadow:var(--shadow-2)}
.centred .card{width:100%;max-width:26rem}
.centred .card .body{padding:1.75rem 1.75rem 1.6rem}
.head{display:flex;flex-wrap:wrap;align-items:end;justify-content:space-between;gap:.75rem}
h1+p{margin-top:.25rem}`

const blocks = `
.stack{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr);align-content:start}
.row{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem}
.cols{display:grid;gap:1.25rem;grid-template-columns:repeat(auto-fit,minmax(min(18rem,100%),1fr))}
.card,.wizard{min-width:0;background:var(--sheet);border:1px solid var(--line);border-radius:var(--r-l);box-shadow:var(--shadow)}
.card>header{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.6rem;padding:.9rem 1.15rem 0}
.card .body{padding:.9rem 1.15rem 1.15rem}
.card>footer{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem;padding:.7rem 1.15rem;border-top:1px solid var(--line);color:var(--text-2)}
.list>li{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1rem;padding:.95rem 1.15rem;border-top:1px solid var(--line)}
.list>li:first-child{border-top:0}
.list .main{flex:1 1 15rem;min-width:0}
.tile{display:grid;place-items:center;width:2.4rem;height:2.4rem;border-radius:var(--r);background:var(--soft);color:var(--accent)}
.stats{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1px;overflow:hidden;background:var(--line);border:1px solid var(--line);border-radius:var(--r-l)}
.stats>div{padding:.9rem 1.15rem;background:var(--sheet)}
.stats dt{font-weight:500;color:var(--text-2)}
.stats dd{font-size:1.6rem;line-height:1.3;font-weight:650;letter-spacing:-.025em;font-variant-numeric:tabular-nums}
.facts{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.3rem .9rem}
.facts dt{font-weight:400;color:var(--text-3)}
.empty{padding:2.5rem 1rem;text-align:center;color:var(--text-2)}
.wizard{width:100%;max-width:56rem;display:grid;grid-template-columns:17rem minmax(0,1fr);overflow:hidden}
.wizard aside{padding:1.75rem 1.5rem;background:var(--well);border-right:1px solid var(--line)}
.wizard aside li{display:flex;gap:.75rem}
.wizard aside :is(b,.small){display:block}
.wizard .body{padding:1.75rem 1.9rem}
.step{display:grid;place-items:center;flex:none;width:1.6rem;height:1.6rem;border-radius:50%;background:var(--solid);color:#fff;font-size:.8rem;font-weight:650}
.table{position:relative;overflow-x:auto}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left}
th{padding:.6rem .75rem;text-align:left;white-space:nowrap;font-size:.867rem;font-weight:550;color:var(--text-3);border-bottom:1px solid var(--line)}
td{padding:.65rem .75rem;vertical-align:middle;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:1.15rem}
th:last-child,td:last-child{padding-right:1.15rem}
tbody tr:last-child>*{border-bottom:0}
tbody tr:hover{background:var(--hover)}
th.num,td.num{text-align:right}
td :is(.stack,.field){grid-template-columns:max-content}`

const controls = `
.btn{display:inline-flex;align-items:center;justify-content:center;gap:.45rem;min-height:2.375rem;padding:.3rem .95rem;border:1px solid var(--line-2);border-radius:var(--r);background:var(--sheet);color:var(--text);font-weight:600;text-decoration:none;text-align:center;cursor:pointer;transition:background-color .12s}
.btn:hover{background:var(--hover)}
.btn.primary{border-color:transparent;background:var(--solid);color:#fff}.btn.primary:hover{background:var(--solid-2)}
.btn.danger{border-color:transparent;background:var(--bad-solid);color:#fff}.btn.danger:hover{background:var(--bad-solid-2)}
.btn.outline-danger{color:var(--bad);border-color:currentColor}.btn.outline-danger:hover{background:var(--bad-soft)}
.btn.quiet{border-color:transparent;background:none;color:var(--accent)}.btn.quiet:hover{background:var(--hover)}
.btn.small{min-height:2rem;padding:.15rem .7rem;font-size:.867rem}
.btn.full{width:100%;min-height:2.625rem}
.btn[disabled]{opacity:.5;cursor:not-allowed}
.field{display:grid;gap:.3rem;grid-template-columns:minmax(0,1fr)}
.field label,legend{font-weight:600}
.hint{font-size:.867rem;color:var(--text-2)}
.field .error{font-size:.9rem;font-weight:550;color:var(--bad)}
.field input,.field select,.field textarea{width:100%;min-height:2.625rem;padding:.45rem .75rem;border:1px solid var(--line-2);border-radius:var(--r);background:var(--sheet);font-size:1rem}
.table .field :is(input,select){width:auto}
.field textarea{min-height:7rem;line-height:1.5;resize:vertical}
.field :is(input,select,textarea):focus-visible{outline-offset:0;border-color:var(--accent);border-radius:var(--r)}
.field [aria-invalid=true]{border-color:var(--bad);box-shadow:inset 0 0 0 1px var(--bad)}
.field [readonly]{background:var(--well);color:var(--text-2)}
.check{display:flex;gap:.6rem;align-items:flex-start}
.check input{flex:none;width:1.15rem;height:1.15rem;margin-top:.2rem;accent-color:var(--solid)}
fieldset{min-width:0;padding:0;border:0}
.alert{display:grid;gap:.25rem;padding:.75rem .95rem;--c:var(--text-3);border:1px solid color-mix(in srgb,var(--c) 30%,transparent);border-left:4px solid var(--c);border-radius:var(--r);background:var(--grey-soft)}
h3,.alert h2{font-size:1rem}
.alert a{color:inherit}
.alert li a{display:inline-block;padding:.2rem 0}
.alert+form{margin-top:1rem}.stack>.alert+form{margin-top:0}
.alert.error{--c:var(--bad);background:var(--bad-soft)}.alert.error :is(h2,li){color:var(--bad)}
.alert.ok{--c:var(--ok);background:var(--ok-soft)}
.alert.warn{--c:var(--warn);background:var(--warn-soft)}
.alert.info{--c:var(--accent);background:var(--soft)}
.badge{display:inline-flex;align-items:center;gap:.3rem;padding:.05rem .6rem;border-radius:1rem;background:var(--grey-soft);color:var(--text-2);font-size:.8rem;font-weight:600;white-space:nowrap;vertical-align:middle}
.badge.ok{background:var(--ok-soft);color:var(--ok)}.badge.warn{background:var(--warn-soft);color:var(--warn)}
.badge.error{background:var(--bad-soft);color:var(--bad)}.badge.info{background:var(--soft);color:var(--accent)}`

const media = `
@media (max-width:45rem){.wizard{grid-template-columns:minmax(0,1fr)}.wizard aside{border-right:0;border-bottom:1px solid var(--line);padding:1.25rem}.wizard .body,.centred .card .body{padding:1.35rem 1.25rem}.page{padding:1.25rem 1rem 2.5rem}.top{padding:.5rem 1rem}.top nav{order:1;flex:1 1 100%;margin:0 -.7rem}.top :is(nav,.who) a{min-height:2.5rem}.who{flex:1;justify-content:flex-end}.btn{min-height:2.75rem}.btn.small{min-height:2.375rem}.stretch :is(form,.btn){flex:1 1 100%;width:100%}.centred{align-content:start}}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}
@media print{.row{display:none}}
@media (forced-colors:active){.btn,.badge,.alert{border:1px solid}}`

/** The style sheet as CSS text; under 10 KiB, and without `<`, so that it may stand in a `style` element. */
export const style: string = (tokens + base + page + blocks + controls + media).replaceAll('\n', '')

/** A nonce as CSP writes it: base64 or base64url (CSP 3, section 2.3.1). */
const nonceText = /^[A-Za-z0-9+/_-]+={0,2}$/

/**
 * Returns `<style nonce="…">` with the style sheet, for a page under `style-src 'nonce-…'`. `more` is CSS of the application, a
 * constant. Throws `TypeError` for a nonce that CSP would not match and for CSS with `<`, which could end the element.
 */
export function styleElement(nonce: string, more = ''): SafeHtml {
  if (!nonceText.test(nonce)) throw new TypeError('styleElement: the nonce must be base64 text and not empty')
  if (more.includes('<')) throw new TypeError('styleElement: CSS must not contain <')
  return insecureRawHtml(`<style nonce="${nonce}">${style}${more}</style>`, 'constant CSS without <, and a nonce that is base64')
}
