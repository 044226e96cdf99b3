/* Titles that packs give to codes, ledgers and indicators, asked for once each when a page first shows them. */
import { shallowRef, triggerRef } from 'vue'
import { api } from '@/api/client'

const known = shallowRef(new Map<string, string>())

function lookUp(key: string, fallback: string, ask: () => Promise<string | undefined>): string {
	const title = known.value.get(key)
	if (title !== undefined) return title
	known.value.set(key, fallback)
	void ask()
		.then((found) => {
			if (!found) return
			known.value.set(key, found)
			triggerRef(known)
		})
		.catch(() => {})
	return fallback
}

/** The name of an organisation; its code until it is known (or when it may not be). */
export const orgName = (code: string) => lookUp(`org/${code}`, code, async () => (await api.get<{ name: string }>(`/api/orgs/${code}`)).name)
export const ledgerTitle = (id: string) => lookUp(`ledger/${id}`, id, async () => (await api.get<{ title: string }>(`/api/ledgers/${id}`)).title)
export const evaluationTitle = (id: string) =>
	lookUp(`evaluation/${id}`, id, async () => (await api.get<{ items: { id: string; title: string }[] }>('/api/evaluations')).items.find((e) => e.id === id)?.title)
export const indicatorTitle = (id: string) =>
	lookUp(`indicator/${id}`, id, async () => (await api.get<{ themes: { items: { id: string; title: string }[] }[] }>('/api/indicators')).themes.flatMap((t) => t.items).find((i) => i.id === id)?.title)
/** Of a code in a code table: codeTitle('stage', 'primary'). */
export const codeTitle = (table: string, code: string) =>
	lookUp(`code/${table}/${code}`, code, async () => (await api.get<{ items: { code: string; title: string }[] }>(`/api/codes/${table}`, { query: { limit: 500 } })).items.find((c) => c.code === code)?.title)
