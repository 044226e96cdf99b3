/*
 * Chinese first, English by a switch. Each page keeps its words beside it, in pairs, so that no key can lack a language:
 *     const t = words({ save: ['保存', 'Save'], rows: ['共 {n} 行', '{n} rows'] })
 *     t('save'), t('rows', { n: 12 })
 * Titles of ledgers, fields and indicators come from the packs and stay as they are.
 */
import { ref } from 'vue'

export type Lang = 'zh' | 'en'
type Pair = readonly [zh: string, en: string]
type Values = Record<string, string | number>

const KEY = 'shuren.lang'

function remembered(): Lang {
	try {
		return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh'
	} catch {
		return 'zh'
	}
}

export const lang = ref<Lang>(remembered())
document.documentElement.lang = lang.value === 'en' ? 'en' : 'zh-CN'

export function setLang(to: Lang) {
	lang.value = to
	document.documentElement.lang = to === 'en' ? 'en' : 'zh-CN'
	try {
		localStorage.setItem(KEY, to)
	} catch {
		// A browser that keeps nothing: the switch holds until the page is left.
	}
}

export const pick = (pair: Pair) => pair[lang.value === 'en' ? 1 : 0]

export function words<K extends string>(pairs: Record<K, Pair>) {
	return (key: K, values?: Values) => {
		const text = pick(pairs[key])
		return values ? text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all)) : text
	}
}
