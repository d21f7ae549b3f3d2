import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import styles from './button.module.css'
import { cx } from './cx'

interface Props extends ComponentProps<'button'> {
  kind?: 'primary' | 'plain' | 'quiet'
}

export function Button({ kind = 'plain', className, ...rest }: Props) {
  return <button type="button" className={cx(styles.button, styles[kind], className)} {...rest} />
}

interface IconProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: LucideIcon
  label: string
}

/** An icon alone says nothing to a screen reader, and little to anybody: `label` is both its name and its hint. */
export function IconButton({ icon: Icon, label, className, ...rest }: IconProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(styles.icon, className)}
      {...rest}
    >
      <Icon size={16} aria-hidden />
    </button>
  )
}
