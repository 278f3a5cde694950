/** Turns what a header compiler says of a wrong value into the refusal of an option. */
import { invalid } from '../../engine/options.ts'

/** What `compile` returns. A TypeError of it becomes HF_OPTION_INVALID, naming the option; any other error is a fault and goes on. */
export function compiled<Value>(option: string, given: unknown, compile: () => Value): Value {
  try {
    return compile()
  } catch (error) {
    if (error instanceof TypeError) return invalid(option, given, error.message, error)
    throw error
  }
}
