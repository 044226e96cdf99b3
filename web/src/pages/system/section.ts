import { Setting } from '@element-plus/icons-vue'
import { can } from '@/api/session'
import type { Section } from '@/section'

export const section: Section = {
	id: 'system',
	order: 90,
	title: ['系统', 'System'],
	icon: Setting,
	path: '/system',
	offered: () => ['accounts', 'role_grants', 'audit_log', 'permission_matrix', 'packs', 'jobs', 'backups', 'map', 'password_rules'].some((one) => can(one, 'read')),
	routes: [{ path: '/system', component: () => import('./SystemPage.vue') }],
}
