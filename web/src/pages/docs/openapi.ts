/* What of OpenAPI 3.1 the server's description uses, and its shapes as text that people read. */
export interface Schema {
	$ref?: string
	type?: string | string[]
	enum?: string[]
	anyOf?: Schema[]
	allOf?: Schema[]
	items?: Schema
	properties?: Record<string, Schema>
	required?: string[]
	additionalProperties?: boolean | Schema
	minimum?: number
	maximum?: number
}
export interface Operation {
	summary: string
	description: string
	security: unknown[]
	'x-right'?: { on: string; may: string }
	parameters?: { name: string; in: string; required: boolean; description?: string; schema: Schema }[]
	requestBody?: { content: Record<string, { schema?: Schema }> }
	responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>
}
export interface Description {
	info: { title: string; version: string }
	paths: Record<string, Record<string, Operation>>
	components: { schemas: Record<string, Schema> }
}

/** Deeper parts are named and not spelled out; a shape that holds itself ends there, too. */
const DEPTH = 4

/** A shape as JSON with types in the place of values: `"id": text`; `?` behind a key that may be absent. */
export function shapeText(schema: Schema | undefined, all: Record<string, Schema>, depth = 0): string {
	if (!schema) return ''
	if (schema.$ref) {
		const name = schema.$ref.split('/').pop()!
		return depth >= DEPTH ? name : shapeText(all[name], all, depth)
	}
	if (schema.anyOf) return schema.anyOf.map((part) => shapeText(part, all, depth)).join(' | ')
	if (schema.allOf) return schema.allOf.map((part) => shapeText(part, all, depth)).join(' & ')
	if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
	if (schema.items) return `[${shapeText(schema.items, all, depth)}]`
	if (schema.properties) {
		const pad = '  '.repeat(depth + 1)
		const lines = Object.entries(schema.properties).map(([name, part]) => {
			const mark = schema.required?.includes(name) ? '' : '?'
			return `${pad}"${name}"${mark}: ${shapeText(part, all, depth + 1)}`
		})
		return `{\n${lines.join(',\n')}\n${'  '.repeat(depth)}}`
	}
	if (schema.additionalProperties && typeof schema.additionalProperties === 'object') {
		return `{"…": ${shapeText(schema.additionalProperties, all, depth + 1)}}`
	}
	return Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type ?? 'any'
}

export interface Entry {
	method: string
	path: string
	operation: Operation
}

/** The routes by the first word behind /api/, in the order of the description. */
export function groupsOf(description: Description): { name: string; entries: Entry[] }[] {
	const groups = new Map<string, Entry[]>()
	for (const [path, methods] of Object.entries(description.paths))
		for (const [method, operation] of Object.entries(methods)) {
			const name = path.startsWith('/api/') ? path.split('/')[2]! : path.slice(1)
			groups.set(name, [...(groups.get(name) ?? []), { method: method.toUpperCase(), path, operation }])
		}
	return [...groups].map(([name, entries]) => ({ name, entries }))
}
