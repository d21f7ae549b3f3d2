import { Menu as Base } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx'
import styles from './menu.module.css'
import popup from './popup.module.css'

interface MenuProps {
  label: string
  trigger: ReactNode
  children: ReactNode
}

export function Menu({ label, trigger, children }: MenuProps) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger className={cx(popup.trigger, styles.trigger)} aria-label={label} title={label}>
        {trigger}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner align="end" sideOffset={4} className={popup.positioner}>
          <Base.Popup className={cx(popup.popup, styles.popup)}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export function MenuItem({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Base.Item className={styles.item} onClick={onClick}>
      {children}
    </Base.Item>
  )
}

interface ChoiceProps<T extends string> {
  value: T
  options: { value: T; text: ReactNode }[]
  onChange: (value: T) => void
}

export function MenuChoice<T extends string>({ value, options, onChange }: ChoiceProps<T>) {
  return (
    <Base.RadioGroup value={value} onValueChange={onChange}>
      {options.map((option) => (
        <Base.RadioItem
          key={option.value}
          value={option.value}
          className={styles.item}
          closeOnClick
        >
          <Base.RadioItemIndicator keepMounted className={styles.check}>
            <Check size={14} aria-hidden />
          </Base.RadioItemIndicator>
          {option.text}
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  )
}
