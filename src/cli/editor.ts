/** Lets a person change a text in their own editor, in a file that nobody else can read and that is gone afterwards (CWE-377, CWE-459). */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from './command.ts'

/** In memory where the system has such a folder, so that nothing of it stays on a disk. */
const MEMORY = '/dev/shm'

/** The text as it was saved. Refuses without an editor, and when it ends with an error. */
export async function edited(text: string, environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  const editor = environment['VISUAL']?.trim() || environment['EDITOR']?.trim()
  if (!editor) throw new Refusal(2, 'No editor is known. Set EDITOR, or use "holdfast secrets set NAME".')
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'holdfast-edit-')) // 0700
  const clean = () => rmSync(folder, { recursive: true, force: true })
  const ended = () => process.exit(130)
  process.once('exit', clean)
  process.once('SIGINT', ended)
  process.once('SIGTERM', ended)
  process.once('SIGHUP', ended)
  try {
    const file = join(folder, 'secrets.json')
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
    if ((statSync(file).mode & 0o077) !== 0) throw new Refusal(3, 'The temporary file would be readable by others.')
    await opened(editor, file, environment)
    return readFileSync(file, 'utf8')
  } finally {
    clean()
    process.off('exit', clean)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, ended)
  }
}

/** EDITOR may hold options, as `code --wait`: it is split at blanks, and no shell reads it. */
function opened(editor: string, file: string, environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const [command, ...options] = editor.split(/\s+/)
  const { HOLDFAST_SECRETS_KEY: _key, ...rest } = environment
  return new Promise((resolve, reject) => {
    const child = spawn(command!, [...options, file], { stdio: 'inherit', env: rest })
    child.once('error', (error) => reject(new Refusal(3, `The editor cannot be started: ${error.message}.`)))
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Refusal(1, `The editor ended with ${code ?? 'a signal'}. Nothing was changed.`)),
    )
  })
}
