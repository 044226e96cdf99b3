/* The words and numbers of plans, for all pages of this folder. */
import { shallowRef } from 'vue'
import { api } from '@/api/client'
import type { PlanHeadline, PlanOptions } from '@/api/schema'
import { showNumber } from '@/parts/format'
import { lang, words } from '@/words'

export const KINDS = ['places', 'curve', 'zone', 'teachers', 'pass', 'forecast'] as const
export type Kind = (typeof KINDS)[number]

export const kindWord = words<Kind>({
	places: ['学位布局', 'School places'],
	teachers: ['教师调配', 'Teachers'],
	pass: ['达标路径', 'Path to pass'],
	forecast: ['学龄人口预测', 'Enrolment forecast'],
	curve: ['费用与路程取舍', 'Money against the way'],
	zone: ['学区划分', 'School zones'],
})
export const kindHelp = words<Kind>({
	places: ['哪里增班、新建、改办、撤并，孩子去哪里上学，路程不超限时', 'Where to add, open, convert or close, within the time on the way'],
	teachers: ['缺编学校缺哪科、谁去，不违反资格、年限、年龄和路程规定', 'Who goes where, within the rules of licence, service, age and distance'],
	pass: ['最少花多少钱，每所学校、每项差异系数都达标', 'The least money after which every school and every dispersion passes'],
	forecast: ['按出生人口和历年在校生推算各学段人数', 'Children of each stage in the years to come'],
	curve: ['多花多少钱、多办几所学校，孩子能少走多少路：列出几个方案，选中一个再细算', 'What a shorter way costs: several plans to choose from'],
	zone: ['每个社区归哪所学校，学区连成片、不超学位，尽量少改划', 'Which school each community belongs to: whole zones within the places, few changes'],
})

/** What the first page offers; years: a plan over so many. */
export const MAKERS: readonly { kind: Kind; years?: number }[] = [{ kind: 'places' }, { kind: 'places', years: 10 }, { kind: 'curve' }, { kind: 'zone' }, { kind: 'teachers' }, { kind: 'pass' }, { kind: 'forecast' }]
const yearsWords = words({
	title: ['{kind}（今后 {n} 年）', '{kind}, {n} years'],
	placesHelp: ['按预测的人数，哪一年新建、增班、改办、撤并哪所学校，各社区何时改去哪里', 'Which school opens, grows, converts or merges in which year, on forecast children'],
})
export const makerWord = (m: { kind: Kind; years?: number }) => (m.years ? yearsWords('title', { kind: kindWord(m.kind), n: m.years }) : kindWord(m.kind))
export const makerHelp = (m: { kind: Kind; years?: number }) => (m.years && m.kind === 'places' ? yearsWords('placesHelp') : kindHelp(m.kind))

const ACTIONS = ['keep', 'close', 'expand', 'open', 'convert', 'merge', 'move', 'raise', 'assign'] as const
const actionWords = words<(typeof ACTIONS)[number]>({
	keep: ['保留', 'Keep'],
	close: ['停办', 'Close'],
	expand: ['增班', 'Enlarge'],
	open: ['新建', 'Open'],
	convert: ['改办', 'Convert'],
	merge: ['并入', 'Merge'],
	move: ['交流', 'Move'],
	raise: ['补齐', 'Buy'],
	assign: ['划入', 'Assign'],
})
export const actionWord = (action: string) => ((ACTIONS as readonly string[]).includes(action) ? actionWords(action as 'keep') : action)

const FIGURES = ['children', 'unmet', 'places', 'sites', 'km', 'minutes_longest', 'missing', 'over', 'people', 'moves', 'moves_due', 'moves_backbone', 'failing', 'dispersion', 'pupils', 'zones', 'zone_changes', 'km_longest', 'once'] as const
const figureWords = words<(typeof FIGURES)[number]>({
	children: ['儿童数', 'Children'],
	unmet: ['没有学位的儿童', 'Children without a place'],
	places: ['学位', 'Places'],
	sites: ['校点', 'Sites'],
	km: ['平均路程 (千米)', 'Mean way (km)'],
	minutes_longest: ['最远单程 (分钟)', 'Longest way (minutes)'],
	missing: ['缺岗', 'Posts missing'],
	over: ['超岗', 'Posts too many'],
	people: ['在编教师', 'Teachers on the quota'],
	moves: ['交流人数', 'Moves'],
	moves_due: ['其中符合交流条件', 'of them due to rotate'],
	moves_backbone: ['其中骨干', 'of them backbone'],
	failing: ['不达标学校', 'Schools that fail'],
	dispersion: ['差异系数', 'Dispersion'],
	pupils: ['在校生', 'Pupils'],
	zones: ['学区数', 'Zones'],
	zone_changes: ['改划的社区', 'Communities that change'],
	km_longest: ['最远路程 (千米)', 'Longest way (km)'],
	once: ['当年投入', 'Bought in the year'],
})
export const figureWord = (figure: string) => ((FIGURES as readonly string[]).includes(figure) ? figureWords(figure as 'km') : figure)
/** Fewer is better (-1), more is (1), or neither (0): for the colour of a change. */
export const figureSense = (figure: string) => (['unmet', 'missing', 'over', 'failing', 'dispersion', 'km', 'minutes_longest'].includes(figure) ? -1 : 0)

const t = words({
	tenThousand: ['{n} 万元', '{n} × 10,000 yuan'],
	hundredMillion: ['{n} 亿元', '{n} × 100 million yuan'],
	million: ['{n} 百万元', '{n} million yuan'],
	yuan: ['{n} 元', '{n} yuan'],
	year: ['{m}/年', '{m} a year'],
	points: ['{n} 分', '{n} points'],
	today: ['{m}（折成今天的钱）', '{m} in today’s money'],
	childKm: ['{n} 人·千米', '{n} child-kilometres'],
	best: ['已证明：没有更省的方案', 'Proven: nothing is cheaper'],
	bestPoints: ['已证明：没有更好的方案', 'Proven: nothing is better'],
	gap: ['已证明：任何方案最多还能省 {p}%', 'Proven: no plan saves more than another {p}%'],
	gapPoints: ['已证明：任何方案最多还能好 {p}%', 'Proven: no plan is better by more than {p}%'],
})

/** 45,615 万元: what a person reads; the exact number stands in the export. */
export function showMoney(yuan: number | string | null | undefined): string {
	if (yuan === null || yuan === undefined || yuan === '') return '—'
	const n = Number(yuan)
	const size = Math.abs(n)
	if (lang.value === 'en' && size >= 1e5) return t('million', { n: showNumber((n / 1e6).toFixed(2)) })
	if (lang.value === 'en') return t('yuan', { n: showNumber(n.toFixed(0)) })
	if (size >= 1e8) return t('hundredMillion', { n: showNumber((n / 1e8).toFixed(2)) })
	if (size >= 1e4) return t('tenThousand', { n: showNumber((n / 1e4).toFixed(size >= 1e6 ? 0 : 1)) })
	return t('yuan', { n: showNumber(n.toFixed(0)) })
}

export function showCost(unit: string | null, cost: number | null): string {
	if (cost === null || unit === null) return '—'
	if (unit === 'points') return t('points', { n: showNumber(cost.toFixed(0)) })
	if (unit === 'child_metres') return t('childKm', { n: showNumber((cost / 1000).toFixed(0)) })
	if (unit === 'yuan_of_today') return t('today', { m: showMoney(cost) })
	return unit === 'yuan_a_year' ? t('year', { m: showMoney(cost) }) : showMoney(cost)
}

/** The gap in words that need no course in optimisation. */
export function showGap(h: PlanHeadline): string {
	if (h.gap === null) return ''
	const isPoints = h.unit === 'points' || h.unit === 'child_metres'
	if (h.gap < 0.00005) return t(isPoints ? 'bestPoints' : 'best')
	return t(isPoints ? 'gapPoints' : 'gap', { p: (h.gap * 100).toFixed(2) })
}

export const round = (v: number | null) => (v === null ? '—' : showNumber(Math.abs(v) < 10 && v % 1 ? Math.round(v * 1000) / 1000 : Math.abs(v) < 100 ? Math.round(v * 10) / 10 : Math.round(v)))

/** What can be asked: the packs' numbers, areas and stages; asked once. */
const options = shallowRef<PlanOptions | null>(null)
let askedIn = ''
export async function planOptions(signal?: AbortSignal): Promise<PlanOptions> {
	if (options.value && askedIn === lang.value) return options.value
	askedIn = lang.value
	return (options.value = await api.get<PlanOptions>('/api/plans/options', { signal }))
}
export const stageTitle = (all: PlanOptions | null, id: string | null) => all?.stages.find((s) => s.id === id)?.title ?? id ?? ''
/** Codes of counties and ids of stages in a message become their names. */
export function readable(all: PlanOptions | null, text: string): string {
	let said = text
	for (const a of all?.areas ?? []) said = said.replaceAll(a.code, a.name)
	for (const s of all?.stages ?? []) said = said.replaceAll(new RegExp(`\\b${s.id}\\b`, 'g'), s.title)
	return said
}

/** Colours of actions on the chart of points; with the legend beside it. */
export const POINT_COLORS: Record<string, string> = {
	keep: '#9fb3bd',
	same: '#c9d3d8',
	close: '#b3261e',
	expand: '#14657f',
	open: '#1b7340',
	convert: '#7a4fb5',
	raise: '#14657f',
	gains: '#1b7340',
	gives: '#b3261e',
	moved: '#e0902a',
	short: '#d4127a',
	zone: '#14657f',
}
/** Hues a golden angle apart: neighbours in the list never look alike. */
export const zoneColor = (i: number) => `hsl(${Math.round((i * 137.5) % 360)}, ${[62, 45][i % 2]}%, ${[42, 58, 50][i % 3]}%)`
const pointWords = words({
	keep: ['保留', 'kept'],
	same: ['不变', 'unchanged'],
	close: ['停办', 'closed'],
	expand: ['增班', 'enlarged'],
	open: ['新建', 'opened'],
	convert: ['改办', 'converted'],
	raise: ['补齐', 'raised'],
	gains: ['调入', 'gains'],
	gives: ['调出', 'gives'],
	moved: ['去向变化', 'goes elsewhere'],
	short: ['没有学位', 'without a place'],
	zone: ['儿童或学位', 'children or places'],
})
export const pointWord = (action: string) => (action in POINT_COLORS ? pointWords(action as 'keep') : action)
