/** A chart in a box of the page: made when the box is there, drawn again when the box or what it shows changes. */
import { onMounted, onScopeDispose, ref, watch, type WatchSource } from 'vue'
import { init, type ECharts } from 'echarts/core'

export function useChart(shows: WatchSource | WatchSource[], draw: (chart: ECharts) => void, made?: (chart: ECharts) => void) {
	const box = ref<HTMLElement>()
	let chart: ECharts | null = null
	const again = () => chart && draw(chart)
	const watchSize = new ResizeObserver(() => {
		chart?.resize()
		again()
	})
	onMounted(() => {
		if (!box.value) return
		chart = init(box.value, null, { renderer: 'canvas' })
		made?.(chart)
		watchSize.observe(box.value)
		again()
	})
	watch(shows, again)
	onScopeDispose(() => {
		watchSize.disconnect()
		chart?.dispose()
	})
	return box
}
