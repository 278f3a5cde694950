import { defineAttack } from '../support/attack.ts'
import { firstStatus } from '../support/disguise.ts'

export default [
  defineAttack({
    id: 'A48a',
    title: 'a request of HTTP/0.9 has no host at all',
    control: 'target',
    adapters: ['node', 'express', 'fastify'],
    without: { target: false, hosts: false },
    succeeds: async (app) => firstStatus(await app.raw('GET /link HTTP/0.9\r\n\r\n')) === 200,
  }),
  defineAttack({
    id: 'A48b',
    title: 'a request of HTTP/1.0 leaves the host out',
    control: 'hosts',
    adapters: ['node', 'express', 'fastify'],
    succeeds: async (app) => firstStatus(await app.raw('GET /link HTTP/1.0\r\n\r\n')) === 200,
  }),
  defineAttack({
    id: 'A48c',
    title: 'a request of HTTP/1.0 has an empty host',
    control: 'hosts',
    adapters: ['node', 'express', 'fastify'],
    succeeds: async (app) => firstStatus(await app.raw('GET /link HTTP/1.0\r\nHost:\r\n\r\n')) === 200,
  }),
  defineAttack({
    id: 'A48d',
    title: 'a request of HTTP/1.1 leaves the host out',
    control: 'hosts',
    adapters: 'all',
    without: { heldBy: 'node', why: 'requireHostHeader answers 400 before any of our code runs' },
    succeeds: async (app) => firstStatus(await app.raw('GET /link HTTP/1.1\r\nConnection: close\r\n\r\n')) === 200,
  }),
]
