/**
 * The document around every letter: readable on its own in light and dark, with a screen reader and with styles taken away. It loads
 * nothing from anywhere and holds no picture, so that opening it tells nobody anything (no tracking).
 * Source: WCAG 2.2 (1.4.3, 1.3.1, 3.1.1); OWASP ASVS 5.0 1.2.1.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import type { LetterSetting } from './letter.ts'

/** What stands in it. */
export interface Framed {
  /** The title of the document, and the words above the letter. */
  readonly title: string
  readonly body: SafeHtml
}

// Mail programs drop style sheets, so what must not get lost stands at the elements; the sheet only adds the dark colours.
const sheet = html`<style>
  :root {
    color-scheme: light dark;
    supported-color-schemes: light dark;
  }
  @media (prefers-color-scheme: dark) {
    .page {
      background: #090c0f !important;
      color: #eef1f3 !important;
    }
    .sheet {
      background: #0f1417 !important;
      border-color: #262e33 !important;
    }
    .faint {
      color: #939ea6 !important;
    }
    a {
      color: #62c3dc !important;
    }
  }
</style>`

/** The whole document. */
export function frame({ title, body }: Framed, { brand, origin }: LetterSetting): SafeHtml {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta name="supported-color-schemes" content="light dark" />
<title>${title}</title>
${sheet}
</head>
<body class="page" style="margin:0;padding:24px 12px;background:#f0f3f5;color:#16202a;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div role="article" aria-label="${title}" lang="en" style="max-width:560px;margin:0 auto">
<p style="margin:0 0 12px;font-weight:600">${brand}</p>
<div class="sheet" style="padding:20px 24px;background:#ffffff;border:1px solid #dfe5e8;border-radius:12px;overflow-wrap:anywhere">
<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3">${title}</h1>
${body}
</div>
<p class="faint" style="margin:12px 0 0;font-size:13px;color:#5e6b76">Sent by ${brand}, ${origin}. Nobody reads answers to this letter.</p>
</div>
</body>
</html>
`
}
