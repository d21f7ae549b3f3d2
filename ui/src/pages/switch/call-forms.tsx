import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { recordingsDirQuery } from '../../api/queries'
import type { Channel, Switch } from '../../api/types'
import { t } from '../../i18n'
import { type Call, endpoint, party } from '../../live/calls'
import { Button } from '../../ui/button'
import { Choice } from '../../ui/choice'
import { Segments } from '../../ui/segments'
import { Person } from './person'
import styles from './tab.module.css'

export interface CallFormProps {
  one: Switch
  call: Call
  pending: boolean
  onGive: (command: string, values: Record<string, string>) => void
  onCancel: () => void
}

const plain = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const

const textOf = (event: FormEvent<HTMLFormElement>, field: string) =>
  String(new FormData(event.currentTarget).get(field) ?? '').trim()

function Party({ leg }: { leg: Channel }) {
  const { name, number } = party(leg)
  return <Person name={name} number={number} />
}

interface FrameProps {
  label: string
  action: string
  pending: boolean
  /** Gives what is missing. */
  onSubmit: (event: FormEvent<HTMLFormElement>) => string | null
  onCancel: () => void
  children: ReactNode
}

function Frame({ label, action, pending, onSubmit, onCancel, children }: FrameProps) {
  const [missing, setMissing] = useState<string | null>(null)
  return (
    <form
      className={styles.order}
      aria-label={label}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setMissing(onSubmit(event))
      }}
    >
      {children}
      <p role="alert" className={styles.missing}>
        {missing}
      </p>
      <div className={styles.buttons}>
        <Button kind="primary" type="submit" disabled={pending}>
          {action}
        </Button>
        <Button onClick={onCancel}>{t('confirm.cancel')}</Button>
      </div>
    </form>
  )
}

const BOTH = 'both'

export function Transfer({ call, pending, onGive, onCancel }: CallFormProps) {
  const [first, ...others] = call.legs
  const [sent, setSent] = useState(first.uuid)
  const leg = call.legs.find(({ uuid }) => uuid === sent) ?? first
  return (
    <Frame
      label={t('calls.transfer')}
      action={t('calls.transferSubmit')}
      pending={pending}
      onCancel={onCancel}
      onSubmit={(event) => {
        const destination = textOf(event, 'destination')
        if (destination === '') return t('calls.transferMissing')
        const context = textOf(event, 'context')
        onGive('call.transfer', {
          uuid: leg.uuid,
          ...(sent === BOTH && { leg: '-both' }),
          destination,
          ...(context && { context }),
        })
        return null
      }}
    >
      <Choice
        label={t('calls.transferWho')}
        value={sent}
        onChange={setSent}
        options={[
          ...call.legs.map((each) => ({ value: each.uuid, text: <Party leg={each} /> })),
          // The other side of a leg is one; of more than two nobody would know which.
          ...(others.length === 1 ? [{ value: BOTH, text: t('calls.transferBoth') }] : []),
        ]}
      />
      <div className={styles.form}>
        <label className={styles.field}>
          {t('calls.destination')}
          {/* biome-ignore lint/a11y/noAutofocus: it was opened to type into it. */}
          <input name="destination" autoFocus {...plain} />
        </label>
        <label className={styles.field}>
          {t('calls.context')}
          <input name="context" placeholder={leg.context ?? 'default'} {...plain} />
        </label>
      </div>
      {sent !== BOTH && others.length > 0 && <p className={styles.note}>{t('calls.leftBehind')}</p>}
    </Frame>
  )
}

const NOBODY = 'nobody'
const ALL = 'all'
const KEY = 'custompbx.listen'

// Storage may be forbidden; the extension is then typed again.
function lastOne(): string {
  try {
    return localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}
function keepOne(typed: string): void {
  try {
    localStorage.setItem(KEY, typed)
  } catch {
    // See above.
  }
}

export function ListenIn({ call, pending, onGive, onCancel }: CallFormProps) {
  const [first, ...others] = call.legs
  const hint = useId()
  const [heard, setHeard] = useState(NOBODY)
  /** Which leg is listened to makes no difference for what is heard, but it is the one that `whisper-b` speaks to. */
  const leg = call.legs.find(({ uuid }) => uuid === heard) ?? first
  const mode = heard === NOBODY ? 'listen' : heard === ALL ? 'barge' : 'whisper-b'
  return (
    <Frame
      label={t('calls.listen')}
      action={t('calls.listenSubmit')}
      pending={pending}
      onCancel={onCancel}
      onSubmit={(event) => {
        const typed = textOf(event, 'endpoint')
        if (typed === '') return t('calls.listenMissing')
        keepOne(typed)
        onGive('call.eavesdrop', { mode, endpoint: endpoint(typed), uuid: leg.uuid })
        return null
      }}
    >
      <label className={styles.field}>
        {t('calls.listenRings')}
        <input
          name="endpoint"
          // biome-ignore lint/a11y/noAutofocus: it was opened to type into it.
          autoFocus
          defaultValue={lastOne()}
          placeholder="1000@example.com"
          aria-describedby={hint}
          {...plain}
        />
        <small id={hint} className={styles.hint}>
          {t('calls.listenHint')}
        </small>
      </label>
      <Choice
        label={t('calls.listenHeard')}
        value={heard}
        onChange={setHeard}
        options={[
          { value: NOBODY, text: t('calls.listenNobody') },
          ...call.legs.map((each) => ({
            value: each.uuid,
            text: (
              <>
                {t('calls.listenOnly')} <Party leg={each} />
              </>
            ),
          })),
          ...(others.length > 0 ? [{ value: ALL, text: t('calls.listenAll') }] : []),
        ]}
      />
    </Frame>
  )
}

// FreeSWITCH's words.
const RECORD = ['start', 'stop', 'mask', 'unmask']

export function Recording({ one, call, pending, onGive, onCancel }: CallFormProps) {
  const { uuid } = call.legs[0]
  const hint = useId()
  const [action, setAction] = useState('start')
  const dir = useQuery(recordingsDirQuery(one.key))
  const [typed, setTyped] = useState<string | null>(null)
  const path = typed ?? (dir.data ? `${dir.data}/${uuid}.wav` : '')
  return (
    <Frame
      label={t('calls.record')}
      action={t('calls.recordSubmit')}
      pending={pending}
      onCancel={onCancel}
      onSubmit={() => {
        if (path.trim() === '') return t('calls.recordMissing')
        onGive('call.record', { uuid, action, path: path.trim() })
        return null
      }}
    >
      <div className={styles.buttons}>
        <Segments
          label={t('calls.recordWhat')}
          value={action}
          onChange={setAction}
          options={RECORD.map((word) => ({ value: word, text: word }))}
        />
      </div>
      <label className={styles.field}>
        {t('calls.recordPath')}
        <input
          name="path"
          value={path}
          onChange={({ target }) => setTyped(target.value)}
          aria-describedby={hint}
          {...plain}
        />
        <small id={hint} className={styles.hint}>
          {t('calls.recordHint')}
        </small>
      </label>
    </Frame>
  )
}
