// A small demo city that is served, with an account for each role; made anew for each run and gone afterwards.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SHUREN = process.env.SHUREN ?? 'build/shuren'

export async function serveDemo() {
	const folder = mkdtempSync(join(tmpdir(), 'shuren-web-'))
	const place = join(folder, 'place')
	execFileSync(SHUREN, ['demo', place, '--size', 'sample'], { stdio: ['ignore', 'ignore', 'inherit'] })
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
