/* Words for what roles may do, with what and how far; what a pack names in other words stays as it is. */
import { words } from '@/words'

const t = words({
	read: ['看', 'read'],
	write: ['改', 'write'],
	import: ['导入', 'import'],
	export: ['导出', 'export'],
	move: ['流转', 'move'],
	approve: ['审定', 'approve'],
	configure: ['配置', 'configure'],
	audit: ['审计', 'audit'],
	own: ['本单位', 'own'],
	children: ['本级和直属下级', 'own and below'],
	county: ['本县', 'county'],
	city: ['全市', 'city'],
	all: ['全部', 'all'],
	promises: ['任务指标', 'Promises'],
	evaluations: ['国家评估', 'National evaluations'],
	indicators: ['指标', 'Indicators'],
	accounts: ['账号开停', 'Accounts'],
	role_grants: ['角色授予', 'Grants of roles'],
	password_rules: ['口令规则', 'Rules of passwords'],
	unseal_requests: ['密封字段查阅审批', 'Requests to unseal'],
	audit_log: ['审计日志', 'Audit log'],
	permission_matrix: ['权限表', 'Permission matrix'],
	jobs: ['任务队列', 'Jobs'],
	backups: ['备份', 'Backups'],
	packs: ['政策包', 'Packs'],
	map: ['地图', 'Map'],
	allocations: ['调配方案', 'Allocations'],
})
type Word = Parameters<typeof t>[0]
const known = new Set<string>(['read', 'write', 'import', 'export', 'move', 'approve', 'configure', 'audit', 'own', 'children', 'county', 'city', 'all', 'promises', 'evaluations', 'indicators', 'accounts', 'role_grants', 'password_rules', 'unseal_requests', 'audit_log', 'permission_matrix', 'jobs', 'backups', 'packs', 'map', 'allocations'])

export const rightWord = (word: string) => (known.has(word) ? t(word as Word) : word)
