import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** The first paint waits for the entry module, which sets the saved theme: no flash of the other one. */
function renderAfterTheme(): Plugin {
  return {
    name: 'render-after-theme',
    transformIndexHtml: {
      order: 'post',
      handler: (html) =>
        html.replace('<script type="module"', '<script blocking="render" type="module"'),
    },
  }
}

const server = process.env.CUSTOMPBX_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/cweb/',
  plugins: [react(), renderAfterTheme()],
  build: {
    target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
    sourcemap: false,
    // The server's Content-Security-Policy has no `data:` for fonts and no inline script.
    assetsInlineLimit: 0,
    // One small file, so that the order of rules does not depend on which page came first.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
  server: {
    // With the page's own host: the server takes no changes from pages of other origins.
    proxy: { '/api': { target: server }, '/ws': { target: server, ws: true } },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
  },
})
