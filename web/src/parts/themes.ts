import { words } from '@/words'

const t = words({
	plan: ['规划与招生', 'Planning'],
	quality: ['优质均衡', 'Quality and balance'],
	vocational: ['职业教育', 'Vocational education'],
	lifelong: ['终身学习', 'Lifelong learning'],
	virtue: ['立德树人', 'Moral education'],
	health: ['身心健康', 'Health'],
	integrity: ['廉政与采购', 'Integrity and procurement'],
	teachers: ['教师队伍', 'Teachers'],
	safety: ['校园安全', 'School safety'],
	other: ['其他', 'Other'],
})
type Theme = Parameters<typeof t>[0]
const known: ReadonlySet<string> = new Set(['plan', 'quality', 'vocational', 'lifelong', 'virtue', 'health', 'integrity', 'teachers', 'safety'])

/** A pack may name a theme by a word of ours or in its own words, which stay as they are. */
export const themeTitle = (theme: string | null | undefined) =>
	theme && !known.has(theme) ? theme : t((theme || 'other') as Theme)
