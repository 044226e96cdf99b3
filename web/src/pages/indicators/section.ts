import { DataLine } from '@element-plus/icons-vue'
import { can } from '@/api/session'
import type { Section } from '@/section'

export const section: Section = {
	id: 'indicators',
	order: 30,
	title: ['指标', 'Indicators'],
	icon: DataLine,
	path: '/indicators',
	hasPeriod: true,
	offered: () => can('indicators', 'read'),
	routes: [
		{ path: '/indicators', component: () => import('./IndicatorsPage.vue') },
		{ path: '/indicators/:id', component: () => import('./IndicatorPage.vue') },
	],
}
