/**
 * THE LIST of lessons: flaws that were published of other systems, each as what must hold here. A test carries the id of its lesson in
 * its title, `(L25)`; `by` names those that hold one and are called by another name. `out` says why there is nothing to hold, or what is not held.
 * Sources: the advisories named beside the tests, in the open.
 */
export interface Lesson {
  readonly id: string
  /** What must hold. */
  readonly says: string
  /** Attacks by id (`A91`), cells of the table of doors (`door:disabled`), or `file: beginning of a title`. */
  readonly by?: readonly string[]
  /** Why it says nothing here, or which part of it is not here. */
  readonly out?: string
}

const NO_SERVER =
  'Holdfast is no OAuth server for other applications: there is no token endpoint for clients, no registration and no device grant.'
const NO_SAML = 'There is no SAML, and no plan for it.'

export const lessons: readonly Lesson[] = [
  // Doors and second factors.
  { id: 'L01', says: 'A first step of any kind opens no session where there is a second factor.', by: ['door:second-factor'] },
  { id: 'L02', says: 'Every way that can open a session has the same guards.', by: ['door:second-factor', 'door:disabled'] },
  { id: 'L03', says: 'Nothing that the first step gave is a session, under no name of a cookie.' },
  { id: 'L04', says: 'Guesses at second factors are counted together, whatever their kind.', by: ['door:locked'] },
  {
    id: 'L05',
    says: 'Locked, disabled, unverified and expired hold at every door.',
    by: ['door:locked', 'door:disabled', 'door:unverified', 'door:expired'],
  },
  {
    id: 'L06',
    says: 'Who was disabled is out everywhere: sessions, tokens, keys, providers.',
    by: ['door:disabled', 'door:deleted'],
  },
  { id: 'L07', says: 'The level of a session is computed from all factors, and one more raises what is asked.' },
  { id: 'L08', says: 'The first second factor ends the sessions that had only one.' },
  { id: 'L09', says: 'A proof again is of the factor of who is signed in, and of nobody else.' },
  { id: 'L10', says: 'The same for a proof by another provider: issuer and subject must be theirs.' },
  { id: 'L11', says: 'Signing out, and cancelling, wipes what waited.' },
  { id: 'L12', says: 'Nobody settles, or enrols a factor, at an address that is not verified.', by: ['door:unverified'] },
  { id: 'L13', says: 'A fault on the way ends the sign-in; it does not skip a step.' },
  {
    id: 'L14',
    says: 'One sign-in that waits makes one session, and none after its time.',
    by: ['door:single-use', 'door:expired'],
  },
  { id: 'L15', says: 'A code is good once, and so are those before it.' },
  { id: 'L16', says: 'The secret of an authenticator app has 160 bits.' },
  { id: 'L17', says: 'No secret lies in what waits between two steps.', by: ['door:secrets'] },
  { id: 'L18', says: 'A challenge of an enrolment is used up by its answer.' },
  { id: 'L19', says: 'The challenge is kept by the server and is good once.' },
  { id: 'L20', says: 'A challenge is good at the ceremony for which it was asked.' },
  { id: 'L21', says: 'A counter that goes back is seen.' },
  { id: 'L22', says: 'A letter adds no factor, and what it does it does once.' },
  { id: 'L23', says: 'Of many with one recovery code, one is in.' },
  { id: 'L24', says: 'The session that the browser held ends when a second step begins.', by: ['door:fixation'] },
  // What is good once.
  { id: 'L25', says: 'Everything that is good once has one winner of many at once.', by: ['door:single-use'] },
  { id: 'L26', says: 'A refresh token that is used twice ends its family.' },
  { id: 'L27', says: 'Many guesses at the same moment are no more than the limit.', by: ['A38'] },
  { id: 'L28', says: 'What verifies an address is bound to exactly that address.' },
  { id: 'L29', says: 'A slow request does not bring back a session that ended.', by: ['A94'] },
  { id: 'L30', says: 'A limit holds for a burst of requests at once.', by: ['A37', 'A38', 'door:throttled'] },
  { id: 'L31', says: 'What a provider signed is taken once.' },
  { id: 'L32', says: 'A restart forgets nothing that was used up or ended.' },
  { id: 'L33', says: 'A store that does not answer is a fault, not a success.' },
  { id: 'L34', says: 'A token that was cut, stretched or spelled otherwise is none.', by: ['A96', 'A122'] },
  { id: 'L35', says: 'The end of everything is looked at when it is used, on every path.', by: ['door:expired'] },
  { id: 'L36', says: 'A changed credential or address ends the links from before.' },
  { id: 'L37', says: 'Nothing, null and odd values match no stored secret.' },
  { id: 'L38', says: 'What identifies and what proves must belong together.', by: ['A136a'] },
  { id: 'L39', says: 'What was made for one purpose is nothing at another.' },
  { id: 'L40', says: 'An address is changed when the new one was shown to be read.' },
  // Other providers.
  { id: 'L41', says: 'Nobody inherits what a stranger left at an address that was not verified.' },
  { id: 'L42', says: 'Who somebody is elsewhere is issuer and subject, never an address or a name.' },
  { id: 'L43', says: 'An empty subject is nobody.' },
  { id: 'L44', says: 'An address is verified by a true, not by a text that says so.' },
  { id: 'L45', says: 'A provider has the trust of its own name only.' },
  { id: 'L46', says: 'A token for another audience or client is nothing.' },
  { id: 'L47', says: 'What is not signed by the provider is nothing.' },
  { id: 'L48', says: 'An answer belongs to the question of this browser, at this provider.', by: ['door:origin', 'A18'] },
  { id: 'L49', says: 'Every token carries its purpose and has a key of its own.' },
  { id: 'L50', says: 'The proof key is always asked for, and never as plain text.' },
  { id: 'L51', says: 'Nobody is sent to another site afterwards.', by: ['A98', 'A99'] },
  { id: 'L52', says: 'Signed XML is read where it was signed.', out: NO_SAML },
  { id: 'L53', says: 'Providers are configured by operators, and asked only at public addresses.' },
  {
    id: 'L54',
    says: 'A proof of a domain is of the domain as it was.',
    out: 'Nobody claims a domain: whom a provider may sign up is configured.',
  },
  { id: 'L55', says: 'A token is for the resource that was consented to.', out: NO_SERVER },
  { id: 'L56', says: 'Clients are made by those who may.', out: NO_SERVER },
  { id: 'L57', says: 'A device is approved by who began.', out: NO_SERVER },
  { id: 'L58', says: 'Facts of the application cannot pose as those of the token.' },
  { id: 'L59', says: 'No other site signs anybody out.', by: ['A18b', 'door:origin'] },
  { id: 'L60', says: 'What a sign-in was begun with stays on the server, and does not change on the way.' },
  // Sessions and cookies.
  { id: 'L61', says: 'A session begins with a new token; an unknown one is never adopted.', by: ['A91', 'door:fixation'] },
  { id: 'L62', says: 'What was ended is ended at the next request, at every process.' },
  { id: 'L63', says: 'An act concerns the session of the verified cookie.' },
  { id: 'L64', says: 'Who is deleted is gone from every store.', by: ['door:deleted'] },
  {
    id: 'L65',
    says: 'A cookie that was changed is nothing, by no older way of reading either; signing out beats a later write.',
    by: ['A94', 'A96'],
  },
  { id: 'L66', says: 'Sessions end by both of their times.', by: ['door:expired'] },
  { id: 'L67', says: 'No cache keeps what belongs to somebody.', by: ['A104d'] },
  { id: 'L68', says: 'Doubled, nameless and shadowed cookies are refused.', by: ['A92'] },
  { id: 'L69', says: 'No body writes what belongs to the session.' },
  { id: 'L70', says: 'Acting as somebody ends where it began, on the server.' },
  { id: 'L71', says: 'Tokens are looked up by their hash.', by: ['door:secrets'] },
  { id: 'L72', says: 'Tokens are answered to POST alone.' },
  // Who has an account.
  { id: 'L73', says: 'Every kind of refused sign-in costs the same.', by: ['door:parity', 'A104e', 'A104f', 'A125'] },
  { id: 'L74', says: 'Odd passwords take the same way, with an account and without.' },
  { id: 'L75', says: 'A letter that does not leave changes no answer.' },
  { id: 'L76', says: 'Answers are the same to the byte.', by: ['door:parity'] },
  { id: 'L77', says: 'A name that nobody has is locked as any other.', by: ['door:locked', 'A104e'] },
  { id: 'L78', says: 'No page of several steps tells who exists.' },
  { id: 'L79', says: 'A secret is looked at before it is said whose it is.' },
  { id: 'L80', says: 'The same work is done, and proved by counting; nobody sleeps.', by: ['door:parity', 'A104e'] },
  // Abuse, proxies, paths.
  {
    id: 'L81',
    says: 'One client is one client, however its address is spelled or claimed.',
    by: ['A30', 'A31', 'A33', 'A34', 'A35', 'A36'],
  },
  {
    id: 'L82',
    says: 'Without an address all share one limit.',
    by: ['src/controls/client/client.test.ts: puts all requests without an address in one bucket'],
  },
  {
    id: 'L83',
    says: 'A path that two readers could read differently is refused, and routes are closed by default.',
    by: ['A12', 'A40', 'A55', 'A56', 'A57', 'A58', 'A59', 'A60', 'A61', 'A65'],
  },
  { id: 'L84', says: 'A name is read in one spelling before it is counted.', by: ['A39'] },
  { id: 'L85', says: "A success clears nobody else's failures." },
  { id: 'L86', says: 'Links lead to the configured origin.', by: ['A50'] },
  { id: 'L87', says: 'No spelling of an address leads away.', by: ['A98', 'A99'] },
  { id: 'L88', says: 'The scheme belongs to the origin.', by: ['A16', 'A17'] },
  { id: 'L89', says: 'A fault, a lost store or a lost provider lets nobody in.', by: ['A42'] },
  { id: 'L90', says: 'Odd headers and bodies are refused, and make nothing fail.', by: ['A74', 'A77', 'A90a', 'A90b'] },
  { id: 'L91', says: 'Everything has a size, costs of imported hashes too.' },
  { id: 'L92', says: 'An answer to a puzzle is good for its action and host, and no answer is no.', by: ['A182'] },
  // Data, privileges, keys.
  { id: 'L93', says: 'No shape of a body makes a request a call of the server.' },
  { id: 'L94', says: 'Nobody writes their own role, state or verification.' },
  { id: 'L95', says: 'An id of somebody else is as good as none.' },
  { id: 'L96', says: 'An invitation is accepted by who shows that the address is theirs.' },
  { id: 'L97', says: 'The algorithm belongs to the key.' },
  { id: 'L98', says: 'What was verified is remembered by the whole token.' },
  { id: 'L99', says: 'No client is taken for a user because of its id.' },
  {
    id: 'L100',
    says: 'Secrets come out nowhere.',
    by: ['door:secrets', 'test/canary.test.ts: comes out nowhere but where it belongs'],
  },
  {
    ...{ id: 'L101', says: 'A page of a list cannot be forged into a query.' },
    ...{ out: 'There are no tokens of pages: a list goes on after an id, which is a value of a prepared statement.' },
  },
  { id: 'L102', says: 'An address is read in one way, and letters go to the stored one.' },
  { id: 'L103', says: 'Accounts are linked by who is signed in to both; there is no SCIM.' },
  {
    id: 'L104',
    says: 'Secrets are compared in constant time.',
    by: ['src/crypto/hash.test.ts: agrees with === for any two texts, of any lengths'],
  },
  { id: 'L105', says: 'An empty password is never right.' },
  {
    id: 'L106',
    says: 'Every purpose has a key of its own.',
    by: ['src/crypto/keyring.test.ts: derives a key per purpose with HKDF-SHA256'],
  },
  {
    id: 'L107',
    says: 'A check says yes with a word, not with something truthy.',
    by: ['src/engine/policies/policies.test.ts: does not take a promise for a yes'],
  },
  { id: 'L108', says: 'What people wrote is escaped in letters.', by: ['A133'] },
  { id: 'L109', says: 'The newest end wins, whatever else is configured.' },
  { id: 'L110', says: 'A trusted device is of one user and their credentials.', by: ['A172'] },
]
