// Fails when a first visit to any page loads more JavaScript than design/quality.md allows.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = 250
const assets = new URL('../dist/assets/', import.meta.url).pathname
const html = readFileSync(new URL('../dist/index.html', import.meta.url), 'utf8')

const chunks = new Map()
for (const name of readdirSync(assets).filter((file) => file.endsWith('.js'))) {
  const code = readFileSync(join(assets, name), 'utf8')
  const names = (pattern) => [...code.matchAll(pattern)].map((match) => match[1])
  chunks.set(name, {
    kb: gzipSync(code, { level: 9 }).length / 1000,
    needs: names(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g),
    mayLoad: names(/import\(\s*["'`]\.\/([\w.-]+\.js)["'`]/g),
  })
}

function closure(start, into = new Set()) {
  for (const name of start) {
    if (into.has(name) || !chunks.has(name)) continue
    into.add(name)
    closure(chunks.get(name).needs, into)
  }
  return into
}

const sum = (names) => [...names].reduce((kb, name) => kb + chunks.get(name).kb, 0)
const show = (kb, text) => console.log(`${kb.toFixed(1).padStart(7)} kB  ${text}`)

const entry = closure(
  [...html.matchAll(/\/cweb\/assets\/([\w.-]+\.js)"/g)].map((match) => match[1]),
)
const pages = new Set([...entry].flatMap((name) => chunks.get(name).mayLoad))
if (entry.size === 0 || pages.size === 0) throw new Error('dist/ has no entry or no pages.')

show(sum(entry), 'before any page')
let worst = 0
for (const page of pages) {
  const kb = sum(closure([page], new Set(entry)))
  worst = Math.max(worst, kb)
  show(kb, `with ${page}`)
}
show(worst, `is the most, of ${LIMIT_KB} kB`)
if (worst > LIMIT_KB) process.exit(1)
