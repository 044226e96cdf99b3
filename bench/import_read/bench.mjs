// Reads and writes 100,000 rows x 20 columns with exceljs's streaming classes and with ours, in
// turns, on the same workbooks; prints medians and ratios as one JSON object.
//   npm install && node bench.mjs PATH/TO/table-bench [ROWS] [ROUNDS]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [ours, rowText = '100000', roundText = '3'] = process.argv.slice(2)
if (!ours) {
  console.error('usage: node bench.mjs PATH/TO/table-bench [ROWS] [ROUNDS]')
  process.exit(2)
}
const here = dirname(fileURLToPath(import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'shuren-bench-'))
const run = (program, args) => JSON.parse(execFileSync(program, args, { encoding: 'utf8' }))
const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const sides = {
  shuren: args => run(ours, args),
  exceljs: args => run(process.execPath, [join(here, 'exceljs_child.mjs'), ...args]),
}
const taken = {}

try {
  for (let round = 0; round < Number(roundText); round++) {
    for (const [name, side] of Object.entries(sides)) {
      const file = join(folder, `${name}.xlsx`);
      (taken[`${name} write`] ??= []).push(side(['write', file, rowText]))
    }
    // Each reads the other's file and its own: the strings stand in different places in them.
    for (const maker of Object.keys(sides))
      for (const [name, side] of Object.entries(sides)) {
        const result = side(['read', join(folder, `${maker}.xlsx`)])
        if (result.cells !== Number(rowText) * 20) throw new Error(`${name} read ${result.cells} cells`)
        ;(taken[`${name} reads ${maker}'s`] ??= []).push(result)
      }
  }
} finally {
  rmSync(folder, { recursive: true })
}
const figures = {}
for (const [name, results] of Object.entries(taken))
  figures[name] = { seconds: median(results.map(r => r.seconds)), rss_mb: Math.round(median(results.map(r => r.rss_kb)) / 1024) }
const ratio = (a, b) => Number((figures[a].seconds / figures[b].seconds).toFixed(1))
console.log(JSON.stringify({
  rows: Number(rowText),
  cells: Number(rowText) * 20,
  figures,
  times_faster: {
    write: ratio('exceljs write', 'shuren write'),
    "read exceljs's": ratio("exceljs reads exceljs's", "shuren reads exceljs's"),
    "read shuren's": ratio("exceljs reads shuren's", "shuren reads shuren's"),
  },
}, null, 1))
