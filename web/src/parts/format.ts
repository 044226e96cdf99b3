import { lang } from '@/words'

/** "403211" → "403,211"; decimals that come as text keep their figures: no money passes through a float. */
export function showNumber(value: number | string | null | undefined, decimals?: number): string {
	if (value === null || value === undefined || value === '') return '—'
	const text = typeof value === 'number' ? (decimals === undefined ? String(value) : value.toFixed(decimals)) : value
	const parts = text.match(/^(-?)(\d+)(\.\d+)?$/)
	if (!parts) return text
	return parts[1] + parts[2].replace(/\B(?=(\d{3})+$)/g, ',') + (parts[3] ?? '')
}

/** An instant of the API in the local time of the browser: 2026-11-24 09:02. */
export function showTime(instant: string | null | undefined): string {
	if (!instant) return '—'
	const at = new Date(instant)
	if (Number.isNaN(at.getTime())) return instant
	const two = (n: number) => String(n).padStart(2, '0')
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`
}

export function showBytes(bytes: number): string {
	if (bytes < 1024) return `${bytes} B`
	return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / (1 << 20)).toFixed(1)} MB`
}

/** "a、b" in Chinese, "a, b" in English. */
export const joinList = (items: readonly string[]) => items.join(lang.value === 'en' ? ', ' : '、')
