import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export const LOGIN = 'admin'
export const PASSWORD = 'e2e-password-1'
const START_MS = 20_000
const STOP_MS = 5_000

/** Something that serves the UI and the API. */
export interface Running {
  url: string
  stop: () => Promise<void>
}

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('The probe has no port.')
  return address.port
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = sleep(STOP_MS, 'late', { ref: false })
  if ((await Promise.race([gone, late])) === 'late') child.kill('SIGKILL')
}

/** Starts a program and waits until `ready` answers 200. What it printed is shown when it does not. */
export async function start(
  program: string,
  args: string[],
  env: Record<string, string>,
  ready: string,
): Promise<() => Promise<void>> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'pipe' })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline && child.exitCode === null) {
    const response = await fetch(ready).catch(() => null)
    if (response?.status === 200) return () => stop(child)
    await sleep(50)
  }
  await stop(child)
  throw new Error(`${program} did not get ready at ${ready}:\n${output}`)
}
