import { Grid } from '@element-plus/icons-vue'
import { hasLedgers } from '@/api/session'
import type { Section } from '@/section'

export const section: Section = {
	id: 'ledgers',
	order: 20,
	title: ['台账', 'Ledgers'],
	icon: Grid,
	path: '/ledgers',
	offered: () => hasLedgers.value,
	routes: [
		{ path: '/ledgers', component: () => import('./LedgersPage.vue') },
		{ path: '/ledgers/imports', component: () => import('./ImportsPage.vue') },
		{ path: '/ledgers/:ledger', component: () => import('./RowsPage.vue') },
		{ path: '/ledgers/:ledger/import', component: () => import('./ImportPage.vue') },
	],
}
