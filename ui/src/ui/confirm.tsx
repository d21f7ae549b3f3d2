import type { ReactNode } from 'react'
import { explain } from '../api/errors'
import { t } from '../i18n'
import { Button } from './button'
import styles from './confirm.module.css'
import { Dialog } from './dialog'

interface Props {
  open: boolean
  onClose: () => void
  title: string
  /** What will happen. */
  children: ReactNode
  /** What is done, as a verb. */
  action: string
  onConfirm: () => void
  pending?: boolean
  error?: unknown
  /** Whether it takes something from somebody. */
  danger?: boolean
}

/** Asks once. It stays open when it failed, and says why. */
export function Confirm(props: Props) {
  const {
    open,
    onClose,
    title,
    children,
    action,
    onConfirm,
    pending,
    error,
    danger = false,
  } = props
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <div className={styles.body}>
        {children}
        {error ? (
          <p role="alert" className={styles.failure}>
            {explain(error).happened}
          </p>
        ) : null}
        <div className={styles.actions}>
          <Button onClick={onClose}>{t('confirm.cancel')}</Button>
          <Button
            kind="primary"
            className={danger ? styles.danger : undefined}
            disabled={pending}
            onClick={onConfirm}
          >
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
