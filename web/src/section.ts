/*
 * A section is an entry of the navigation with its pages. To add one: a folder src/pages/NAME with
 *   section.ts      export const section: Section = { … }   (found by src/router.ts, nothing to register)
 *   NamePage.vue    its page(s), loaded when first opened
 */
import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'

export interface Section {
	id: string
	/** Where it stands in the navigation: 总览 10, 台账 20, 指标 30, 国评 40, 任务指标 50, 系统 90. */
	order: number
	title: readonly [zh: string, en: string]
	icon: Component
	/** The first page; every page of the section lies below it. */
	path: string
	/** Shown to those for whom this is true. */
	offered: () => boolean
	/** Has the period of the top bar a meaning here? */
	hasPeriod?: boolean
	/** Absolute paths; components as () => import('./NamePage.vue'). */
	routes: RouteRecordRaw[]
}
