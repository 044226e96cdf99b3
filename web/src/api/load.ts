/*
 * What a page shows comes by a load (one thing) or by pages (a list that goes on). Both say how they stand, so that
 * <StatePanel :of="…"> can show waiting, failing and nothing; a newer call makes an older one void.
 */
import { computed, onScopeDispose, shallowRef } from 'vue'
import { asProblem, type Problem } from '@/api/problem'

export interface Load {
	readonly busy: boolean
	readonly problem: Problem | null
	readonly empty: boolean
	again: () => void
}

const isAbort = (thrown: unknown) => thrown instanceof DOMException && thrown.name === 'AbortError'

/** Nothing is asked until run() (or again()) is called. */
export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>, isEmpty: (data: T) => boolean = () => false) {
	const data = shallowRef<T | null>(null)
	const problem = shallowRef<Problem | null>(null)
	const busy = shallowRef(false)
	let control = new AbortController()

	async function run() {
		control.abort()
		const mine = (control = new AbortController())
		busy.value = true
		problem.value = null
		try {
			const got = await ask(mine.signal)
			if (mine.signal.aborted) return
			data.value = got
		} catch (thrown) {
			if (mine.signal.aborted || isAbort(thrown)) return
			problem.value = asProblem(thrown)
		}
		busy.value = false
	}

	onScopeDispose(() => control.abort())
	return {
		data,
		problem,
		busy,
		empty: computed(() => data.value !== null && isEmpty(data.value)),
		run,
		again: () => void run(),
	}
}

export interface KeysetPage<T> {
	items: T[]
	next: string | null
}

/** A list by keyset: reset() asks for the first page, more() for the next one; `first` is the first page whole (count, totals). */
export function usePages<T, P extends KeysetPage<T> = KeysetPage<T>>(ask: (after: string | null, signal: AbortSignal) => Promise<P>) {
	const items = shallowRef<T[]>([])
	const first = shallowRef<P | null>(null)
	const next = shallowRef<string | null>(null)
	const problem = shallowRef<Problem | null>(null)
	const busy = shallowRef(false)
	let control = new AbortController()

	async function fetchPage(after: string | null) {
		control.abort()
		const mine = (control = new AbortController())
		busy.value = true
		problem.value = null
		try {
			const page = await ask(after, mine.signal)
			if (mine.signal.aborted) return
			if (after === null) first.value = page
			items.value = after === null ? page.items : [...items.value, ...page.items]
			next.value = page.next
		} catch (thrown) {
			if (mine.signal.aborted || isAbort(thrown)) return
			problem.value = asProblem(thrown)
			if (after === null) {
				items.value = []
				first.value = null
			}
		}
		busy.value = false
	}

	const reset = () => fetchPage(null)
	onScopeDispose(() => control.abort())
	return {
		items,
		first,
		next,
		problem,
		busy,
		empty: computed(() => first.value !== null && items.value.length === 0),
		reset,
		more: async () => {
			if (next.value !== null && !busy.value) await fetchPage(next.value)
		},
		again: () => void reset(),
	}
}
