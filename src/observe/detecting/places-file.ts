/** Reads where addresses are from a file of MaxMind's format, with the package `mmdb-lib`. Addresses of one's own networks are nowhere. */
import { readFileSync } from 'node:fs'
import { HoldfastError } from '../../engine/errors.ts'
import { contains, NAMED_NETWORKS, parseAddress } from '../../http/ip.ts'
import type { Place } from './places.ts'

const OWN = [...NAMED_NETWORKS.private, ...NAMED_NETWORKS.linklocal]

/** Throws HF_OPTION_INVALID when the file cannot be read, HF_PACKAGE_MISSING when the package is not there. */
export async function openPlaces(file: string): Promise<(address: string) => Place | undefined> {
  const { Reader } = await load()
  let reader: InstanceType<typeof Reader<any>>
  try {
    reader = new Reader<any>(readFileSync(file))
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', `detections.places is ${JSON.stringify(file)}, which cannot be read as MMDB.`, {
      fix: 'Give the path of a city or country database, such as GeoLite2-City.mmdb.',
      cause,
    })
  }
  return (text) => {
    const address = parseAddress(text)
    if (address === undefined || OWN.some((range) => contains(range, address))) return undefined
    const found: unknown = reader.get(address.text)
    return typeof found === 'object' && found !== null ? placeOf(found) : undefined
  }
}

async function load(): Promise<typeof import('mmdb-lib')> {
  try {
    return await import('mmdb-lib')
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', 'detections.places needs the package mmdb-lib, which is not there.', {
      fix: 'Install it: npm install mmdb-lib',
      cause,
    })
  }
}

interface Record {
  readonly country?: { readonly iso_code?: unknown }
  readonly location?: { readonly latitude?: unknown; readonly longitude?: unknown }
}

function placeOf({ country, location }: Record): Place {
  const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
  return {
    country: typeof country?.iso_code === 'string' ? country.iso_code : undefined,
    latitude: number(location?.latitude),
    longitude: number(location?.longitude),
  }
}
