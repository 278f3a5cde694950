/** Letters on standard error, for development: who gets what, and the text of it. */
import type { MailTransport } from './transport.ts'

/** `print` gets one letter at a time. @default standard error */
export function consoleTransport(print: (text: string) => void = (text) => void process.stderr.write(text)): MailTransport {
  return {
    name: 'console',
    async send({ to, subject, text }) {
      print(`\n  --- letter to ${plain(to)}: ${plain(subject)}\n${text.trimEnd().split('\n').map(indent).join('')}  ---\n`)
    },
  }
}

function indent(line: string): string {
  return `  ${plain(line)}\n`
}

/** Without what would move the cursor or change colours (CWE-150). */
function plain(text: string): string {
  return text.replace(/\p{C}/gu, '')
}
