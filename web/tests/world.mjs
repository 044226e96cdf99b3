// What all journeys stand on: a served demo city, Chromium, signing in, pictures, and what no page may do.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { after, before } from 'node:test'
import { chromium } from 'playwright-core'
import { serveDemo } from './served.mjs'

const SCREENS = process.env.SCREENS
const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
export const EVALUATION = 'compulsory-balance-2017'
export const DESK = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }
export let city
let browser
/** Requests to other servers; what pages threw. */
export const strangers = []
export const faults = []

before(async () => {
	city = await serveDemo()
	browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
	if (SCREENS) mkdirSync(SCREENS, { recursive: true })
})
after(async () => {
	await browser?.close()
	await city?.stop()
})

/** A page of nobody's, watched for what no page may do. */
export async function visit(path, viewport = DESK) {
	const context = await browser.newContext({ viewport, locale: 'zh-CN', acceptDownloads: true })
	const page = await context.newPage()
	page.on('request', (r) => !r.url().startsWith(city.base) && !/^(data|blob):/.test(r.url()) && strangers.push(r.url()))
	page.on('pageerror', (e) => faults.push(`${page.url()}: ${e.message}`))
	await page.goto(city.base + path)
	return page
}

export async function signIn(login, viewport = DESK) {
	const page = await visit('/sign-in', viewport)
	await page.fill('#login', login)
	await page.fill('#password', city.password(login))
	await page.click('button[type=submit]')
	await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
	return page
}

export async function open(page, path) {
	await page.goto(city.base + path)
	await page.locator('h1').waitFor()
	await page.waitForLoadState('networkidle')
	assert.deepEqual(await page.locator('[role=alert]').allTextContents(), [], path)
}

export const picture = (page, name) => (SCREENS ? page.screenshot({ path: `${SCREENS}/${name}.png` }) : null)

export async function seriousFaults(page) {
	await page.evaluate(axe)
	const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
	return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 120))}`)
}

/** Ask again until it is so: the page's content policy allows no waitForFunction. */
export async function until(is, seconds = 20) {
	for (const end = Date.now() + seconds * 1000; !(await is()); ) {
		assert.ok(Date.now() < end, 'waited in vain')
		await new Promise((go) => setTimeout(go, 50))
	}
}

/** An answer of the API to who is signed in on the page. */
export const ask = async (page, path) => (await page.request.get(`${city.base}${path}`)).json()
