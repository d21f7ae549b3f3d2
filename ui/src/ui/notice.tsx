import type { ReactNode } from 'react'
import styles from './notice.module.css'

interface Props {
  title: string
  text?: ReactNode
  children?: ReactNode
}

/** What stands where there is nothing else to show. */
export function Notice({ title, text, children }: Props) {
  return (
    <div className={styles.notice}>
      <h2>{title}</h2>
      {text !== undefined && <p className={styles.text}>{text}</p>}
      {children !== undefined && <div className={styles.more}>{children}</div>}
    </div>
  )
}
