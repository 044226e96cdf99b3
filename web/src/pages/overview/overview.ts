/* What the overview and the wall show: GET /api/overview, the promises with their counties and years, and layers for the map. */
import { showNumber } from '@/parts/format'
import type { Tile } from '@/parts/map'
import { themeTitle } from '@/parts/themes'
import { verdictWord, type Verdict } from '@/pages/evaluations/evaluation'
import type { PromiseItem } from '@/pages/promises/promise'
import { words } from '@/words'

export interface AreaVerdict {
	code: string
	name: string
	verdict: Verdict
	pass: number
	fail: number
	missing: number
	undefined: number
}
export interface OverviewIndicator {
	id: string
	title: string
	theme: string | null
	unit: string | null
	decimals: number
	better: 'higher' | 'lower' | 'neither'
	value: number | null
	areas: { code: string; name: string; value: number | null }[]
}
export interface Change {
	at: string
	who: string
	ledger: string
	title: string
	rows_new: number
	rows_changed: number
}
export interface Overview {
	city: { code: string; name: string } | null
	period: string | null
	schematic: Tile[]
	evaluations: { id: string; title: string; areas: AreaVerdict[] }[]
	promises: PromiseItem[]
	indicators: OverviewIndicator[]
	changes: Change[]
	todo: { kind: 'late' | 'failed' | 'missing' | 'evidence'; title: string; count: number; href: string }[]
}
export type PromiseWhole = PromiseItem & {
	areas: { code: string; name: string; value: number | null }[]
	path: { period: string; value: number | null }[]
}

const t = words({ evaluations: ['评估结论', 'Verdicts'], promises: ['任务指标', 'Promises'], clauses: ['{p}/{n} 条', '{p}/{n}'] })

/** One way to colour the map: each county with what it says there, the worst first. */
export interface LayerArea {
	code: string
	name: string
	value: number | null
	verdict: Verdict | null
	text: string
	/** On the map, where room is scarce. */
	short: string
	to: string
}
export interface Layer {
	id: string
	group: string
	title: string
	/** Of the whole city, as text; '' for verdicts. */
	whole: string
	better: 'higher' | 'lower' | 'neither'
	isVerdict: boolean
	areas: LayerArea[]
}

const figure = (value: number | null, unit: string | null, decimals: number) => (value === null ? '—' : showNumber(value, decimals) + (unit ?? ''))
const WORST: Verdict[] = ['fail', 'missing', 'undefined', 'pass']

function byValue(areas: LayerArea[], isLowerBetter: boolean) {
	const rank = (a: LayerArea) => (a.value === null ? Infinity : isLowerBetter ? -a.value : a.value)
	return areas.sort((a, b) => rank(a) - rank(b))
}

function verdicts(e: Overview['evaluations'][number]): Layer {
	const areas = e.areas.map((a): LayerArea => ({
		code: a.code,
		name: a.name,
		value: a.pass,
		verdict: a.verdict,
		short: verdictWord(a.verdict),
		text: `${verdictWord(a.verdict)} ${t('clauses', { p: a.pass, n: a.pass + a.fail + a.missing + a.undefined })}`,
		to: `/evaluations/${e.id}/areas/${a.code}`,
	}))
	areas.sort((a, b) => WORST.indexOf(a.verdict!) - WORST.indexOf(b.verdict!) || a.value! - b.value!)
	const passed = e.areas.filter((a) => a.verdict === 'pass').length
	return { id: `evaluation:${e.id}`, group: t('evaluations'), title: e.title, whole: `${passed} / ${e.areas.length}`, better: 'higher', isVerdict: true, areas }
}

function indicator(i: OverviewIndicator): Layer {
	const areas = i.areas.map((a): LayerArea => {
		const text = figure(a.value, i.unit === '%' ? '%' : null, i.decimals)
		return { code: a.code, name: a.name, value: a.value, verdict: null, text, short: text, to: `/indicators/${i.id}?org=${a.code}` }
	})
	return { id: `indicator:${i.id}`, group: themeTitle(i.theme), title: i.unit ? `${i.title} (${i.unit})` : i.title, whole: figure(i.value, i.unit, i.decimals), better: i.better, isVerdict: false, areas: byValue(areas, i.better === 'lower') }
}

function promise(p: PromiseWhole): Layer {
	const areas = p.areas.map((a): LayerArea => {
		const text = figure(a.value, p.unit, Number.isInteger(a.value) ? 0 : 2)
		return { code: a.code, name: a.name, value: a.value, verdict: null, text, short: text, to: `/promises/${p.id}` }
	})
	return { id: `promise:${p.id}`, group: t('promises'), title: p.title, whole: figure(p.value, p.unit, 0), better: p.op === '<=' ? 'lower' : 'higher', isVerdict: false, areas: byValue(areas, p.op === '<=') }
}

/** All that has something to show in at least one county. */
export function layersOf(o: Overview, promises: readonly PromiseWhole[]): Layer[] {
	const layers = [...o.evaluations.map(verdicts), ...promises.filter((p) => p.areas.length).map(promise), ...o.indicators.map(indicator)]
	return layers.filter((l) => l.areas.some((a) => a.value !== null))
}

const VERDICTS = { light: { pass: '#bfe0cb', fail: '#f2b8b1', missing: '#f5d9a4', undefined: '#dbe1e5' }, dark: { pass: '#1c6b43', fail: '#9c352c', missing: '#84590f', undefined: '#3a4c57' } }
/** From pale to strong, such that the labels can be read on all of them. */
const RANGE = { light: [[229, 240, 244], [112, 178, 199]], dark: [[28, 58, 72], [22, 118, 148]] }

export function colorOf(layer: Layer, area: LayerArea, isDark = false): string {
	const look = isDark ? 'dark' : 'light'
	if (area.verdict) return VERDICTS[look][area.verdict]
	if (area.value === null) return VERDICTS[look].undefined
	const values = layer.areas.flatMap((a) => (a.value === null ? [] : [a.value]))
	const low = Math.min(...values)
	const share = (area.value - low) / (Math.max(...values) - low || 1)
	const [from, to] = RANGE[look]
	return `rgb(${from.map((c, i) => Math.round(c + (to[i] - c) * share)).join(', ')})`
}

const STATES = ['late', 'on-the-way', 'no-data', 'undefined', 'done', 'words']
/** What is late first, what only words measure last. */
export const byState = <P extends PromiseItem>(list: readonly P[]) => [...list].sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state))

export function countStates(list: readonly PromiseItem[]) {
	const found = new Map<PromiseItem['state'], number>()
	for (const p of byState(list)) found.set(p.state, (found.get(p.state) ?? 0) + 1)
	return [...found]
}

/** Changes since yesterday's midnight here, and the older ones. */
export function sinceYesterday(changes: readonly Change[], now = new Date()) {
	const from = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).getTime()
	return { recent: changes.filter((c) => new Date(c.at).getTime() >= from), older: changes.filter((c) => new Date(c.at).getTime() < from) }
}
