import { t } from '../i18n'
import styles from './state-word.module.css'

/** The state as a word and a colour, never a colour alone. */
export function StateWord({ enabled }: { enabled: boolean }) {
  const state = enabled ? 'enabled' : 'disabled'
  return <span className={styles[state]}>{t(`state.${state}`)}</span>
}
