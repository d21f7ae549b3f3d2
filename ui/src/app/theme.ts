import { useSyncExternalStore } from 'react'

export const themes = ['light', 'dark', 'system'] as const
export type Theme = (typeof themes)[number]

const KEY = 'custompbx.theme'
const listeners = new Set<() => void>()

const isTheme = (value: unknown): value is Theme => themes.includes(value as Theme)

// Storage may be forbidden; the theme then lasts as long as the page.
function read(): Theme {
  try {
    const saved = localStorage.getItem(KEY)
    return isTheme(saved) ? saved : 'system'
  } catch {
    return 'system'
  }
}

let current: Theme = read()

export function applyTheme(): void {
  const root = document.documentElement
  if (current === 'system') delete root.dataset.theme
  else root.dataset.theme = current
}

export function setTheme(theme: Theme): void {
  current = theme
  applyTheme()
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // See above.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => current)
