/** Attacks that need no account: probes, scans, forged reports, bytes that are no request. */
import { each, far, type OwnAttack } from './own-attack.ts'

const SCANNER = '203.0.113.60'

export const onRequests: readonly OwnAttack[] = [
  {
    detection: 'cors-probe',
    run: (panel) =>
      each(6, (index) => panel.client(SCANNER).send('/api/notes', { headers: { origin: `https://evil${index}.example` } })),
  },
  {
    detection: 'content-policy-violations',
    run: (panel) =>
      each(3, (index) => {
        const body = {
          effectiveDirective: 'script-src-elem',
          blockedURL: 'https://evil.example/miner.js',
          documentURL: `${panel.origin}/`,
          disposition: 'enforce',
        }
        const report = [{ type: 'csp-violation', url: `${panel.origin}/`, body }]
        return panel
          .client(far(index))
          .send('/_holdfast/reports', { json: report, headers: { 'content-type': 'application/reports+json' } })
      }),
  },
  {
    detection: 'forced-browsing',
    run: (panel) =>
      each(11, (index) => panel.client(SCANNER).send(`/${['old', 'new', 'test', 'dev', 'stage'][index % 5]}${index}`)),
  },
  {
    detection: 'admin-probing',
    run: (panel) => each(3, (index) => panel.client(SCANNER).send(['/admin', '/phpmyadmin/', '/manager/html'][index]!)),
  },
  {
    detection: 'sensitive-files',
    run: (panel) =>
      each(5, (index) =>
        panel.client(SCANNER).send(['/.git/config', '/dump.sql', '/backup.zip', '/id_rsa', '/.aws/credentials'][index]!),
      ),
  },
  {
    detection: 'sql-probe',
    run: (panel) =>
      each(11, (index) =>
        panel.client(SCANNER).send(`/?name=${encodeURIComponent(`x' UNION SELECT ${'NULL,'.repeat(index)}NULL--`)}`),
      ),
  },
  {
    detection: 'script-probe',
    run: (panel) =>
      each(6, (index) => panel.client(SCANNER).send(`/?name=${encodeURIComponent(`"><svg onload=alert(${index})>`)}`)),
  },
  {
    detection: 'traversal-probe',
    run: (panel) => each(4, (index) => panel.client(SCANNER).send(`/static/${'../'.repeat(index + 1)}etc/passwd`)),
  },
  {
    detection: 'attack-tool',
    run: (panel) => each(2, () => panel.client(SCANNER, 'Nikto/2.5.0').send('/')),
  },
  {
    detection: 'protocol-abuse',
    run: (panel) =>
      each(6, (index) =>
        panel.raw(
          index % 2 === 0
            ? 'NONSENSE / HTTP/1.1\r\nhost: localhost\r\n\r\n'
            : 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
        ),
      ),
  },
]
