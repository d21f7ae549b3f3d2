import { defineConfig } from '@playwright/test'
import type { Options } from './e2e/fixtures'

/** `mock` needs only a build of the UI; `server` needs the real binary too and is skipped without it. */
export default defineConfig<object, Options>({
  testDir: 'e2e',
  outputDir: 'test-results',
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  timeout: 30_000,
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    // Without pictures: filming each test costs more than the tests do.
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'mock', use: { target: 'mock' } },
    { name: 'server', testDir: 'e2e/both', use: { target: 'server' } },
  ],
})
