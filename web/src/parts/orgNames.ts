/* Names of organisations by code, asked for once each when a page first shows them. */
import { shallowRef, triggerRef } from 'vue'
import { api } from '@/api/client'

const names = shallowRef(new Map<string, string>())

/** The name, or the code until it is known (or when it may not be). */
export function orgName(code: string): string {
	const known = names.value.get(code)
	if (known !== undefined) return known
	names.value.set(code, code)
	void api
		.get<{ name: string }>(`/api/orgs/${code}`)
		.then((org) => {
			names.value.set(code, org.name)
			triggerRef(names)
		})
		.catch(() => {})
	return code
}
