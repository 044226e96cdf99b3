import { Checked } from '@element-plus/icons-vue'
import { can } from '@/api/session'
import type { Section } from '@/section'

export const section: Section = {
	id: 'evaluations',
	order: 40,
	title: ['国评', 'Evaluations'],
	icon: Checked,
	path: '/evaluations',
	hasPeriod: true,
	offered: () => can('evaluations', 'read'),
	routes: [
		{ path: '/evaluations', component: () => import('./EvaluationPage.vue') },
		{ path: '/evaluations/scenarios', component: () => import('./ScenariosPage.vue') },
		{ path: '/evaluations/:id', component: () => import('./EvaluationPage.vue') },
		{ path: '/evaluations/:id/areas/:area', component: () => import('./AreaPage.vue') },
		{ path: '/evaluations/:id/units/:org', component: () => import('./UnitPage.vue') },
	],
}
