import { useParams } from '@tanstack/react-router'

/** The instance whose pages are shown. */
export function useInstance(): string {
  const { instance } = useParams({ strict: false })
  if (instance === undefined) throw new Error('useInstance is for pages below /i/$instance')
  return instance
}
