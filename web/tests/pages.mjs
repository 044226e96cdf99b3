// Every page: marked as demo data, no serious accessibility fault, fits a telephone, speaks English, says how it stands.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DESK, EVALUATION, PHONE, ask, city, open, picture, seriousFaults, signIn, until, visit } from './world.mjs'
import { ALMOST } from './served.mjs'

async function pagesOf(page, login) {
	if (login !== 'city-head') return PAGES[login]
	const school = (await ask(page, '/api/ledgers/school_resources/rows?limit=1&org=' + ALMOST)).items[0].org.code
	return [...PAGES[login], ['unit', `/evaluations/${EVALUATION}/units/${school}`]]
}
const PAGES = {
	'city-head': [
		['overview', '/overview'],
		['ledgers', '/ledgers'],
		['rows', '/ledgers/school_resources'],
		['imports', '/ledgers/imports'],
		['indicators', '/indicators'],
		['indicator', '/indicators/preschool.public_share'],
		['evaluation', `/evaluations/${EVALUATION}`],
		['county', `/evaluations/${EVALUATION}/areas/${ALMOST}`],
		['scenarios', '/evaluations/scenarios'],
		['promises', '/promises'],
		['promise', '/promises/balance-2026'],
		['me', '/me'],
	],
	'county-clerk': [['import', '/ledgers/school_resources/import']],
	'school-clerk': [['school-ledgers', '/ledgers']],
	'system-officer': [
		['accounts', '/system?tab=users'],
		['roles', '/system?tab=roles'],
		['packs', '/system?tab=packs'],
		['map', '/system?tab=map'],
		['backups', '/system?tab=backups'],
	],
	'security-officer': [['password-rules', '/system?tab=rules']],
	'audit-officer': [
		['rights', '/system?tab=rights'],
		['audit', '/system?tab=audit'],
	],
}

for (const login of Object.keys(PAGES))
	test(`${login}: pages are marked as demo data, without a serious accessibility fault, and fit a telephone`, async () => {
		const page = await signIn(login)
		for (const [name, path] of await pagesOf(page, login)) {
			await page.setViewportSize(DESK)
			await open(page, path)
			assert.equal(await page.locator('header .demo').textContent(), '演示数据', path)
			await picture(page, name)
			assert.deepEqual(await seriousFaults(page), [], path)
			await page.setViewportSize(PHONE)
			await page.waitForTimeout(150)
			await picture(page, `${name}-390`)
			const wide = await page.evaluate(() => document.documentElement.scrollWidth)
			assert.ok(wide <= PHONE.width, `${path} is ${wide} px wide`)
		}
		await page.context().close()
	})

test('the wall shows the overview at 1920×1080 without scrolling, and its tiles lead down', async () => {
	const page = await signIn('city-head', { width: 1920, height: 1080 })
	await open(page, '/wall')
	await page.locator('.map [role=img] svg').waitFor()
	assert.equal(await page.locator('.demo').textContent(), '演示数据')
	assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollHeight, document.documentElement.scrollWidth]), [1080, 1920])
	await picture(page, 'wall')
	assert.deepEqual(await seriousFaults(page), [])
	await page.locator('.map .list a').first().click()
	await page.waitForURL(/\/areas\//)
	await page.context().close()
})

test('the sign-in page has no serious accessibility fault', async () => {
	const page = await signIn('city-head')
	await page.context().clearCookies()
	await page.goto(`${city.base}/sign-in`)
	await page.locator('#login').waitFor()
	await picture(page, 'sign-in')
	assert.deepEqual(await seriousFaults(page), [])
	await page.context().close()
})

test('the frame speaks English when it is asked to', async () => {
	const page = await signIn('city-head')
	await page.evaluate(() => localStorage.setItem('shuren.lang', 'en'))
	for (const path of ['/overview', '/indicators', '/evaluations/scenarios']) {
		await open(page, path)
		assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
		for (const where of ['nav[aria-label="Main navigation"]', 'h1', '.el-button', '.demo'])
			for (const text of await page.locator(where).allInnerTexts()) assert.doesNotMatch(text, /\p{Script=Han}/u, `${path} ${where}`)
	}
	await picture(page, 'english')
	await page.context().close()
})

test('waiting, failing, empty and not allowed each have their look', async () => {
	const page = await signIn('city-head')
	let answer
	const held = new Promise((go) => (answer = go))
	await page.route('**/api/indicators', async (route) => {
		await held
		await route.abort()
	})
	await page.goto(`${city.base}/indicators`)
	await page.getByText('正在读取').waitFor()
	await picture(page, 'state-waiting')
	answer()
	await page.getByText('连不上服务器').waitFor()
	await picture(page, 'state-failing')
	await page.unroute('**/api/indicators')
	await page.getByRole('button', { name: '重试' }).click()
	await page.locator('section.theme').first().waitFor()
	await open(page, '/evaluations/scenarios')
	await page.getByText('还没有方案').waitFor()
	await picture(page, 'state-empty')
	await page.goto(`${city.base}/system`)
	await page.getByRole('heading', { name: '没有权限' }).waitFor()
	await picture(page, 'state-forbidden')
	await page.goto(`${city.base}/nowhere`)
	await page.getByText('没有这个页面').waitFor()
	await page.context().close()
})

test('a table of 300,000 rows follows the scroll bar and the keys', async () => {
	const COUNT = 300_000
	const page = await signIn('city-head')
	const one = (await ask(page, '/api/ledgers/school_resources/rows?limit=1')).items[0]
	await page.route('**/api/ledgers/school_resources/rows?*', async (route) => {
		const query = new URL(route.request().url()).searchParams
		const [skip, limit] = [Number(query.get('skip') ?? 0), Number(query.get('limit'))]
		const items = Array.from({ length: Math.min(limit, COUNT - skip) }, (_, k) => ({ ...one, id: String(skip + k), org: { code: one.org.code, name: `第 ${skip + k} 行` } }))
		await route.fulfill({ json: { items, next: null, period: '2025', ...(query.get('count') ? { count: COUNT } : {}) } })
	})
	await page.goto(`${city.base}/ledgers/school_resources`)
	const box = page.locator('.rows .box')
	await page.getByText('第 0 行').waitFor()
	for (const share of [0.5, 1, 0.25]) {
		await box.evaluate((el, s) => (el.scrollTop = (el.scrollHeight - el.clientHeight) * s), share)
		let shown = []
		await until(async () => {
			shown = await page.locator('tr.row:not(.wait)').evaluateAll((rows) => rows.map((r) => Number(r.dataset.i)))
			return shown.length > 20 && Math.min(...shown) <= share * (COUNT - 1) && Math.max(...shown) >= share * (COUNT - 1) - 40
		})
		assert.ok(shown.length < 100, `${shown.length} rows in the document`)
	}
	await page.locator('tr.row').first().focus()
	await page.keyboard.press('End')
	await page.getByText(`第 ${COUNT - 1} 行`).waitFor()
	assert.equal(await page.evaluate(() => document.activeElement.dataset.i), String(COUNT - 1))
	await page.context().close()
})

test('the API is described at /docs, without signing in, without a serious fault, on a telephone too', async () => {
	const page = await visit('/docs')
	const route = page.locator('details', { hasText: '/api/ledgers/{ledger}/rows' }).first()
	await route.locator('summary').click()
	assert.match(await route.innerText(), /"items": \[/)
	await picture(page, 'docs')
	assert.deepEqual(await seriousFaults(page), [])
	await page.setViewportSize(PHONE)
	assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= PHONE.width)
	await page.context().close()
})
