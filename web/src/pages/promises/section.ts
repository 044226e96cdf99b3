import { Flag } from '@element-plus/icons-vue'
import { can } from '@/api/session'
import type { Section } from '@/section'

export const section: Section = {
	id: 'promises',
	order: 50,
	title: ['任务指标', 'Promises'],
	icon: Flag,
	path: '/promises',
	offered: () => can('promises', 'read'),
	routes: [
		{ path: '/promises', component: () => import('./PromisesPage.vue') },
		{ path: '/promises/:id', component: () => import('./PromisePage.vue') },
	],
}
