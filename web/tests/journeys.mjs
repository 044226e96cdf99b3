// What people do in the page, done in Chromium: node --test-reporter=tap web/tests/journeys.mjs (SHUREN: the program; SCREENS: a folder for pictures).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import './pages.mjs'
import { ALMOST, cells } from './served.mjs'
import { partsOf, workbook } from './workbook.mjs'
import { EVALUATION, ask, city, faults, open, picture, seriousFaults, signIn, strangers, until } from './world.mjs'
import './words.mjs'

test('the head goes down from the city to the row of one school', async () => {
	const page = await signIn('city-head')
	await open(page, '/overview')
	await page.locator('section.map .list a').first().click()
	await page.waitForURL(/\/areas\//)
	await page.locator('.el-switch:not(.clauses-switch)').click()
	await page.locator('a[href*="/units/"]').first().click()
	await page.waitForURL(/\/units\//)
	await page.locator('.numbers input').first().waitFor()
	const school = await page.locator('h1').innerText()
	const code = new URL(page.url()).pathname.split('/').pop()
	await open(page, `/ledgers/school_resources?org=${code}`)
	await page.locator('tbody tr.row').first().click()
	await page.locator('.el-drawer form').waitFor()
	assert.ok(school.includes(await page.locator('tbody tr.row td').first().innerText()))
	await picture(page, 'row')
	await page.context().close()
})

test('an indicator goes down the tree and ends at a row', async () => {
	const page = await signIn('city-head')
	await open(page, '/indicators/preschool.public_share')
	// What has something to show: a place without a public kindergarten has no rows to end at.
	const table = page.locator('.side tbody tr:has(.bar:not([style*="width: 0%"])) a')
	const isAtRows = () => page.getByText('打开这一行').first().isVisible()
	await table.first().waitFor()
	while (!(await isAtRows())) {
		const href = await table.first().getAttribute('href')
		await table.first().click()
		await until(async () => (await isAtRows()) || ((await table.count()) > 0 && (await table.first().getAttribute('href')) !== href))
	}
	await page.getByText('打开这一行').first().click()
	await page.waitForURL(/\/ledgers\/kindergartens\?.*row=/)
	await page.locator('.el-drawer form').waitFor()
	assert.equal(await page.locator('tbody tr.row').count(), 1)
	await page.context().close()
})

test('the map: any layer, a click on a county goes down, the approved one takes the place of the schematic', async () => {
	const page = await signIn('city-head')
	await open(page, '/overview')
	await page.getByText('示意图, 只表示相邻关系').waitFor()
	await page.locator('.map .choice').click()
	await page.getByRole('option', { name: '公办园在园幼儿占比 (%)' }).click()
	await page.locator('.map .whole').getByText('全市').waitFor()
	await picture(page, 'map-layer')
	await page.locator('.map svg text', { hasText: '文水县' }).first().click()
	await page.waitForURL(new RegExp(`/indicators/preschool.public_share\\?org=${ALMOST}`))

	const officer = await signIn('system-officer')
	const { schematic } = await ask(page, '/api/overview')
	const feature = ({ code, row, col }) => ({
		type: 'Feature',
		properties: { adcode: Number(code) },
		geometry: { type: 'Polygon', coordinates: [[[110 + col / 3, 38 - row / 3], [110.3 + col / 3, 38.05 - row / 3], [110.25 + col / 3, 38.3 - row / 3], [110 + col / 3, 38 - row / 3]]] },
	})
	const load = async (features) => {
		await officer.setInputFiles('input[type=file]', { name: '县区.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify({ type: 'FeatureCollection', features })) })
		await officer.getByRole('textbox', { name: '审图号' }).fill('演示(2026)001号')
		await officer.getByRole('button', { name: '检查并装入' }).click()
	}
	await open(officer, '/system?tab=map')
	await load(schematic.slice(1).map(feature))
	await officer.locator('.faults').getByText(schematic[0].code).waitFor()
	await load(schematic.map(feature))
	await officer.getByText('地图已装入').waitFor()
	await officer.locator('.drawn svg').waitFor()
	await picture(officer, 'map-loaded')
	await open(page, '/overview')
	await page.getByText('审图号: 演示(2026)001号').waitFor()
	await picture(page, 'overview-map')
	await officer.getByRole('button', { name: '撤下' }).click()
	await officer.locator('.el-message-box .el-button--primary').click()
	await officer.getByText('没有装入地图').waitFor()
	await officer.context().close()
	await page.context().close()
})

test('what if: a failing county passes and fails again, is kept twice and compared, and nothing is written', async () => {
	const page = await signIn('city-head')
	await open(page, `/evaluations/${EVALUATION}/areas/${ALMOST}`)
	await page.locator('header .fail').waitFor()
	await page.locator('a[href*="/units/"]').first().click()
	const equipment = page.locator('.numbers').first().getByLabel('教学仪器设备值')
	await equipment.waitFor()
	assert.equal(await equipment.inputValue(), '1')
	const judge = page.getByRole('button', { name: '试算', exact: true })
	const verdicts = page.locator('.result > p').first().locator('.heat')
	const tried = async (value, wanted, name) => {
		await equipment.fill(value)
		await judge.click()
		await until(async () => (await verdicts.nth(1).innerText()).includes(wanted))
		assert.match(await verdicts.first().innerText(), /不达标/)
		await page.getByLabel('方案名称').fill(name)
		await page.getByRole('button', { name: '存为方案' }).click()
		await page.getByText('方案已保存').last().waitFor()
	}
	await tried('9000000', '✓', '补足设备')
	await picture(page, 'what-if')
	await tried('2', '✗', '几乎不补')
	await page.getByText('看全部方案').click()
	await page.getByRole('heading', { name: '方案' }).waitFor()
	await page.locator('td .el-checkbox').first().click()
	await page.locator('td .el-checkbox').nth(1).click()
	await page.getByRole('button', { name: '并排比较 (2)' }).click()
	await page.getByRole('heading', { name: '并排比较' }).waitFor()
	await page.locator('tr.sum').first().waitFor()
	const sums = await page.locator('tr.sum').first().locator('td').allInnerTexts()
	assert.deepEqual(sums.map((text) => text.includes('✓')), [false, false, true])
	await picture(page, 'compare')
	assert.deepEqual(await seriousFaults(page), [])
	await open(page, `/evaluations/${EVALUATION}/areas/${ALMOST}`)
	await page.locator('header .fail').waitFor()
	await page.context().close()
})

test('a clerk takes the self-evaluation of the county as a document, and is told when it fails', async () => {
	const page = await signIn('county-clerk')
	await open(page, `/evaluations/${EVALUATION}`)
	await page.locator('a[href*="/areas/"]').first().click()
	const report = page.getByRole('button', { name: '自评报告 docx' })
	await report.waitFor()
	for (const [button, ending, begins] of [
		[report, 'docx', 'PK'],
		[page.getByRole('button', { name: 'pdf', exact: true }), 'pdf', '%PDF-'],
	]) {
		const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
		assert.match(download.suggestedFilename(), new RegExp(`自评报告.*\\.${ending}$`))
		assert.ok(readFileSync(await download.path()).toString('latin1').startsWith(begins))
	}
	await picture(page, 'report')
	await page.route('**/report?*', (r) => r.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"type":"/problems/io","detail":"磁盘已满"}' }))
	await report.click()
	const alert = page.locator('[role=alert]')
	await alert.waitFor()
	assert.match(await alert.innerText(), /自评报告没有生成.*磁盘已满/)
	assert.deepEqual(await seriousFaults(page), [])
	await picture(page, 'report-failed')
	await page.context().close()
})

test('a clerk sees seven bad cells, gets them marked, mends, imports and takes it back', async () => {
	const page = await signIn('county-clerk')
	const ledger = await (await page.request.get(`${city.base}/api/ledgers/school_resources`)).json()
	const text = await (await page.request.get(`${city.base}/api/ledgers/school_resources/export?format=csv`)).text()
	const lines = text.replace(/^\uFEFF/, '').trimEnd().split(/\r?\n/)
	const head = cells(lines[0]).map((h) => h.replaceAll('"', ''))
	const columnOf = (field) => head.findIndex((h) => h.startsWith(ledger.fields.find((f) => f.name === field).title))
	const columns = ['books', 'computers', 'classrooms', 'multimedia_rooms', 'backbone_teachers', 'pe_art_teachers', 'teachers_above_degree'].map(columnOf)
	assert.ok(!columns.includes(-1), lines[0])
	const rows = lines.length - 1
	const plain = (cell) => cell.replace(/^"([\s\S]*)"$/, '$1').replaceAll('""', '"').replace(/^="([\s\S]*)"$/, '$1')
	const with_ = (change) => workbook(lines.map((line, i) => cells(line).map((c, k) => plain(i === 0 ? c : change(c, i, k)))))
	const choose = (name, buffer) => page.setInputFiles('input[type=file]', { name, mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer })

	await open(page, '/ledgers/school_resources/import')
	await choose('坏.xlsx', with_((c, i, k) => (i === 1 && columns.includes(k) ? '很多' : c)))
	const said = page.locator('.el-alert')
	await said.waitFor()
	assert.match(await said.innerText(), /^7 处有误/)
	await picture(page, 'import')
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载标出错误的工作簿' }).click()])
	assert.match(download.suggestedFilename(), /\.xlsx$/)
	const marks = partsOf(readFileSync(await download.path()), /[cC]omments[^/]*\.xml$/).join('').match(/<comment /g)
	assert.equal(marks?.length, 7)
	assert.equal(await page.getByRole('button', { name: '导入', exact: true }).count(), 0)

	await choose('好.xlsx', with_((c, i, k) => (k === columns[0] ? String(Number(c) + 1) : c)))
	await page.locator('.el-alert--success').waitFor()
	assert.ok((await said.innerText()).includes(`新增 0 行, 修改 ${rows} 行, 不变 0 行`), await said.innerText())
	await page.getByRole('button', { name: '导入', exact: true }).click()
	await page.getByRole('button', { name: '撤销' }).first().click()
	await page.locator('.el-message-box .el-button--primary').click()
	await page.getByText('已撤销').first().waitFor()
	const now = await (await page.request.get(`${city.base}/api/ledgers/school_resources/export?format=csv`)).text()
	assert.equal(now.replace(/^\uFEFF/, '').trimEnd().split(/\r?\n/)[1], lines[1])
	await page.context().close()
})

test('a row is changed in its form, and two of its versions stand side by side', async () => {
	const page = await signIn('county-clerk')
	await open(page, '/ledgers/school_resources')
	await page.locator('tbody tr.row').first().click()
	const books = page.locator('.el-drawer form').getByLabel('图书册数')
	const was = Number(await books.inputValue())
	await books.fill(String(was + 7))
	await page.getByRole('button', { name: '保存' }).click()
	await page.locator('.el-drawer form').waitFor({ state: 'detached' })
	await open(page, '/ledgers/school_resources')
	await page.locator('tbody tr.row').first().click()
	assert.equal(await books.inputValue(), String(was + 7))
	await page.getByRole('tab', { name: '历次修改' }).click()
	const versions = page.locator('.el-drawer ol .el-checkbox')
	await versions.nth(1).waitFor()
	await versions.nth(0).click()
	await versions.nth(1).click()
	const cells = await page.locator('.compare tbody tr td').allInnerTexts()
	assert.deepEqual(cells.map((text) => text.replaceAll(',', '')), ['图书册数', String(was), String(was + 7)])
	await picture(page, 'versions')
	assert.deepEqual(await seriousFaults(page), [])
	await page.context().close()
})

test('a school clerk reaches no other school: page, list, count, export or a guessed id', async () => {
	const head = await signIn('city-head')
	const all = (await (await head.request.get(`${city.base}/api/ledgers/school_resources/rows?limit=500&count=1`)).json()).items
	const page = await signIn('school-clerk')
	const session = await (await page.request.get(`${city.base}/api/session`)).json()
	const own = session.org.code
	const other = all.find((row) => row.org.code !== own)
	const ask = (path) => page.request.get(`${city.base}${path}`)
	const mine = await (await ask('/api/ledgers/school_resources/rows?limit=500&count=1')).json()
	assert.ok(mine.items.every((row) => row.org.code === own))
	assert.equal(mine.count, mine.items.length)
	assert.ok(mine.count < all.length)
	assert.equal((await ask(`/api/ledgers/school_resources/rows/${other.id}`)).status(), 404)
	assert.equal((await ask(`/api/orgs/${other.org.code}`)).status(), 404)
	assert.ok(!(await (await ask('/api/ledgers/school_resources/export?format=csv')).text()).includes(other.org.code))
	await page.goto(`${city.base}/ledgers/school_resources?org=${other.org.code}`)
	await page.waitForLoadState('networkidle')
	assert.ok(!(await page.locator('body').innerText()).includes(other.org.name))
	await page.context().close()
	await head.context().close()
})

test('a sealed field is shown for a minute, for a reason, and the reading is in the log', async () => {
	const page = await signIn('bullying-committee')
	const secret = '午休时在操场推搡同学'
	const session = await (await page.request.get(`${city.base}/api/session`)).json()
	const made = await page.request.post(`${city.base}/api/ledgers/bullying_cases/rows`, {
		headers: { 'X-CSRF-Token': session.csrf },
		data: { org: session.org.code, period: '2025-2026', values: { case_no: 'A-1', stage: 'primary', reported_on: '2026-03-02', channel: 'parent', account: secret } },
	})
	assert.equal(made.status(), 201, await made.text())
	await open(page, '/ledgers/bullying_cases')
	await page.locator('tbody tr.row').first().click()
	const field = page.locator('.el-form-item', { hasText: '情况记录' })
	await field.getByText('已加密', { exact: true }).waitFor()
	assert.ok(!(await page.locator('body').innerText()).includes(secret))
	const look = field.getByRole('button', { name: '查看“情况记录”' })
	await look.click()
	const asked = page.locator('.el-message-box')
	await asked.locator('textarea').fill('太短')
	await asked.getByRole('button', { name: '查看', exact: true }).click()
	await asked.getByText('理由至少 10 个字').waitFor()
	await picture(page, 'unseal-asks')
	await asked.locator('textarea').fill('治理组织会议前核对情况记录')
	await asked.getByRole('button', { name: '查看', exact: true }).click()
	await field.getByText(secret).waitFor()
	await field.getByText('这次查看已记入审计日志').waitFor()
	await page.locator('.el-message-box').waitFor({ state: 'hidden' })
	await field.scrollIntoViewIfNeeded()
	await picture(page, 'unsealed')
	assert.deepEqual(await seriousFaults(page), [])
	await page.setViewportSize({ width: 390, height: 844 })
	await field.scrollIntoViewIfNeeded()
	await picture(page, 'unsealed-390')
	await field.getByRole('button', { name: '收起' }).click()
	await field.getByText('已加密', { exact: true }).waitFor()
	await page.route('**/unseal', (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ type: '/problems/forbidden', title: '不允许', status: 403, detail: '您的角色不能查看这一行的 account' }) }))
	await look.click()
	await asked.locator('textarea').fill('治理组织会议前核对情况记录')
	await asked.getByRole('button', { name: '查看', exact: true }).click()
	await field.getByRole('alert').waitFor()
	await picture(page, 'unseal-refused-390')
	const auditor = await signIn('audit-officer')
	const log = (await (await auditor.request.get(`${city.base}/api/audit?action=row.unseal`)).json()).items
	assert.equal(log.length, 1)
	assert.ok(log[0].detail.includes('治理组织会议前核对情况记录') && !log[0].detail.includes(secret))
	await auditor.context().close()
	await page.context().close()
})

test('a large file is looked at by a job, which its owner and the system officer see', async () => {
	const page = await signIn('county-clerk')
	const gardens = (await (await page.request.get(`${city.base}/api/orgs?kind=kindergarten&limit=2&q=${encodeURIComponent('演示')}`)).json()).items
	const lines = gardens.flatMap((g) => Array.from({ length: 6000 }, (_, i) => `${g.code},${2100 + i},public,1,100,4,${'x'.repeat(200)}`))
	const text = ['org,period,sponsor,inclusive,children,classes,note', ...lines].join('\n')
	assert.ok(text.length > 2 << 20)
	await open(page, '/ledgers/kindergartens/import')
	await page.setInputFiles('input[type=file]', { name: 'large.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
	await page.getByText(`没有问题: 新增 ${lines.length} 行`).waitFor({ timeout: 120_000 })
	await page.goto(`${city.base}/jobs`) // a page that listens is never idle
	await page.getByText('检查 幼儿园情况: large.csv').waitFor()
	await page.getByText('已完成').waitFor()
	assert.deepEqual(await seriousFaults(page), [])
	await picture(page, 'jobs')
	const system = await signIn('system-officer')
	await system.goto(`${city.base}/system?tab=jobs`)
	await system.getByText('检查 幼儿园情况: large.csv').waitFor()
	assert.equal(await system.getByRole('button', { name: '下载' }).count(), 0)
	assert.deepEqual(await seriousFaults(system), [])
	await page.context().close()
	await system.context().close()
})

test('the auditor verifies the chain; the officers see their own parts only', async () => {
	const page = await signIn('audit-officer')
	await open(page, '/system')
	await page.getByRole('tab', { name: '审计' }).click()
	await page.getByRole('button', { name: '核对哈希链' }).click()
	await page.getByText('链完整').waitFor()
	await picture(page, 'audit')
	assert.equal(await page.getByRole('tab', { name: '账号' }).count(), 0)
	assert.deepEqual(await seriousFaults(page), [])
	const system = await signIn('system-officer')
	await open(system, '/system')
	await picture(system, 'accounts')
	assert.equal(await system.getByRole('tab', { name: '审计' }).count(), 0)
	assert.deepEqual(await seriousFaults(system), [])
	await page.context().close()
	await system.context().close()
})

test('the overview needs less than 500 kB of compressed script', async () => {
	const page = await signIn('city-head')
	let bytes = 0
	page.on('response', async (r) => {
		if (/\.js$/.test(new URL(r.url()).pathname)) bytes += (await r.request().sizes()).responseBodySize
	})
	await open(page, '/overview')
	assert.ok(bytes < 500_000, `${bytes} bytes`)
	await page.context().close()
})

test('no request left the server and no page threw', () => {
	assert.deepEqual(strangers, [])
	assert.deepEqual(faults, [])
})
