import { Plus } from 'lucide-react'
import { type FormEvent, useId, useMemo, useState } from 'react'
import type { Module } from '../../api/types'
import { t } from '../../i18n'
import { type Column, VirtualList } from '../../lists/virtual-list'
import { contains } from '../../live/calls'
import { moduleName } from '../../live/unloading'
import { useLive } from '../../live/use-live'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { Dialog } from '../../ui/dialog'
import { Notice } from '../../ui/notice'
import { Verbatim } from '../../ui/verbatim'
import { Kept } from './kept'
import { Nothing } from './nothing'
import { useOrders } from './orders'
import type { TabProps } from './tab'
import styles from './tab.module.css'
import { Tools } from './tools'
import { Unload } from './unload'

const KINDS = ['modules'] as const
const keyOf = ({ name }: Module) => name

function Load({ onLoad, onClose }: { onLoad: (module: string) => void; onClose: () => void }) {
  const hint = useId()
  const [missing, setMissing] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const module = moduleName(String(new FormData(event.currentTarget).get('module') ?? ''))
    setMissing(module === '')
    if (module !== '') onLoad(module)
  }
  return (
    <Dialog open onClose={onClose} title={t('modules.load')}>
      <form className={styles.dialog} onSubmit={submit} noValidate>
        <label className={styles.field}>
          {t('modules.module')}
          <input
            name="module"
            placeholder="mod_shout"
            aria-describedby={hint}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
          <small id={hint} className={styles.hint}>
            {t('modules.loadHint')}
          </small>
        </label>
        <p role="alert" className={styles.missing}>
          {missing && t('modules.missing')}
        </p>
        <div className={cx(styles.buttons, styles.end)}>
          <Button onClick={onClose}>{t('confirm.cancel')}</Button>
          <Button kind="primary" type="submit">
            {t('modules.loadSubmit')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

export function ModulesTab({ one, q, onFilter }: TabProps) {
  const live = useLive(one.key, KINDS)
  const { give, said, pending } = useOrders(one.key)
  const [loading, setLoading] = useState(false)
  const [shown, setShown] = useState<string | null>(null)
  const all = useMemo(
    () => [...live.rows.modules.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    [live.rows],
  )
  const left = useMemo(
    () => all.filter(({ name, filename }) => contains(q, [name, filename])),
    [all, q],
  )
  const open = all.find(({ name }) => name === shown)

  const load = (module: string) => {
    setLoading(false)
    give({ command: 'module.load', values: { module } })
  }
  const ask = (what: 'reload' | 'unload', module: string) => {
    setShown(null)
    give({
      command: `module.${what}`,
      values: { module },
      ask: {
        title: t(`modules.${what}Title`),
        action: t(`modules.${what}`),
        danger: true,
        text: <Unload name={one.key} module={module} again={what === 'reload'} />,
      },
    })
  }
  const buttons = (module: string, kind: 'quiet' | 'plain') =>
    (['reload', 'unload'] as const).map((what) => (
      <Button
        key={what}
        kind={kind}
        className={styles.raised}
        disabled={pending}
        onClick={() => ask(what, module)}
      >
        {t(`modules.${what}`)}
      </Button>
    ))

  const columns: Column<Module>[] = [
    {
      title: t('modules.file'),
      wide: true,
      cell: ({ filename }) => filename && <Verbatim text={filename} />,
    },
    { title: t('list.actions'), wide: true, cell: ({ name }) => buttons(name, 'quiet') },
  ]

  return (
    <Kept live={live}>
      {all.length > 0 && (
        <Tools q={q} onFilter={onFilter} count={t('modules.count', { n: left.length })}>
          <Button disabled={pending} onClick={() => setLoading(true)}>
            <Plus size={14} aria-hidden />
            {t('modules.load')}
          </Button>
        </Tools>
      )}
      {said}
      {left.length === 0 ? (
        all.length === 0 ? (
          <Nothing one={one} title={t('modules.empty')} />
        ) : (
          <Notice title={t('list.emptyFilter', { q })} />
        )
      ) : (
        <VirtualList
          label={t('switch.tab.modules')}
          items={left}
          total={left.length}
          filter={q}
          more={null}
          keyOf={keyOf}
          layout={styles.modules}
          first={{
            title: t('modules.module'),
            cell: ({ name }, link) => (
              <button
                type="button"
                {...link}
                className={cx(link.className, styles.open)}
                aria-haspopup="dialog"
                onClick={() => setShown(name)}
              >
                <Verbatim text={name} />
              </button>
            ),
          }}
          columns={columns}
        />
      )}
      <Dialog
        open={open !== undefined}
        onClose={() => setShown(null)}
        title={<Verbatim text={open?.name ?? ''} />}
      >
        {open && (
          <div className={styles.dialog}>
            {open.filename && <Verbatim text={open.filename} full />}
            <div className={styles.buttons}>{buttons(open.name, 'plain')}</div>
          </div>
        )}
      </Dialog>
      {loading && <Load onLoad={load} onClose={() => setLoading(false)} />}
    </Kept>
  )
}
