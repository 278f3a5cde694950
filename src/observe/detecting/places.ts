/** Where an address is, roughly: for detections that compare places, from a database that the operator brings. */

export interface Place {
  /** ISO 3166-1, two letters. */
  readonly country: string | undefined
  readonly latitude: number | undefined
  readonly longitude: number | undefined
}

const EARTH = 6371

/** Kilometres on the great circle. Source: the haversine formula. */
export function kilometres(from: readonly [number, number], to: readonly [number, number]): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const [a, b] = [radians(from[0]), radians(to[0])]
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(radians(to[1] - from[1]) / 2) ** 2
  return 2 * EARTH * Math.asin(Math.sqrt(Math.min(1, half)))
}
