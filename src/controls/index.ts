/** THE LIST: the controls in the order a request meets them. To add one, add its folder and its line here. */
import { accessTokens } from './access-tokens/access-tokens.ts'
import { apiKeys } from './api-keys/api-keys.ts'
import { authenticate } from './authenticate/authenticate.ts'
import { authorize } from './authorize/authorize.ts'
import { body } from './body/body.ts'
import { client } from './client/client.ts'
import { clientCertificates } from './client-certificates/client-certificates.ts'
import { consolePages } from './console/console.ts'
import { containment } from './containment/containment.ts'
import { cors } from './cors/cors.ts'
import { csrf } from './csrf/csrf.ts'
import { headers } from './headers/headers.ts'
import { hosts } from './hosts/hosts.ts'
import { https } from './https/https.ts'
import { observe } from './observe/observe.ts'
import { rateLimit } from './rate-limit/rate-limit.ts'
import { requestId } from './request-id/request-id.ts'
import { restrictions } from './restrictions/restrictions.ts'
import { session } from './session/session.ts'
import { signIn } from './sign-in/sign-in.ts'
import { target } from './target/target.ts'

export const controls = [
  client, // who is at the other end: everything that is logged or counted needs it
  requestId, // a name for what happens from here on
  headers, // early, so that every refusal below is dressed too
  target, // one spelling of the path for all that follow
  observe, // metrics and health: scrapers and probes come by address and in the clear
  hosts, // nothing more is looked at before we know it is for us
  https, // nor before we know nobody reads along
  containment, // what was found to be an attack ends here
  cors, // preflights end here
  rateLimit, // before anything that costs
  body, // bounded and parsed once, for every framework
  session, // who says they are asking
  accessTokens, // or which app says so, for somebody
  apiKeys, // or which program says so, instead
  clientCertificates, // or which service shows so, by its certificate
  restrictions, // whether they are held, for the time being
  csrf, // whether they know that they are asking
  authenticate, // whether this may be asked without an account
  signIn, // the kit's own doors
  consolePages, // the kit's own pages behind them
  authorize, // what holds for all routes; the route itself may ask for more
] as const
