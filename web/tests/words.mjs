// Words stand in pairs: no English half has Chinese in it, and no Chinese stands outside of a pair.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'

const SRC = new URL('../src/', import.meta.url)
const HAN = /\p{Script=Han}/u
const files = readdirSync(SRC, { recursive: true }).filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('schema.ts'))

test('every word of the frame has its English, and stands nowhere else', () => {
	const bad = []
	for (const name of files) {
		const text = readFileSync(new URL(name, SRC), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '').replace(/<!--[\s\S]*?-->/g, '')
		const pairs = /\[\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1,\s*(['"`])((?:(?!\3)[^\\]|\\.)*)\3,?\s*\]/g
		for (const [, , zh, , en] of text.matchAll(pairs)) if (HAN.test(en) && zh !== 'English') bad.push(`${name}: ${en}`)
		const rest = text.replace(pairs, '')
		// Between the characters of a list, and as the example of what is typed.
		for (const line of rest.split('\n')) if (HAN.test(line) && !/晋S|'树人'|placeholder=/.test(line)) bad.push(`${name}: ${line.trim()}`)
	}
	assert.deepEqual(bad, [])
})
