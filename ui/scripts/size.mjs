// Fails when the JavaScript that the first page loads is larger than the limit of design/quality.md.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = 250
const dist = new URL('../dist/', import.meta.url).pathname
const html = readFileSync(join(dist, 'index.html'), 'utf8')
const first = new Set(
  [...html.matchAll(/(?:src|href)="\/cweb\/(assets\/[^"]+\.js)"/g)].map((m) => m[1]),
)

const gzipKb = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1000
const show = (kb, file, note = '') => console.log(`${kb.toFixed(1).padStart(7)} kB  ${file}${note}`)

let total = 0
for (const name of readdirSync(join(dist, 'assets')).sort()) {
  const file = `assets/${name}`
  const kb = gzipKb(file)
  if (first.has(file)) total += kb
  if (/\.(js|css)$/.test(name)) show(kb, file, first.has(file) ? '  (first)' : '')
}
if (first.size === 0) {
  console.error('No script found in dist/index.html. Run `npm run build` first.')
  process.exit(1)
}
show(total, `first route, limit ${LIMIT_KB} kB`)
if (total > LIMIT_KB) process.exit(1)
