import { Operation } from '@element-plus/icons-vue'
import { can } from '@/api/session'
import type { Section } from '@/section'

export const section: Section = {
	id: 'allocate',
	order: 55,
	title: ['调配', 'Allocation'],
	icon: Operation,
	path: '/allocate',
	offered: () => can('plans', 'read'),
	routes: [
		{ path: '/allocate', component: () => import('./PlansPage.vue') },
		{ path: '/allocate/new', component: () => import('./NewPlanPage.vue') },
		{ path: '/allocate/compare', component: () => import('./ComparePage.vue') },
		{ path: '/allocate/:id(\\d+)', component: () => import('./PlanPage.vue') },
	],
}
