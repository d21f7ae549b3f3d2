import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { act, remove } from '../api/client'
import { explain } from '../api/errors'
import { paths } from '../api/paths'
import { instancesQuery, switchesQuery } from '../api/queries'
import type { EventSocket, Switch } from '../api/types'
import { useInstance } from '../app/place'
import { useTitle } from '../app/title'
import { formatDateTime, formatNumber, t } from '../i18n'
import { Button } from '../ui/button'
import { Confirm } from '../ui/confirm'
import { cx } from '../ui/cx'
import { Dialog } from '../ui/dialog'
import { Loaded } from '../ui/loaded'
import { Notice } from '../ui/notice'
import { PageHeader } from '../ui/page-header'
import { ToneWord } from '../ui/tone'
import toolbar from '../ui/toolbar.module.css'
import { Verbatim } from '../ui/verbatim'
import { Reconnect } from './switch/reconnect'
import shared from './switch/tab.module.css'
import { phaseTone } from './switch/tones'
import { Trouble } from './switch/trouble'
import styles from './switches.module.css'

const USUAL_PORT = '8021'

function AddSwitch({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [missing, setMissing] = useState(false)
  const add = useMutation({
    mutationFn: ({ name, ...socket }: EventSocket & { name: string }) =>
      act('PUT', paths.eventSocket(name), socket),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: switchesQuery.queryKey, exact: true })
      onClose()
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (field: string) => String(form.get(field) ?? '').trim()
    const socket = {
      name: text('name'),
      host: text('host'),
      port: Number(text('port')),
      pass: String(form.get('pass') ?? ''),
    }
    const port = Number.isInteger(socket.port) && socket.port > 0 && socket.port < 65_536
    const incomplete = socket.name === '' || socket.host === '' || !port
    setMissing(incomplete)
    if (!incomplete) add.mutate(socket)
  }
  const plain = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const
  return (
    <Dialog open onClose={onClose} title={t('switches.add')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <label className={styles.field}>
          {t('switches.name')}
          <input name="name" aria-describedby="switch-name-hint" {...plain} />
          <small id="switch-name-hint">{t('switches.nameHint')}</small>
        </label>
        <label className={styles.field}>
          {t('switches.host')}
          <input name="host" {...plain} />
        </label>
        <label className={styles.field}>
          {t('switches.port')}
          <input name="port" inputMode="numeric" defaultValue={USUAL_PORT} {...plain} />
        </label>
        <label className={styles.field}>
          {t('switches.pass')}
          <input name="pass" type="password" autoComplete="new-password" />
        </label>
        <p role="alert" className={styles.failure}>
          {missing && t('switches.incomplete')}
          {!missing && add.error && explain(add.error).happened}
        </p>
        <div className={styles.submit}>
          <Button onClick={onClose}>{t('confirm.cancel')}</Button>
          <Button kind="primary" type="submit" disabled={add.isPending}>
            {t('switches.addSubmit')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function OneSwitch({ one, onRemove }: { one: Switch; onRemove: () => void }) {
  const instance = useInstance()
  const { data: instances = [] } = useQuery(instancesQuery)
  const belongs = instances.find(({ id }) => id === one.instance_id)
  const since = formatDateTime(new Date(one.since_ms).toISOString())
  return (
    <article className={styles.switch} aria-label={one.name}>
      <div className={styles.head}>
        <Link
          to="/i/$instance/switches/$key"
          params={{ instance, key: one.key }}
          className={styles.name}
        >
          <Verbatim text={one.name} />
        </Link>
        <ToneWord tone={phaseTone[one.phase]}>{t(`switches.phase.${one.phase}`)}</ToneWord>
      </div>
      <Trouble one={one} />
      <dl className={cx(styles.numbers, one.stale_since_ms !== null && styles.old)}>
        <div>
          <dt>{t('switches.answered')}</dt>
          <dd>{formatNumber(one.answered)}</dd>
        </div>
        <div>
          <dt>{t('switches.legs')}</dt>
          <dd>{formatNumber(one.channels)}</dd>
        </div>
        <div>
          <dt>{t('switches.registrations')}</dt>
          <dd>{formatNumber(one.counts.registrations ?? 0)}</dd>
        </div>
      </dl>
      <dl className={styles.facts}>
        <dt>{t('switches.socket')}</dt>
        <dd>
          <Verbatim text={`${one.host}:${one.port}`} />
        </dd>
        <dt>{t('switches.instance')}</dt>
        <dd>{belongs ? <Verbatim text={belongs.name} /> : t('switches.noInstance')}</dd>
        <dt>{t(`switches.since.${one.phase}`)}</dt>
        <dd>{since}</dd>
      </dl>
      <div className={styles.actions}>
        <Reconnect one={one} />
        {!one.configured && (
          <Button kind="quiet" onClick={onRemove}>
            {t('switches.remove')}
          </Button>
        )}
      </div>
    </article>
  )
}

export function SwitchesPage() {
  useTitle(t('switches.title'))
  const client = useQueryClient()
  const query = useQuery(switchesQuery)
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<Switch | null>(null)
  const drop = useMutation({
    mutationFn: ({ key }: Switch) => remove(paths.eventSocket(key)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: switchesQuery.queryKey, exact: true })
      setRemoving(null)
    },
  })
  return (
    <>
      <PageHeader
        title={t('switches.title')}
        beside={
          <>
            <span className={toolbar.space} />
            <Button onClick={() => setAdding(true)}>
              <Plus size={14} aria-hidden />
              {t('switches.add')}
            </Button>
          </>
        }
      />
      <Loaded query={query} tried={t('switches.tried')}>
        {(all) =>
          all.length === 0 ? (
            <Notice title={t('switches.empty')} text={t('switches.emptyHint')} />
          ) : (
            <div className={shared.scroll}>
              <div className={styles.list}>
                {all.map((one) => (
                  <OneSwitch
                    key={one.key}
                    one={one}
                    onRemove={() => {
                      drop.reset()
                      setRemoving(one)
                    }}
                  />
                ))}
              </div>
            </div>
          )
        }
      </Loaded>
      {adding && <AddSwitch onClose={() => setAdding(false)} />}
      {removing && (
        <Confirm
          open
          onClose={() => setRemoving(null)}
          title={t('switches.removeTitle')}
          action={t('switches.remove')}
          danger
          pending={drop.isPending}
          error={drop.error}
          onConfirm={() => drop.mutate(removing)}
        >
          <Verbatim text={removing.name} full />
          <p>{t('switches.removeText')}</p>
        </Confirm>
      )}
    </>
  )
}
