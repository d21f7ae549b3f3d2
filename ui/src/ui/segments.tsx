import { useId } from 'react'
import styles from './segments.module.css'

interface Props {
  label: string
  value: string
  options: { value: string; text: string }[]
  onChange: (value: string) => void
}

/** A choice of a few, all of them visible. Radio buttons, so that keys and screen readers know it. */
export function Segments({ label, value, options, onChange }: Props) {
  const name = useId()
  return (
    <fieldset className={styles.segments}>
      <legend className={styles.legend}>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.segment}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.text}
        </label>
      ))}
    </fieldset>
  )
}
