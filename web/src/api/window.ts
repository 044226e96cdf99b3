/*
 * A long list seen through a window: any part of it by its position, so that a scroll bar can jump. Blocks of rows are asked
 * for when they come into sight and kept; what is not there yet is null.
 */
import { computed, onScopeDispose, shallowRef, triggerRef } from 'vue'
import { asProblem, type Problem } from '@/api/problem'

export const BLOCK = 200
/** Blocks kept: 40,000 rows. */
const KEPT = 200

export interface WindowPage<T> {
	items: T[]
	count?: number
}

export function useWindow<T, P extends WindowPage<T> = WindowPage<T>>(ask: (skip: number, limit: number, wantsCount: boolean, signal: AbortSignal) => Promise<P>) {
	const blocks = shallowRef(new Map<number, T[]>())
	const first = shallowRef<P | null>(null)
	const count = shallowRef(0)
	const problem = shallowRef<Problem | null>(null)
	const busy = shallowRef(false)
	let control = new AbortController()
	const asked = new Set<number>()

	async function fetchBlock(n: number) {
		if (asked.has(n) || blocks.value.has(n)) return
		const mine = control.signal
		asked.add(n)
		try {
			const page = await ask(n * BLOCK, BLOCK, n === 0 && first.value === null, mine)
			if (mine.aborted) return
			if (first.value === null) {
				first.value = page
				count.value = page.count ?? page.items.length
			}
			blocks.value.set(n, page.items)
			if (blocks.value.size > KEPT) for (const old of blocks.value.keys()) if (old !== n) { blocks.value.delete(old); break }
			triggerRef(blocks)
		} catch (thrown) {
			if (mine.aborted) return
			problem.value = asProblem(thrown)
		}
		asked.delete(n)
	}

	async function reset() {
		control.abort()
		control = new AbortController()
		asked.clear()
		blocks.value = new Map()
		first.value = null
		problem.value = null
		busy.value = true
		const mine = control.signal
		await fetchBlock(0)
		if (!mine.aborted) busy.value = false
	}

	let timer = 0
	/** These rows are in sight. While somebody drags the scroll bar nothing is asked. */
	function see(from: number, to: number) {
		if (first.value === null) return
		clearTimeout(timer)
		timer = window.setTimeout(() => {
			for (let n = Math.floor(from / BLOCK); n <= Math.floor(Math.max(from, to - 1) / BLOCK); n++) void fetchBlock(n)
		}, 60)
	}

	onScopeDispose(() => {
		clearTimeout(timer)
		control.abort()
	})
	return {
		first,
		count,
		problem,
		busy,
		empty: computed(() => first.value !== null && count.value === 0),
		at: (i: number) => blocks.value.get(Math.floor(i / BLOCK))?.[i % BLOCK] ?? null,
		see,
		reset,
		again: () => void reset(),
	}
}
