import { showNumber } from '@/parts/format'
import { words } from '@/words'

export type PromiseState = 'done' | 'on-the-way' | 'late' | 'no-data' | 'undefined' | 'words'
export interface PromiseItem {
	id: string
	title: string
	quote: string | null
	owner: string | null
	due: string | null
	days_left: number | null
	indicator: string | null
	evaluation: string | null
	period: string | null
	op: string | null
	target: number | null
	value: number | null
	unit: string | null
	state: PromiseState
	share: number | null
	note: string | null
}

export const stateWord = words({
	done: ['已完成', 'Done'],
	'on-the-way': ['进行中', 'On the way'],
	late: ['逾期', 'Late'],
	'no-data': ['缺数据', 'No data'],
	undefined: ['无法计算', 'Undefined'],
	words: ['文字任务', 'In words'],
})
/** The colour of a state, as a verdict's. */
export const stateLook = (state: PromiseState) => ({ done: 'pass', late: 'fail', 'on-the-way': 'open', 'no-data': 'missing', undefined: 'missing', words: 'open' })[state]
const signs: Record<string, string> = { '>=': '≥', '<=': '≤', '>': '>', '<': '<', '=': '=', '==': '=' }
export const showTarget = (p: PromiseItem) => (p.target === null ? '—' : `${signs[p.op ?? ''] ?? ''} ${showNumber(p.target)}${p.unit ?? ''}`)
