import { words } from '@/words'

const t = words({
	network: ['连不上服务器, 请检查网络后重试', 'The server cannot be reached; check the network and try again'],
	odd: ['服务器的答复无法理解', "The server's answer makes no sense"],
})

/** What the API says when it says no (RFC 9457), or that it could not be asked. */
export class Problem extends Error {
	constructor(
		/** The last part of `type`: 'invalid', 'forbidden', 'stale', …; 'network' when nothing answered. */
		readonly kind: string,
		readonly status: number,
		message: string,
		readonly errors: readonly { path: string; detail: string }[] = [],
		/** The whole document: some kinds carry more (an import's problems, the version that is there). */
		readonly document: Record<string, unknown> = {},
		/** Seconds after which to try again. */
		readonly retryAfter = 0,
	) {
		super(message)
	}

	/** What is wrong with the fields of a form: path '/values/pupils' below '/values/' → { pupils: '…' }. */
	fields(below: string): Record<string, string> {
		const found: Record<string, string> = {}
		for (const { path, detail } of this.errors)
			if (path.startsWith(below)) {
				const name = path.slice(below.length)
				found[name] = found[name] ? `${found[name]}; ${detail}` : detail
			}
		return found
	}
}

export const networkProblem = () => new Problem('network', 0, t('network'))

export async function readProblem(reply: Response): Promise<Problem> {
	const retry = Number(reply.headers.get('Retry-After')) || 0
	let document: Record<string, unknown>
	try {
		document = await reply.json()
	} catch {
		return new Problem('io', reply.status, `${t('odd')} (${reply.status})`, [], {}, retry)
	}
	const kind = String(document.type ?? '').split('/').pop() || 'io'
	const errors = Array.isArray(document.errors) ? document.errors : []
	const text = String(document.detail ?? document.title ?? t('odd'))
	return new Problem(kind, reply.status, text, errors, document, retry)
}

/** Anything thrown as a Problem, so that a page has one thing to show. */
export function asProblem(thrown: unknown): Problem {
	if (thrown instanceof Problem) return thrown
	return new Problem('page', 0, thrown instanceof Error ? thrown.message : String(thrown))
}
