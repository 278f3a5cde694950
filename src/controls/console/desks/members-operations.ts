/** What programs may do about the members of an organisation, for the description of the API. */
import { DONE, objectOf, type Operation } from '../../../http/openapi.ts'

const TEXT = { type: 'string' } as const
const TIME = { type: 'integer', description: 'Milliseconds since 1970.' } as const
const ROLES = { type: 'array', items: TEXT } as const
const LISTED = { type: 'string', description: 'Names of roles with a space between.' } as const
const MEMBER = objectOf({ userId: TEXT, login: TEXT, name: TEXT, roles: ROLES, since: TIME })
const INVITATION = objectOf({ id: TEXT, address: TEXT, roles: ROLES, expiresAt: TIME })

const REFUSED = {
  401: { what: 'The last proof is too old.' },
  403: { what: 'It takes `tenant:members` there, and roles that one holds.' },
  404: { what: 'No such tenant, member or invitation, or one has nothing to do with it.' },
} as const

export function memberOperations(path: string): readonly Operation[] {
  const own = { method: 'post', as: 'session' } as const
  return [
    {
      ...{ method: 'get', path, id: 'listMembers', as: 'session' },
      what: 'Who belongs to the tenant named by `?tenant=`, and who is invited to it; for who may change that.',
      answers: {
        200: {
          what: 'Them.',
          schema: objectOf({
            tenant: objectOf({ id: TEXT, name: TEXT }),
            ...{ roles: ROLES, members: { type: 'array', items: MEMBER }, invitations: { type: 'array', items: INVITATION } },
          }),
        },
        ...REFUSED,
      },
    },
    {
      ...{ ...own, path: `${path}/set-roles`, id: 'setMemberRoles', what: 'Gives a member exactly these roles.' },
      body: objectOf({ tenant: TEXT, user: TEXT, roles: LISTED }),
      answers: { 200: DONE, ...REFUSED, 409: { what: 'The last owner.' }, 422: { what: 'No such role.' } },
    },
    {
      ...{ ...own, path: `${path}/remove`, id: 'removeMember', what: 'Removes a member; it holds at their next request.' },
      body: objectOf({ tenant: TEXT, user: TEXT }),
      answers: { 200: DONE, ...REFUSED, 409: { what: 'The last owner.' } },
    },
    {
      ...{ ...own, path: `${path}/invite`, id: 'inviteMember', what: 'Invites an address by a letter.' },
      body: objectOf({ tenant: TEXT, address: TEXT, roles: LISTED }, ['roles']),
      answers: { 200: DONE, ...REFUSED, 422: { what: 'No address, or no such role.' }, 429: { what: 'Too many.' } },
    },
    {
      ...{ ...own, path: `${path}/revoke`, id: 'revokeMemberInvitation', what: 'Takes an invitation into the tenant back.' },
      body: objectOf({ tenant: TEXT, invitation: TEXT }),
      answers: { 200: DONE, ...REFUSED },
    },
  ]
}
