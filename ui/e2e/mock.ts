import { resolve } from 'node:path'
import { freePort, PASSWORD, type Running, start } from './process'

const script = resolve(import.meta.dirname, '../mock/server.mjs')

export async function startMock(): Promise<Running> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = { PORT: String(port), CUSTOMPBX_ADMIN_PASSWORD: PASSWORD }
  return { url, stop: await start(process.execPath, [script], env, `${url}/cweb/`) }
}
