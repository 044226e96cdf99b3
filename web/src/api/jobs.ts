/*
 * Long work on the server. A job is followed by server-sent events; where these do not come through (a proxy that
 * holds them back), it is asked for every few seconds instead.
 */
import { onScopeDispose, shallowRef } from 'vue'
import { api } from '@/api/client'
import { useLoad } from '@/api/load'
import type { Job, Jobs } from '@/api/schema'
import { lang } from '@/words'

export type { Job }

/** Larger files are imported, and longer lists exported, as jobs. */
export const FILE_MAX = 2 << 20
export const ROWS_MAX = 20_000

const EVENTS = ['progress', 'done', 'failed', 'cancelled'] as const
const POLL_MS = 3000

export const hasEnded = (job: Job) => job.state !== 'queued' && job.state !== 'running'
export const cancelJob = (job: Job) => api.post<Job>(`/api/jobs/${job.id}/cancel`)

/** Percent, or null when nobody knows how much there is. */
export const percentOf = (job: Job) => (job.total ? Math.min(100, Math.floor((job.done / job.total) * 100)) : null)

/** `take` hears of each change; the returned function ends it. */
function listen(path: string, take: (job: Job) => void): () => void {
	const source = new EventSource(`${path}?lang=${lang.value}`)
	const hear = (event: MessageEvent<string>) => take(JSON.parse(event.data) as Job)
	EVENTS.forEach((name) => source.addEventListener(name, hear))
	return () => source.close()
}

/** The job once it has ended. Aborted: the job goes on, nobody waits for it. */
export function followJob(job: Job, change: (job: Job) => void, signal?: AbortSignal): Promise<Job> {
	return new Promise((done, failed) => {
		let heardAt = 0
		const end = () => {
			close()
			clearInterval(timer)
		}
		const take = (now: Job) => {
			heardAt = Date.now()
			change(now)
			if (!hasEnded(now)) return
			end()
			done(now)
		}
		const close = listen(`/api/jobs/${job.id}/events`, take)
		const timer = window.setInterval(() => {
			if (Date.now() - heardAt < POLL_MS) return
			api.get<Job>(`/api/jobs/${job.id}`).then(take, (problem) => {
				end()
				failed(problem)
			})
		}, POLL_MS)
		signal?.addEventListener('abort', () => {
			end()
			failed(new DOMException('left', 'AbortError'))
		})
		change(job)
	})
}

/** The list, newest first, with its own jobs live and the others' every few seconds. */
export function useJobs(isOwn: boolean) {
	const jobs = shallowRef<Job[]>([])
	const load = useLoad(
		async (signal) => {
			const got = await api.get<Jobs>('/api/jobs', { query: { own: isOwn, limit: 100 }, signal })
			jobs.value = got.items
			return got
		},
		(got) => got.items.length === 0,
	)
	const take = (job: Job) => {
		if (jobs.value.some((one) => one.id === job.id)) jobs.value = jobs.value.map((one) => (one.id === job.id ? job : one))
		else void load.run()
	}
	const close = listen('/api/jobs/events', take)
	const timer = window.setInterval(() => {
		if (!jobs.value.every(hasEnded) && !load.busy.value) void load.run()
	}, POLL_MS)
	onScopeDispose(() => {
		close()
		clearInterval(timer)
	})
	return { ...load, jobs, take }
}
