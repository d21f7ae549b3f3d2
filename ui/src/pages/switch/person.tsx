import { Verbatim } from '../../ui/verbatim'
import styles from './tab.module.css'

interface Props {
  name: string | null
  number: string | null
}

/** Somebody by name and number; both come from outside. */
export function Person({ name, number }: Props) {
  const named = name && name !== number
  return (
    <span className={styles.person}>
      {named && <Verbatim text={name} />}
      {(number || !named) && (
        <Verbatim text={number ?? '–'} className={named ? styles.number : undefined} />
      )}
    </span>
  )
}
