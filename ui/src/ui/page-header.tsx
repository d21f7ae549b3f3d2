import { type ReactNode, useEffect, useRef } from 'react'
import styles from './page-header.module.css'

interface Props {
  above?: ReactNode
  title: ReactNode
  beside?: ReactNode
  children?: ReactNode
}

export function PageHeader({ above, title, beside, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)

  // What had the focus is gone with its page: a screen reader goes on here, not at the top of everything.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [])

  return (
    <header className={styles.header}>
      {above}
      <div className={styles.line}>
        <h1 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h1>
        {beside}
      </div>
      {children}
    </header>
  )
}
