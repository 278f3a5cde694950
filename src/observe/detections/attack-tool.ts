/** A program that says itself what it is for. Who wants to hide does not, so it is a hint for the log and for the other detections. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { answer, times, FIREFOX, MINUTE } from '../detecting/replay.ts'

/** As they name themselves, in lower case. Source: CrowdSec's http-bad-user-agent; each tool's own default. */
const TOOLS = [
  ...['sqlmap', 'nikto', 'wapiti', 'hydra', 'fuzz faster u fool', 'gobuster', 'dirbuster', 'feroxbuster', 'wfuzz', 'dirsearch'],
  ...['nuclei', 'nmap scripting engine', 'masscan', 'zgrab', 'wpscan', 'joomscan', 'whatweb', 'arachni', 'w3af', 'skipfish'],
  ...['openvas', 'nessus', 'acunetix', 'netsparker', 'qualys', 'burpcollaborator', 'havij', 'commix', 'xsser', 'dalfox'],
  ...['jaeles', 'zmeu', 'slowhttptest', 'httprobe', 'katana', 'subfinder', 'l9explore', 'metasploit', 'dirb', 'zap/'],
]

const used = (index: number, agent: string) => answer({ at: index * 1000, agent })

export const attackTool = defineDetection({
  name: 'attack-tool',
  severity: 'low',
  why: 'A client calls itself by the name of a tool of attack, or sends a header that only such tools send.',
  anchors: ['T1595.002', 'OWASP malicious_attack_tool', 'CrowdSec http-bad-user-agent'],
  needs: ['answer'],
  thresholds: {
    holds: count(1, 'requests of one address that are borne at once'),
    leak: time(MINUTE, 'in which one is forgotten'),
  },
  automatic: [],
  offered: ['block-client'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => used(index, 'sqlmap/1.9#stable (https://sqlmap.org)')),
    nearMiss: ({ holds }) => [
      used(0, 'Nikto/2.5'),
      ...times(holds * 4, (index) => used(index, index % 2 === 0 ? FIREFOX : 'curl/8.14.1')),
    ],
  },
  start({ thresholds, overflow }) {
    const isTool = createToolCheck()
    return overflow({
      ...thresholds,
      by: (answer) => (answer.oddHeaders || isTool(answer.agent) ? answer.network : undefined),
      tell: ({ signal, count }) => ({
        why: `${count} requests of a client that calls itself ${toolOf(signal.agent) ?? 'nothing, with a header of a scanner'}`,
      }),
    })
  },
})

const MOST_BROWSERS = 500
const LONGEST = 512

/** Whether a client calls itself a tool. Most requests in a row are of browsers that were looked at before. */
function createToolCheck(): (agent: string) => boolean {
  const browsers = new Set<string>()
  return (agent) => {
    if (browsers.has(agent)) return false
    if (toolOf(agent) !== undefined) return true
    if (browsers.size >= MOST_BROWSERS) browsers.clear()
    if (agent.length <= LONGEST) browsers.add(agent)
    return false
  }
}

function toolOf(agent: string): string | undefined {
  const text = agent.slice(0, LONGEST).toLowerCase()
  return TOOLS.find((tool) => text.includes(tool))
}
