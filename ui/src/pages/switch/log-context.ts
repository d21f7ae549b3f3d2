import { createContext, useContext } from 'react'
import type { Log } from '../../live/log'

/** The log of the switch that is shown: its rows stay while one looks at other tabs. */
export const LogContext = createContext<Log | null>(null)

export function useLog(): Log {
  const log = useContext(LogContext)
  if (log === null) throw new Error('useLog is for what is on the page of a switch')
  return log
}
