/** Events of requests that were refused, and of browsers that report. */
import type { Kind } from './kind.ts'

export const REQUEST_EVENTS = {
  authz_fail: {
    level: 'warn',
    what: 'Somebody asked for what they may not have; `code` is the public reason. At level info: nobody was signed in.',
  },
  excess_rate_limit_exceeded: {
    level: 'warn',
    what: 'A limit was used up. `times` counts the refusals since the last line of the same key.',
  },
  input_validation_fail: { level: 'warn', what: 'A body, a form or the bytes of a request were refused. Never the content.' },
  form_sent_again: { level: 'info', what: 'A form that is good for one sending was sent again; nothing was done a second time.' },
  malicious_cors: { level: 'warn', what: 'A page of another origin asked to read an answer and may not.' },
  malicious_csrf: { level: 'warn', what: "A request that changes something was not shown to come from the site's own pages." },
  malicious_host: { level: 'warn', what: 'A request named a host that is not one of ours, or no host that can be read.' },
  malicious_target: { level: 'warn', what: 'A path, method or head that two readers could read differently.' },
  browser_report: {
    level: 'warn',
    what: 'A browser reported something that the content policy blocked, or a summary of such reports.',
  },
} as const satisfies Record<string, Kind>
