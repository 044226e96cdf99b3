import { Odometer } from '@element-plus/icons-vue'
import { can } from '@/api/session'
import type { Section } from '@/section'

export const section: Section = {
	id: 'overview',
	order: 10,
	title: ['总览', 'Overview'],
	icon: Odometer,
	path: '/overview',
	hasPeriod: true,
	offered: () => can('evaluations', 'read') || can('promises', 'read') || can('indicators', 'read'),
	routes: [
		{ path: '/overview', component: () => import('./OverviewPage.vue') },
		// A page for a wall: without the frame.
		{ path: '/wall', component: () => import('./WallPage.vue'), meta: { isBare: true } },
	],
}
