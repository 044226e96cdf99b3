// Writes src/api/schema.ts from docs/openapi.json: the API's shapes as TypeScript. Run it (npm run types) when the API changes.
import { readFileSync, writeFileSync } from 'node:fs'

const here = new URL('.', import.meta.url)
const api = JSON.parse(readFileSync(new URL('../../docs/openapi.json', here), 'utf8'))

const pascal = (name) => name.split('_').map((w) => w[0].toUpperCase() + w.slice(1)).join('')
const scalars = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' }

function type(schema) {
	if (schema.$ref) return pascal(schema.$ref.split('/').pop())
	const several = schema.anyOf ?? schema.allOf
	if (several) return several.map(type).join(schema.anyOf ? ' | ' : ' & ')
	if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(' | ')
	if (!schema.type) return 'unknown'
	const names = [].concat(schema.type).map((name) => {
		if (name === 'array') {
			const of = schema.items ? type(schema.items) : 'unknown'
			return of.includes(' ') ? `(${of})[]` : `${of}[]`
		}
		if (name === 'object') return schema.properties ? inline(schema) : 'Record<string, unknown>'
		return scalars[name]
	})
	return names.join(' | ')
}

function members(schema) {
	const required = new Set(schema.required ?? [])
	return Object.entries(schema.properties ?? {}).map(
		([name, of]) => `${name}${required.has(name) ? '' : '?'}: ${type(of)}`,
	)
}

const inline = (schema) => `{ ${members(schema).join('; ')} }`

let text = '// Written by tools/types.mjs from docs/openapi.json; not by hand.\n'
for (const [name, schema] of Object.entries(api.components.schemas))
	text += `\nexport interface ${pascal(name)} {\n${members(schema).map((m) => `\t${m}\n`).join('')}}\n`
writeFileSync(new URL('../src/api/schema.ts', here), text)
