import { Search, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { usePhone } from '../app/media'
import { useShortcuts } from '../app/shortcuts'
import { t } from '../i18n'
import { focusRows } from '../lists/use-virtual-rows'
import { IconButton } from './button'
import styles from './filter-box.module.css'

const PAUSE_MS = 150

interface Props {
  /** As the URL has it. */
  value: string
  onChange: (value: string) => void
  label: string
  /** What is shown is not yet what `value` asks for. */
  pending?: boolean
}

export function FilterBox({ value, onChange, label, pending = false }: Props) {
  const phone = usePhone()
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(value)
  const [sent, setSent] = useState(value)
  const [seen, setSeen] = useState(value)

  // The URL changed by other means than typing: back, or a link.
  if (value !== seen) {
    setSeen(value)
    if (value !== sent) {
      setSent(value)
      setTyped(value)
    }
  }

  const latest = useRef(onChange)
  useEffect(() => {
    latest.current = onChange
  })
  useEffect(() => {
    if (typed === sent) return
    const timer = setTimeout(() => {
      setSent(typed)
      latest.current(typed)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed, sent])

  // Enter leads to the rows of what was typed, however long they take; typing on or leaving calls it off.
  const going = useRef(false)
  const settled = typed === sent && sent === value && !pending
  useEffect(() => {
    if (!going.current || !settled) return
    going.current = false
    focusRows()
  })

  const goToRows = () => {
    if (settled) {
      focusRows()
      return
    }
    going.current = true
    if (typed !== sent) {
      setSent(typed)
      onChange(typed)
    }
  }

  const type = (text: string) => {
    going.current = false
    setTyped(text)
  }

  useShortcuts({
    '/': () => {
      input.current?.focus()
      input.current?.select()
    },
  })

  const clear = () => {
    type('')
    input.current?.focus()
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault()
      goToRows()
    } else if (event.key === 'Escape') {
      if (typed === '') input.current?.blur()
      else clear()
    }
  }

  return (
    <search className={styles.box}>
      <Search size={14} aria-hidden className={styles.icon} />
      <input
        ref={input}
        type="text"
        inputMode="search"
        value={typed}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          going.current = false
        }}
        aria-label={label}
        placeholder={t(phone ? 'list.filter' : 'list.filterPlaceholder')}
        autoComplete="off"
        spellCheck={false}
      />
      {typed !== '' && (
        <IconButton icon={X} label={t('list.clear')} className={styles.clear} onClick={clear} />
      )}
    </search>
  )
}
