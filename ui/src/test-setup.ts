import { cleanup } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

// jsdom has no media queries: every test sees a wide screen.
vi.stubGlobal('matchMedia', () => ({
  matches: false,
  addEventListener: () => {},
  removeEventListener: () => {},
}))

afterEach(cleanup)
