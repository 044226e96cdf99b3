/* What the ledger pages share: a ledger as the API defines it, and how a value of it is shown. */
import { showNumber } from '@/parts/format'
import { words } from '@/words'

export interface Field {
	name: string
	title: string
	type: string
	unit: string | null
	scale: number
	minimum: string | number | null
	maximum: string | number | null
	help: string | null
	required: boolean
	codes: { code: string; title: string }[] | null
	choices: string[] | null
	is_key: boolean
	is_org: boolean
	is_period: boolean
	from_org: string | null
	is_derived: boolean
	is_masked: boolean
	can_sort: boolean
	can_sum: boolean
	can_unseal: boolean
}
export interface Ledger {
	id: string
	title: string
	help: string | null
	source: string | null
	period: string
	periods: string[]
	can: string[]
	fields: Field[]
}
export type Value = string | number | boolean | null
export interface LedgerRow {
	id: string
	version: number
	org: { code: string; name: string } | null
	period: string | null
	updated_at: string
	updated_by: string
	label: string | null
	values: Record<string, Value>
	masked: string[]
}

const t = words({ yes: ['是', 'Yes'], no: ['否', 'No'] })

export const isNumeric = (field: Field) => field.type === 'integer' || field.type === 'decimal'

/** A whole number without a unit, between 1000 and 2999: a year, written without a comma and never summed. */
export const isYear = (field: Field) => field.type === 'integer' && !field.unit && Number(field.minimum) >= 1000 && field.maximum !== null && Number(field.maximum) <= 2999

export function showValue(field: Field, value: Value | undefined, isMasked = false): string {
	if (isMasked) return '＊＊＊'
	if (value === null || value === undefined) return ''
	if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
	if (field.codes) return field.codes.find((c) => c.code === value)?.title ?? String(value)
	return isNumeric(field) && !isYear(field) ? showNumber(value) : String(value)
}

/** Fields that a person may fill in: the rest follows from them or from where the row stands. */
export const fillable = (fields: readonly Field[]) => fields.filter((f) => !f.is_org && !f.is_period && !f.from_org && !f.is_derived)
