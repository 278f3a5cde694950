/** Which paths stay open whatever is closed: those by which people come in and out, and what the application names. */
import { slot } from '../../engine/exchange.ts'

/** How controls find it: `setting.use(Spared)`. */
export const Spared = slot<(path: string) => boolean>('spared-paths')
