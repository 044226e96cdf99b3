import { shallowRef } from 'vue'

/** Where somebody wanted to go when the page itself could not be fetched; null: no trouble. */
export const unreached = shallowRef<string | null>(null)
