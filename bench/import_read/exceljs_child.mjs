// exceljs's side, in a process of its own: `node exceljs_child.mjs read|write FILE [ROWS]`.
import ExcelJS from 'exceljs'

const [what, file, rowText] = process.argv.slice(2)
const started = process.hrtime.bigint()
let rows = 0
let cells = 0

if (what === 'read') {
  const book = new ExcelJS.stream.xlsx.WorkbookReader(file, {
    sharedStrings: 'cache', styles: 'cache', hyperlinks: 'ignore', worksheets: 'emit', entries: 'emit',
  })
  for await (const sheet of book)
    for await (const row of sheet) {
      rows++
      row.eachCell(() => { cells++ })
    }
} else {
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: file, useStyles: false, useSharedStrings: false })
  const sheet = book.addWorksheet('数据')
  for (rows = 0; rows < Number(rowText); rows++) {
    const values = []
    for (let column = 0; column < 20; column++, cells++) {
      const value = (rows * 7919 + column * 104729) % 5000
      values.push(column < 8 ? `离石区第${value}小学` : value + (column % 2 ? 0.5 : 0.25))
    }
    sheet.addRow(values).commit()
  }
  await book.commit()
}
const seconds = Number(process.hrtime.bigint() - started) / 1e9
console.log(JSON.stringify({ rows, cells, seconds, rss_kb: process.resourceUsage().maxRSS }))
