import { computed, ref } from 'vue'
import { api } from '@/api/client'
import { useLoad } from '@/api/load'
import { can } from '@/api/session'
import { countyMap } from '@/parts/map'
import { offerPeriods, period } from '@/shell/period'
import { layersOf, type Overview, type PromiseWhole } from './overview'

/** What both views of the city load: the overview first, then what takes longer (promises with their years, evaluations). */
export function useOverview() {
	const load = useLoad(async (signal) => {
		const got = await api.get<Overview>('/api/overview', { query: { period: period.value }, signal })
		offerPeriods([got.period])
		return { overview: got, map: await countyMap(got.schematic, signal) }
	})
	const promiseLoad = useLoad(async (signal) => (can('promises', 'read') ? (await api.get<{ items: PromiseWhole[] }>('/api/promises', { query: { whole: true }, signal })).items : []))
	/** The two newest ways to evaluate, the older one first. */
	const newest = useLoad(async (signal) => {
		const { items } = await api.get<{ items: { id: string; title: string; effective_from: string | null }[] }>('/api/evaluations', { signal })
		return items.sort((a, b) => (b.effective_from ?? '').localeCompare(a.effective_from ?? '')).slice(0, 2).reverse()
	})
	const overview = computed(() => load.data.value?.overview ?? null)
	const promises = computed<PromiseWhole[]>(() => promiseLoad.data.value ?? overview.value?.promises.map((p) => ({ ...p, areas: [], path: [] })) ?? [])
	const layers = computed(() => (overview.value ? layersOf(overview.value, promises.value) : []))
	const chosen = ref('')
	/** The one chosen, else the verdicts of the older of the two. */
	const layer = computed(() => layers.value.find((l) => l.id === chosen.value) ?? layers.value.find((l) => l.id === `evaluation:${newest.data.value?.[0]?.id}`) ?? layers.value[0] ?? null)

	async function run() {
		await Promise.all([load.run(), newest.run()])
		await promiseLoad.run()
	}
	return { load, overview, map: computed(() => load.data.value?.map ?? null), promises, layers, layer, chosen, newest: computed(() => newest.data.value ?? []), run }
}
