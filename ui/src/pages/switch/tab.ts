import type { Switch } from '../../api/types'

/** What each tab of a switch gets. */
export interface TabProps {
  one: Switch
  /** The filter, as the URL has it. */
  q: string
  onFilter: (q: string) => void
}
