import { useSyncExternalStore } from 'react'

const phone = window.matchMedia('(max-width: 599px)')

function subscribe(listener: () => void): () => void {
  phone.addEventListener('change', listener)
  return () => phone.removeEventListener('change', listener)
}

export const usePhone = (): boolean => useSyncExternalStore(subscribe, () => phone.matches)

/** Rows are touched, not clicked: --row of tokens.css, as a number for the virtual lists. */
export function useRowHeight(): number {
  return usePhone() ? 44 : 32
}
