// A small demo city that is served, with an account for each role; made anew for each run and gone afterwards.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SHUREN = process.env.SHUREN ?? 'build/shuren'
/** A county that passes the balance evaluation but for one school's equipment. */
export const ALMOST = '141121'

/** CSV without line breaks in its cells, as the export writes it. */
export const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((m) => m[1]).slice(0, -1)

function makeOneSchoolFail(place, folder) {
	const file = join(folder, 'almost.csv')
	execFileSync(SHUREN, ['export', place, 'school_resources', '--org', ALMOST, '--to', file], { stdio: ['ignore', 'ignore', 'inherit'] })
	const lines = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/)
	const columnOf = (title) => cells(lines[0]).findIndex((h) => h.replace(/^\uFEFF|"/g, '').startsWith(title))
	const [column, pupils] = ['教学仪器设备值', '在校生数'].map(columnOf)
	const largest = lines.slice(1).sort((a, b) => Number(cells(b)[pupils]) - Number(cells(a)[pupils]))[0]
	writeFileSync(file, [lines[0], cells(largest).map((c, i) => (i === column ? '1' : c)).join(',')].join('\n'))
	execFileSync(SHUREN, ['import', place, 'school_resources', file], { stdio: ['ignore', 'ignore', 'inherit'] })
}

export async function serveDemo() {
	const folder = mkdtempSync(join(tmpdir(), 'shuren-web-'))
	const place = join(folder, 'place')
	execFileSync(SHUREN, ['demo', place, '--size', 'sample'], { stdio: ['ignore', 'ignore', 'inherit'] })
	makeOneSchoolFail(place, folder)
	const table = execFileSync(SHUREN, ['user', place, 'samples'], { encoding: 'utf8' })
	const accounts = new Map(table.split('\n').slice(1).filter(Boolean).map((line) => line.split(/\s+/)).map(([login, password]) => [login, password]))
	const server = spawn(SHUREN, ['serve', place, '--listen', '127.0.0.1:0', '--web', 'web/dist', '--quiet', '--lang', 'en'], { stdio: ['ignore', 'pipe', 'inherit'] })
	const base = await new Promise((done, failed) => {
		let text = ''
		server.stdout.on('data', (part) => {
			text += part
			const found = text.match(/http:\/\/[\d.]+:\d+/)
			if (found) done(found[0])
		})
		server.on('exit', (code) => failed(new Error(`the server ended with ${code}`)))
	})
	return {
		base,
		password: (login) => accounts.get(login),
		stop: async () => {
			server.removeAllListeners('exit')
			const gone = new Promise((done) => server.on('exit', done))
			server.kill('SIGTERM')
			await gone
			rmSync(folder, { recursive: true })
		},
	}
}
