/* The shapes of an evaluation's replies (docs/api.md), and how its numbers are shown. */
import { showNumber } from '@/parts/format'
import { words } from '@/words'

export type Verdict = 'pass' | 'fail' | 'missing' | 'undefined'
export interface Cell {
	clause: string
	verdict: Verdict
	value: number | null
	op: string | null
	limit: number | null
	short_by: number | null
	unit: string | null
}
export interface Clause {
	id: string
	title: string
	verdict: Verdict
	value?: number | null
	op?: string | null
	limit?: number | null
	short_by?: number | null
	unit?: string | null
	note?: string | null
	source?: string | null
	information?: boolean
}
export interface Below {
	indicator: string
	value: number | null
	limit: number | null
	floor?: number | null
	needs?: number | null
	resource?: string | null
}
export interface Unit {
	org: string
	name: string
	stage: string | null
	included: boolean
	reason?: string | null
	met?: number | null
	verdict?: Verdict
	values: Record<string, number | null>
	below: Below[]
}
export interface County {
	verdict: Verdict
	clauses: Clause[]
	schools: Unit[]
}

export interface WhatIf {
	before: County
	after: County
	changed_clauses: { id: string; before: string | null; after: string | null }[]
}

const short = words({ short: ['差 {n}', 'short by {n}'] })
const signs: Record<string, string> = { '>=': '≥', '<=': '≤', '>': '>', '<': '<', '=': '=', '==': '=' }

/** Four decimals at most, no zeros at their end: enough to see beside a limit. */
export const showFigure = (value: number | null | undefined) =>
	value === null || value === undefined ? '—' : showNumber(String(Math.round(value * 10000) / 10000))
export const showLimit = (c: { op?: string | null; limit?: number | null; unit?: string | null }) =>
	c.limit === null || c.limit === undefined ? '' : `${signs[c.op ?? ''] ?? ''} ${showFigure(c.limit)}${c.unit ?? ''}`
export const showShort = (c: { short_by?: number | null; unit?: string | null }) =>
	c.short_by ? short('short', { n: `${showFigure(c.short_by)}${c.unit ?? ''}` }) : ''
export const verdictWord = words({
	pass: ['达标', 'Pass'],
	fail: ['不达标', 'Fail'],
	missing: ['缺数据', 'No data'],
	undefined: ['无法计算', 'Undefined'],
})
