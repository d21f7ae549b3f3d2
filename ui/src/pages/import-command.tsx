import { CopyButton } from '../ui/copy-button'
import styles from './import-command.module.css'

const COMMAND = 'custompbx import /etc/freeswitch'

export function ImportCommand() {
  return (
    <div className={styles.command}>
      <pre>{COMMAND}</pre>
      <CopyButton text={() => COMMAND} />
    </div>
  )
}
