import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort, PASSWORD, type Running, start } from './process'

const ui = resolve(import.meta.dirname, '..')
const binary = resolve(ui, process.env.CUSTOMPBX_BIN ?? '../target/release/custompbx')
const vanilla = resolve(ui, '../crates/testkit/fixtures/vanilla-conf')

/** Why the real server cannot be tested here; null when it can. */
export function missingServer(): string | null {
  if (!existsSync(binary))
    return `No binary at ${binary}: cargo build --release, or set CUSTOMPBX_BIN.`
  if (!existsSync(vanilla)) return `No configuration to import at ${vanilla}.`
  return null
}

/** The real binary on free ports, with FreeSWITCH's own example configuration in a fresh database. */
export async function startServer(): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'custompbx-e2e-'))
  const port = await freePort()
  const env = {
    CUSTOMPBX_ADMIN_PASSWORD: PASSWORD,
    CUSTOMPBX__WEBSERVER__PORT: String(port),
    CUSTOMPBX__XML_CURL_SERVER__PORT: String(await freePort()),
  }
  const url = `http://127.0.0.1:${port}`
  const clean = () => rmSync(dir, { recursive: true, force: true })
  try {
    execFileSync(binary, ['import', '--data-dir', dir, vanilla], {
      env: { ...process.env, ...env },
      stdio: 'pipe',
    })
    const args = ['serve', '--data-dir', dir, '--config', join(dir, 'config.json')]
    const stop = await start(binary, args, env, `${url}/readyz`)
    return { url, stop: () => stop().finally(clean) }
  } catch (error) {
    clean()
    throw error
  }
}
