/*
 * The one way to the server. Paths as in docs/api.md, shapes in schema.ts:
 *     const page = await api.get<Rows>(`/api/ledgers/${id}/rows`, { query: { period, limit: 100 }, signal })
 *     const { data, etag } = await api.read<Row>(path)      with the version,
 *     await api.put<Row>(path, { values }, etag)            which a change sends back
 * Everything else than 2xx is thrown as a Problem.
 */
import { networkProblem, readProblem, type Problem } from '@/api/problem'
import { lang } from '@/words'

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>

interface Options {
	query?: Query
	signal?: AbortSignal
	etag?: string | null
	/** A file's bytes as they are; else the body is JSON. */
	file?: Blob
	body?: unknown
}

const BUSY_TRIES = 3
let csrf = ''
let onProblem: (problem: Problem) => void = () => {}

export function setCsrf(token: string) {
	csrf = token
}

/** Called with each problem before it is thrown: the shell watches for the end of the session. */
export function watchProblems(watch: (problem: Problem) => void) {
	onProblem = watch
}

/** Empty values are left out; lists repeat the name. */
export function withQuery(path: string, query?: Query): string {
	const asked = new URLSearchParams()
	for (const [name, value] of Object.entries(query ?? {})) {
		if (value === null || value === undefined || value === '' || value === false) continue
		if (Array.isArray(value)) value.forEach((one) => asked.append(name, one))
		else asked.append(name, value === true ? '1' : String(value))
	}
	const text = asked.toString()
	return text ? `${path}?${text}` : path
}

const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000))

async function once(method: string, path: string, o: Options): Promise<Response> {
	const headers: Record<string, string> = { 'Accept-Language': lang.value }
	if (method !== 'GET') headers['X-CSRF-Token'] = csrf
	if (o.etag) headers['If-Match'] = o.etag
	if (o.body !== undefined) headers['Content-Type'] = 'application/json'
	if (o.file) headers['Content-Type'] = 'application/octet-stream'
	try {
		return await fetch(withQuery(path, o.query), {
			method,
			headers,
			body: o.file ?? (o.body === undefined ? undefined : JSON.stringify(o.body)),
			signal: o.signal,
			credentials: 'same-origin',
		})
	} catch (thrown) {
		if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
		throw networkProblem()
	}
}

async function send(method: string, path: string, o: Options = {}): Promise<Response> {
	for (let tries = 1; ; tries++) {
		const reply = await once(method, path, o)
		if (reply.ok) return reply
		const problem = await readProblem(reply)
		// A busy server has changed nothing: the same request may be sent again.
		if (problem.kind === 'busy' && tries < BUSY_TRIES && !o.signal?.aborted) {
			await wait(Math.min(problem.retryAfter || 1, 5))
			continue
		}
		onProblem(problem)
		throw problem
	}
}

async function json<T>(reply: Response): Promise<T> {
	return (reply.status === 204 ? undefined : await reply.json()) as T
}

export const api = {
	get: async <T>(path: string, o?: Pick<Options, 'query' | 'signal'>) => json<T>(await send('GET', path, o)),
	/** With the ETag, for what is going to be changed. */
	read: async <T>(path: string, o?: Pick<Options, 'query' | 'signal'>) => {
		const reply = await send('GET', path, o)
		return { etag: reply.headers.get('ETag'), data: await json<T>(reply) }
	},
	post: async <T>(path: string, body?: unknown, etag?: string | null) => json<T>(await send('POST', path, { body, etag })),
	put: async <T>(path: string, body: unknown, etag?: string | null) => json<T>(await send('PUT', path, { body, etag })),
	del: async (path: string, o?: Pick<Options, 'etag' | 'body'>) => json<void>(await send('DELETE', path, o)),
	/** A file up, JSON back. */
	upload: async <T>(path: string, file: Blob, query?: Query, signal?: AbortSignal) =>
		json<T>(await send('POST', path, { file, query, signal })),
	/** A file up in place of what is there, JSON back. */
	replace: async <T>(path: string, file: Blob, query?: Query) => json<T>(await send('PUT', path, { file, query })),
	/** A file up, a file back; null when there is none (204). */
	exchange: async (path: string, file: Blob, query?: Query) => {
		const reply = await send('POST', path, { file, query })
		return reply.status === 204 ? null : await reply.blob()
	},
	text: async (path: string, o?: Pick<Options, 'query' | 'signal'>) => (await send('GET', path, o)).text(),
	/** Fetch a file and hand it to the browser; the name is the server's when it gives one. */
	download: async (path: string, query: Query | undefined, fallbackName: string) => {
		const reply = await send('GET', path, { query })
		saveBlob(await reply.blob(), fileName(reply.headers.get('Content-Disposition')) ?? fallbackName)
	},
}

function fileName(disposition: string | null): string | null {
	const coded = disposition?.match(/filename\*=UTF-8''([^;]+)/i)?.[1]
	if (coded) return decodeURIComponent(coded)
	return disposition?.match(/filename="([^"]+)"/)?.[1] ?? null
}

export function saveBlob(blob: Blob, name: string) {
	const link = document.createElement('a')
	link.href = URL.createObjectURL(blob)
	link.download = name
	link.click()
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** `12` → `"12"`: the ETag of a version that stands in a list. */
export const etagOf = (version: number) => `"${version}"`
