/** Small pieces of Markdown. */

/** A table; cells are escaped where a table would end early. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Code in a line; text that holds a backtick gets two around it (CommonMark 6.1). */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

/** A value that is code when it looks like one, and words otherwise. */
export function value(text: string): string {
  if (text === 'undefined') return 'none'
  return /^(?:['"[{]|-?\d+$|true$|false$|NODE_ENV|\w+\.now$)/.test(text) ? codeBefore(text) : text
}

/** `{} (off)`: only what stands before the remark is code. */
function codeBefore(text: string): string {
  const remark = /^(.+?)( \(.+\)|, or else .+)$/.exec(text)
  return remark ? code(remark[1]!) + remark[2]! : code(text)
}

export function page(title: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, NOTE, ...parts].join('\n\n')}\n`
}

const NOTE = 'Made from the code by `npm run docs`. Do not edit.'

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
