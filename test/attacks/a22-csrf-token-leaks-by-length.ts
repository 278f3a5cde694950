import { defineAttack } from '../support/attack.ts'

const PAGES = 40

export default defineAttack({
  id: 'A22',
  title: 'reads the token out of the length of compressed pages, since it is the same bytes in each (BREACH)',
  control: 'csrf',
  without: { heldBy: 'start-up', why: 'the mask is part of how a token is written; no option takes it away' },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const tokens: string[] = []
    for (let count = 0; count < PAGES; count++) {
      const { token } = JSON.parse((await app.fetch('/token', { headers: { cookie } })).text) as { token: string }
      tokens.push(token.slice(token.indexOf('.') + 1))
    }
    // The id of the key stands before the dot and is no secret. What follows may be constant at no place.
    if (!hasConstant(tokens.map((token) => `x${token}`))) throw new Error('A letter that is always the same was not noticed.')
    return tokens[0]!.length !== 86 || hasConstant(tokens)
  },
})

function hasConstant(tokens: readonly string[]): boolean {
  return Array.from(tokens[0]!).some((letter, index) => tokens.every((token) => token[index] === letter))
}
