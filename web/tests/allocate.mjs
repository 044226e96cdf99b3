// A plan from the form to the ledger, done in Chromium: node --test-reporter=tap web/tests/allocate.mjs (SHUREN, SCREENS as for journeys.mjs).
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { serveDemo } from './served.mjs'

const SCREENS = process.env.SCREENS
const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
let city, browser
const faults = []

before(async () => {
	city = await serveDemo()
	browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
	if (SCREENS) mkdirSync(SCREENS, { recursive: true })
})
after(async () => {
	await browser?.close()
	await city?.stop()
})

async function signIn(login, viewport = { width: 1440, height: 900 }) {
	const context = await browser.newContext({ viewport, locale: 'zh-CN', acceptDownloads: true })
	const page = await context.newPage()
	page.setDefaultTimeout(90_000)
	page.on('pageerror', (e) => faults.push(`${page.url()}: ${e.message}`))
	await page.goto(`${city.base}/sign-in`)
	await page.fill('#login', login)
	await page.fill('#password', city.password(login))
	await page.click('button[type=submit]')
	await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
	return page
}

async function open(page, path) {
	await page.goto(city.base + path)
	await page.locator('h1').waitFor()
	await page.waitForLoadState('networkidle')
}

const picture = (page, name) => (SCREENS ? page.screenshot({ path: `${SCREENS}/allocate-${name}.png`, fullPage: true }) : null)
const button = (page, name) => page.getByRole('button', { name, exact: true })

async function sound(page, path) {
	await page.evaluate(axe)
	const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
	const serious = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 160))}`)
	assert.deepEqual(serious, [], path)
}

/** Fill the form that is open and wait for the plan; its path. */
async function run(page, name) {
	await page.getByLabel('名称', { exact: true }).fill(name)
	await button(page, '开始计算').click()
	await page.waitForURL(/\/allocate\/\d+$/)
	await page.locator('.card').first().waitFor()
	return new URL(page.url()).pathname
}

let first, second

test('a clerk plans the own county, changes a weight, and sees two plans side by side', async () => {
	const page = await signIn('county-clerk')
	await open(page, '/allocate')
	await page.getByText('还没有方案').waitFor()
	await picture(page, 'empty')
	await page.locator('a.maker').first().click()
	await page.getByLabel('停办一个校点的安置费用').first().waitFor()
	await picture(page, 'new')
	await sound(page, 'new')
	first = await run(page, '演示布局')
	await page.waitForLoadState('networkidle')
	assert.match(await page.locator('.gap').innerText(), /^已证明/)
	await picture(page, 'places')
	await sound(page, 'plan')

	await button(page, '改参数另算').click()
	const closing = page.getByRole('textbox', { name: '停办一个校点的安置费用' }).or(page.getByRole('spinbutton', { name: '停办一个校点的安置费用' })).first()
	await closing.fill('400000000')
	await closing.press('Tab')
	await page.getByText('原 3,000,000').waitFor()
	second = await run(page, '演示布局不停办')
	assert.equal(await page.locator('.action.close').count(), 0)

	await open(page, '/allocate')
	for (const name of ['演示布局', '演示布局不停办']) await page.locator('label.el-checkbox').filter({ has: page.getByRole('checkbox', { name: `选中 ${name}`, exact: true }) }).click()
	await button(page, '并排比较').click()
	await page.waitForURL(/\/allocate\/compare/)
	await page.locator('.differs').first().waitFor()
	assert.deepEqual(await page.locator('thead a.name').allInnerTexts(), ['演示布局', '演示布局不停办'])
	assert.ok((await page.locator('tbody .differs').count()) > 2)
	await picture(page, 'compare')
	await sound(page, 'compare')
	await page.context().close()
})

test('the plan is asked for, approved by the head with a note, and stands in the ledger', async () => {
	const clerk = await signIn('county-clerk')
	await open(clerk, first)
	await button(clerk, '报审').click()
	await button(clerk, '撤回').waitFor()
	const head = await signIn('county-head')
	await open(head, first)
	await button(head, '不同意').waitFor()
	assert.equal(await button(head, '不同意').isDisabled(), true)
	await head.getByLabel('意见').fill('同意，先做两所')
	await button(head, '同意').click()
	await head.getByText('意见: 同意，先做两所').waitFor()
	assert.equal(await button(head, '同意').count(), 0)
	await picture(head, 'approved')
	await head.getByRole('link', { name: '在台账里看这些行' }).click()
	await head.waitForURL(/\/ledgers\/proposals/)
	await head.locator('tbody tr.row').first().waitFor()
	const rows = (await (await head.request.get(`${city.base}/api/ledgers/proposals/rows?limit=500&filter=proposal:eq:演示布局`)).json()).items
	const plan = await (await head.request.get(`${city.base}/api${first.replace('allocate', 'plans')}`)).json()
	assert.equal(rows.length, plan.result.proposed)
	assert.deepEqual([...new Set(rows.map((r) => `${r.state} ${r.version} ${r.values.opinion}`))], ['approved 2 同意，先做两所'])
	const [file] = await Promise.all([clerk.waitForEvent('download'), button(clerk, '导出 Excel').click()])
	assert.equal(file.suggestedFilename(), '演示布局.xlsx')
	await clerk.context().close()
	await head.context().close()
})

test('what cannot be kept says which rule to relax; a run that fails says why', async () => {
	const page = await signIn('county-clerk')
	await open(page, '/allocate/new?kind=places')
	await page.getByText('其他参数').click()
	for (const box of await page.getByRole('spinbutton', { name: /^单程上学时间上限/ }).or(page.locator('input[aria-label^="单程上学时间上限"]')).all()) {
		await box.fill('2')
		await box.press('Tab')
	}
	await run(page, '演示限时')
	await page.getByText('有规则不能满足，可以这样放宽').waitFor()
	assert.match(await page.locator('.said').innerText(), /可放宽/)
	await picture(page, 'short')
	await open(page, '/allocate/new?kind=places')
	await button(page, '加一条').click()
	await page.getByLabel('校点或社区代码').fill('nowhere')
	await page.getByLabel('名称', { exact: true }).fill('演示错')
	await button(page, '开始计算').click()
	await page.getByText("'nowhere'").waitFor()
	await picture(page, 'failed')
	await page.context().close()
})

test('teachers, the path to pass and the forecast, and all of it on a telephone', async () => {
	const page = await signIn('county-clerk')
	const paths = [first]
	for (const kind of ['teachers', 'pass']) {
		await open(page, `/allocate/new?kind=${kind}`)
		paths.push(await run(page, `演示${kind}`))
		await page.waitForLoadState('networkidle')
		await picture(page, kind)
	}
	await open(page, '/allocate/new?kind=forecast')
	await page.getByLabel('名称', { exact: true }).fill('演示预测')
	await button(page, '开始计算').click()
	await page.waitForURL(/\/allocate\/\d+$/)
	await page.locator('figure').first().waitFor()
	paths.push(new URL(page.url()).pathname)
	await picture(page, 'forecast')
	await page.setViewportSize({ width: 390, height: 844 })
	for (const path of [...paths, '/allocate', '/allocate/new?kind=teachers', `/allocate/compare?ids=${first.split('/').pop()},${second.split('/').pop()}`]) {
		await open(page, path)
		const wide = await page.evaluate(() => document.documentElement.scrollWidth)
		await picture(page, `390-${path.replace(/\W+/g, '-')}`)
		assert.ok(wide <= 390, `${path} is ${wide} px wide`)
	}
	await page.context().close()
})

let long

test('ten years of one county: the clerk sees what is done in which year and why, the head approves', async () => {
	const page = await signIn('county-clerk')
	await open(page, '/allocate')
	await page.locator('a.maker', { hasText: '今后 10 年' }).click()
	await page.getByRole('spinbutton', { name: '年数', exact: true }).waitFor()
	await picture(page, 'new-years')
	long = await run(page, '演示十年布局')
	await page.waitForLoadState('networkidle')
	const steps = page.locator('section[aria-label^="逐年安排"]')
	const plan = await (await page.request.get(`${city.base}/api${long.replace('allocate', 'plans')}`)).json()
	assert.equal(new Set(plan.result.years.map((y) => y.year)).size, 10)
	assert.ok(plan.result.steps.length > 0)
	const year = plan.result.steps.at(-1).year
	assert.match(await steps.locator('tbody .reason').first().innerText(), /一直维持现状/)
	assert.match(await page.locator('section[aria-label^="各社区哪年改去"] tbody .reason').first().innerText(), /学位|学段|千米/)
	await picture(page, 'years')
	await sound(page, 'years')
	await steps.locator('label.el-radio-button', { hasText: String(year) }).click()
	assert.deepEqual([...new Set(await steps.locator('tbody tr td:first-child').allInnerTexts())], [String(year)])
	await button(page, '报审').click()
	await button(page, '撤回').waitFor()
	await page.context().close()
	const head = await signIn('county-head')
	await open(head, long)
	await head.locator('section[aria-label^="逐年安排"] tbody tr').first().waitFor()
	await button(head, '同意').click()
	await button(head, '同意').waitFor({ state: 'detached' })
	const rows = (await (await head.request.get(`${city.base}/api/ledgers/proposals/rows?limit=500&filter=proposal:eq:演示十年布局`)).json()).items
	assert.equal(rows.length, plan.result.proposed)
	assert.ok(rows.every((r) => r.state === 'approved' && /20\d\d 年/.test(r.values.reason)))
	await head.context().close()
})

test('the curve offers points; picking one starts the plan of that point', async () => {
	const page = await signIn('county-clerk')
	await open(page, '/allocate/new?kind=curve')
	await page.getByLabel('名称', { exact: true }).fill('演示取舍')
	await button(page, '开始计算').click()
	await page.waitForURL(/\/allocate\/\d+$/)
	await page.locator('[role=img][aria-label="费用与路程取舍"] canvas').waitFor()
	const points = page.locator('section[aria-label="多花钱能少走多少路"] input[type=radio]')
	assert.ok((await points.count()) >= 3)
	await points.last().check()
	await page.getByText(/比现行参数的方案每年/).waitFor()
	await picture(page, 'curve')
	await sound(page, 'curve')
	const curve = await (await page.request.get(`${city.base}/api/plans/${page.url().split('/').pop()}`)).json()
	await button(page, '按这一点做方案').click()
	await page.locator('.card').first().waitFor()
	const made = await (await page.request.get(`${city.base}/api/plans/${page.url().split('/').pop()}`)).json()
	const point = curve.result.curve.at(-1)
	assert.equal(made.name, `演示取舍 ×${point.weight}`)
	const sites = made.result.figures.filter((f) => f.figure === 'km' && f.after !== null)
	assert.ok(sites.length > 0)
	assert.ok(made.request.weights.length > 0 && made.request.weights.every((w) => w.parameter === 'places.travel_cost'))
	await page.context().close()
})

test('more places, a ban of one purchase, years of the path to pass, and zones on a map', async () => {
	const page = await signIn('county-clerk')
	await open(page, '/allocate/new?kind=places')
	await page.locator('.el-select', { has: page.getByRole('combobox', { name: '另要新增学位' }) }).click()
	await page.getByRole('option', { name: '小学', exact: true }).click()
	const more = page.getByLabel('新增多少个')
	await more.fill('90')
	await more.press('Tab')
	const added = await run(page, '演示增学位')
	const places = (await (await page.request.get(`${city.base}/api${added.replace('allocate', 'plans')}`)).json()).result.figures.find((f) => f.figure === 'places' && f.stage === 'primary')
	assert.ok(places.after >= places.before + 90, JSON.stringify(places))
	await open(page, '/allocate/new?kind=places')
	await page.locator('.el-select', { has: page.getByRole('combobox', { name: '另要新增学位' }) }).click()
	await page.getByRole('option', { name: '小学', exact: true }).click()
	await more.fill('999999')
	await more.press('Tab')
	await page.getByLabel('名称', { exact: true }).fill('演示增太多')
	await button(page, '开始计算').click()
	await page.getByText(/最多再增 \d+ 个学位, 比要求的 999999 个少/).waitFor()
	await picture(page, 'too-many')

	await open(page, '/allocate/new?kind=pass&years=3')
	const pass = await run(page, '演示三年达标')
	await page.waitForLoadState('networkidle')
	await picture(page, 'pass-years')
	const bought = (await (await page.request.get(`${city.base}/api${pass.replace('allocate', 'plans')}`)).json()).result
	assert.equal(new Set(bought.years.map((y) => y.year)).size, 3)

	await open(page, '/allocate/new?kind=zone')
	const zone = await run(page, '演示学区')
	await page.locator('[role=img][aria-label="校点和社区"] canvas').waitFor()
	await page.waitForLoadState('networkidle')
	await picture(page, 'zone')
	await sound(page, 'zone')
	await page.setViewportSize({ width: 390, height: 844 })
	for (const path of [long, pass, zone, '/allocate/new?kind=places&years=10']) {
		await open(page, path)
		const wide = await page.evaluate(() => document.documentElement.scrollWidth)
		await picture(page, `390-more-${path.replace(/\W+/g, '-')}`)
		assert.ok(wide <= 390, `${path} is ${wide} px wide`)
	}
	await page.context().close()
})

test('a clerk of the city plans for all counties: a map of them, and one picked', async () => {
	const page = await signIn('city-clerk')
	await open(page, '/allocate/new?kind=places')
	await run(page, '演示全市布局')
	await page.locator('[role=img][aria-label="各县区动作数"] svg').waitFor()
	await page.waitForLoadState('networkidle')
	await picture(page, 'city')
	await sound(page, 'city')
	const all = await page.locator('section[aria-label="要做什么，为什么"] tbody tr').count()
	await page.locator('.tools .county.el-select').click()
	await page.getByRole('option', { name: '离石区', exact: true }).click()
	await page.locator('[role=img][aria-label="各县区动作数"]').waitFor({ state: 'detached' })
	assert.ok((await page.locator('section[aria-label="要做什么，为什么"] tbody tr').count()) < all)
	await page.context().close()
})

test('the city sees all plans, in English too, and no page threw', async () => {
	const page = await signIn('city-head')
	await page.evaluate(() => localStorage.setItem('shuren.lang', 'en'))
	await open(page, '/allocate')
	await page.getByRole('link', { name: '演示布局', exact: true }).click()
	await page.getByText('Before and after').first().waitFor()
	await page.waitForLoadState('networkidle')
	await picture(page, 'english')
	assert.equal(await page.getByRole('button', { name: 'Change and run again' }).count(), 0)
	await page.context().close()
	assert.deepEqual(faults, [])
})
