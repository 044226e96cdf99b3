import { shallowRef } from 'vue'
import { api } from '@/api/client'
import type { About } from '@/api/schema'
import { t } from '@/shell/words'

/** Which place this is: its title, its city, whether it is invented. Known before signing in. */
export const about = shallowRef<About | null>(null)

export async function knowAbout() {
	if (about.value) return
	about.value = await api.get<About>('/api/about')
	document.title = `${about.value.title} · ${t('product')}`
}
