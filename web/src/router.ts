import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { knowSession, session } from '@/api/session'
import type { Section } from '@/section'

const found = import.meta.glob<{ section: Section }>('./pages/*/section.ts', { eager: true })

/** All sections in the order of the navigation. */
export const sections = Object.values(found)
	.map((module) => module.section)
	.sort((a, b) => a.order - b.order)

export const sectionOf = (path: string) => sections.find((s) => path === s.path || path.startsWith(`${s.path}/`)) ?? null

/** The first page that the person may see. */
export const homePath = () => sections.find((s) => s.offered())?.path ?? '/me'

export const router = createRouter({
	history: createWebHistory(),
	routes: [
		{ path: '/sign-in', component: () => import('@/pages/sign-in/SignInPage.vue'), meta: { isOpen: true } },
		{ path: '/docs', component: () => import('@/pages/docs/DocsPage.vue'), meta: { isOpen: true } },
		{ path: '/jobs', component: () => import('@/pages/jobs/JobsPage.vue') },
		{ path: '/me', component: () => import('@/pages/me/MePage.vue') },
		{ path: '/', redirect: () => homePath() },
		...sections.flatMap((s) => s.routes),
		{ path: '/:rest(.*)*', component: () => import('@/pages/lost/LostPage.vue') },
	],
	scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

const signInFor = (to: RouteLocationNormalized) => ({
	path: '/sign-in',
	query: to.fullPath === '/' ? {} : { next: to.fullPath },
})

router.beforeEach(async (to) => {
	if (to.meta.isOpen) return true
	await knowSession()
	// The password that somebody else gave must be changed first: the sign-in page does that, too.
	if (!session.value || session.value.must_change_password) return signInFor(to)
	// '/' was resolved before anybody was known.
	return to.redirectedFrom?.path === '/' && to.path !== homePath() ? homePath() : true
})
