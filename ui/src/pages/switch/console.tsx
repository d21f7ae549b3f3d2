import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { ApiError, post } from '../../api/client'
import { explain } from '../../api/errors'
import { paths } from '../../api/paths'
import { cliHistoryQuery } from '../../api/queries'
import type { CliPrinted } from '../../api/types'
import { t } from '../../i18n'
import { visible, visibleBlock } from '../../tree/text'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import styles from './console.module.css'
import type { TabProps } from './tab'
import { isFailure, moved } from './typed'

interface Printed {
  id: number
  line: string
  text: string
  failed: boolean
  cut: boolean
}

const WAIT_MS = 90_000
/** What scrolled so far away is not missed. */
const MOST = 200

export function ConsoleTab({ one }: TabProps) {
  const { data: before = [] } = useQuery(cliHistoryQuery(one.key))
  const [printed, setPrinted] = useState<Printed[]>([])
  const [text, setText] = useState('')
  const [place, setPlace] = useState({ at: -1, draft: '' })
  const output = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)

  const add = (line: string, entry: Pick<Printed, 'text' | 'failed' | 'cut'>) =>
    setPrinted((all) => [...all, { id: (all.at(-1)?.id ?? 0) + 1, line, ...entry }].slice(-MOST))
  const type = useMutation({
    mutationFn: (line: string) => post<CliPrinted>(paths.cli(one.key), { line }, WAIT_MS),
    onSuccess: (answer, line) =>
      add(line, { text: answer.text, failed: isFailure(answer.text), cut: answer.cut }),
    onError: (error, line) => {
      // What FreeSWITCH itself says comes first; what to do is for what did not get there.
      const { happened, remedy } = explain(error)
      const said = error instanceof ApiError && error.status === 409
      add(line, { text: said ? happened : `${happened} ${remedy}`, failed: true, cut: false })
    },
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line is scrolled to.
  useEffect(() => {
    output.current?.scrollTo({ top: output.current.scrollHeight })
  }, [printed])

  // The newest first, and none of them twice in a row.
  const lines = [...printed.map(({ line }) => line).reverse(), ...before].filter(
    (line, at, all) => line !== all[at - 1],
  )
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    const next = moved({ lines, ...place }, event.key === 'ArrowUp' ? 1 : -1, text)
    setPlace(next.typed)
    setText(next.text)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const line = text.trim()
    if (line === '' || type.isPending) return
    setText('')
    setPlace({ at: -1, draft: '' })
    type.mutate(line)
    input.current?.focus()
  }

  return (
    <div className={styles.console}>
      <div ref={output} role="log" aria-label={t('console.output')} className={styles.output}>
        {printed.length === 0 && <p className={styles.note}>{t('console.empty')}</p>}
        {printed.map((entry) => (
          <div key={entry.id}>
            <pre className={cx(styles.text, styles.line)}>{`> ${visible(entry.line)}`}</pre>
            <pre className={cx(styles.text, entry.failed && styles.failed)}>
              {visibleBlock(entry.text)}
            </pre>
            {entry.cut && <p className={styles.note}>{t('console.cut')}</p>}
          </div>
        ))}
        {type.isPending && <p className={styles.note}>{t('orders.pending')}</p>}
      </div>
      <form className={styles.form} onSubmit={submit}>
        <input
          ref={input}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKeyDown}
          aria-label={t('console.input')}
          placeholder="sofia status"
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
        />
        <Button kind="primary" type="submit" disabled={type.isPending}>
          {t('console.run')}
        </Button>
      </form>
    </div>
  )
}
