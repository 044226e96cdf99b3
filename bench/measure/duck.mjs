// The same sums by DuckDB on the same columns in memory: duck.mjs ROWS.csv RULES.txt ROUNDS
import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

const [csv, rulesPath, rounds] = process.argv.slice(2)
const rules = readFileSync(rulesPath, 'utf8').trim().split('\n')
const db = await (await DuckDBInstance.create(':memory:')).connect()
await db.run(`CREATE TABLE pupils AS SELECT * FROM read_csv('${csv}', types = {'county': 'VARCHAR'})`)
const sql = `SELECT county, ${rules.join(', ')} FROM pupils GROUP BY county`
const taken = []
let sum
for (let i = 0; i < Number(rounds); i++) {
  const start = performance.now()
  const rows = (await db.runAndReadAll(sql)).getRows()
  taken.push((performance.now() - start) / 1000)
  sum = rows.flatMap(r => r.slice(1)).reduce((a, b) => a + Number(b), 0)
}
console.log(JSON.stringify({ duckdb: taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)], sum }))
