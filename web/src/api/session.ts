import { computed, shallowRef } from 'vue'
import { api, setCsrf } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Session } from '@/api/schema'

/** Who is signed in; null: nobody (or not asked yet, see `isAsked`). */
export const session = shallowRef<Session | null>(null)
let isAsked = false

function take(got: Session | null) {
	session.value = got
	setCsrf(got?.csrf ?? '')
}

/** Ask once who is signed in; the router calls it before each page. */
export async function knowSession(): Promise<Session | null> {
	if (isAsked) return session.value
	try {
		take(await api.get<Session>('/api/session'))
	} catch (thrown) {
		if (!(thrown instanceof Problem) || thrown.kind !== 'sign-in') throw thrown
		take(null)
	}
	isAsked = true
	return session.value
}

export async function refreshSession() {
	take(await api.get<Session>('/api/session'))
}

export async function signIn(login: string, password: string, code: string) {
	take(await api.post<Session>('/api/session', code ? { login, password, code } : { login, password }))
	isAsked = true
}

export async function signOut() {
	await api.del('/api/session')
	take(null)
}

/** The server says that the session is over. */
export function forgetSession() {
	take(null)
	isAsked = true
}

type Grants = Record<string, string[]>

/** May the person do this to a ledger or a resource? For what to offer; the server asks again. */
export function can(on: string, action: string): boolean {
	const may = session.value?.can
	if (!may) return false
	const actions = (may.ledgers as Grants)[on] ?? (may.resources as Grants)[on]
	return actions?.includes(action) ?? false
}

export const canAny = (on: readonly string[], action = 'read') => on.some((one) => can(one, action))
export const hasLedgers = computed(() => Object.keys(session.value?.can.ledgers ?? {}).length > 0)
