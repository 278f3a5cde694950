/**
 * Request methods: which exist for us and which may not change anything.
 * A method outside the list is refused before routing, so no allow-list further down can forget it.
 * Sources: RFC 9110 §9.2.1 (safe methods) and §9.3, RFC 5789 (PATCH).
 */

/**
 * The methods an application may serve. Left out on purpose: CONNECT and TRACE (tunnels, and TRACE echoes credentials),
 * QUERY and the WebDAV methods (few frameworks agree on how they are routed).
 */
export const KNOWN_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Whether the method promises to change nothing: GET, HEAD, OPTIONS, in exactly this case (methods are case-sensitive).
 * Everything else counts as unsafe, unknown methods too. Method override headers and fields are never looked at.
 */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
