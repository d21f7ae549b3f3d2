import { type ReactNode, useId } from 'react'
import styles from './choice.module.css'

interface Props<V extends string> {
  label: string
  value: V
  options: { value: V; text: ReactNode }[]
  onChange: (value: V) => void
}

/** A choice of a few with words of any length, one below the other. */
export function Choice<V extends string>({ label, value, options, onChange }: Props<V>) {
  const name = useId()
  return (
    <fieldset className={styles.choice}>
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.option}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span className={styles.text}>{option.text}</span>
        </label>
      ))}
    </fieldset>
  )
}
