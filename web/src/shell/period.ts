import { computed, ref, shallowRef } from 'vue'

/** The period of the top bar; null: the latest there is. Pages of figures pass it on as ?period=. */
export const period = ref<string | null>(null)

const known = shallowRef<ReadonlySet<string>>(new Set())

/** A page says which periods it has seen; they stand in the top bar from then on. */
export function offerPeriods(periods: readonly (string | null)[]) {
	const all = new Set(known.value)
	for (const one of periods) if (one && /^\d{4}$/.test(one)) all.add(one)
	if (all.size !== known.value.size) known.value = all
}

/** Newest first. */
export const periods = computed(() => [...known.value].sort().reverse())
