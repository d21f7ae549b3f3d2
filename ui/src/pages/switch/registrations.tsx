import { useMemo } from 'react'
import type { Registration } from '../../api/types'
import { t } from '../../i18n'
import { type Column, VirtualList } from '../../lists/virtual-list'
import { contains, duration } from '../../live/calls'
import { useLive } from '../../live/use-live'
import { useNow } from '../../live/use-now'
import { Notice } from '../../ui/notice'
import { Verbatim } from '../../ui/verbatim'
import { Kept } from './kept'
import { Nothing } from './nothing'
import type { TabProps } from './tab'
import styles from './tab.module.css'
import { Tools } from './tools'

const KINDS = ['registrations'] as const

interface Row extends Registration {
  key: string
}

const words = (row: Registration) => [
  `${row.user}@${row.realm}`,
  row.contact,
  row.network_ip,
  row.network_proto,
  row.user_agent,
  row.profile,
]
const keyOf = ({ key }: Row) => key
const text = (value: string | null) => value && <Verbatim text={value} />

function Left({ until, offset }: { until: number | null; offset: number }) {
  const now = useNow()
  return until === null ? (
    '–'
  ) : (
    <span className={styles.time}>{duration(until * 1000 + offset - now)}</span>
  )
}

export function RegistrationsTab({ one, q, onFilter }: TabProps) {
  const live = useLive(one.key, KINDS)
  const offset = one.status?.clock_offset_ms ?? 0
  const all = useMemo<Row[]>(
    () =>
      [...live.rows.registrations]
        .map(([key, row]) => ({ key, ...row }))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    [live.rows],
  )
  const left = useMemo(() => all.filter((row) => contains(q, words(row))), [all, q])
  const columns: Column<Row>[] = [
    {
      title: t('registrations.from'),
      cell: ({ network_ip, network_port }) =>
        text([network_ip, network_port].filter((part) => part !== null).join(':')),
    },
    { title: t('registrations.proto'), wide: true, cell: (row) => text(row.network_proto) },
    { title: t('registrations.agent'), wide: true, cell: (row) => text(row.user_agent) },
    { title: t('registrations.profile'), wide: true, cell: (row) => text(row.profile) },
    {
      title: t('registrations.left'),
      cell: ({ expires }) => <Left until={expires} offset={offset} />,
    },
  ]
  return (
    <Kept live={live}>
      {all.length > 0 && (
        <Tools q={q} onFilter={onFilter} count={t('registrations.count', { n: left.length })} />
      )}
      {left.length === 0 ? (
        all.length === 0 ? (
          <Nothing one={one} title={t('registrations.empty')} hint={t('registrations.emptyHint')} />
        ) : (
          <Notice title={t('list.emptyFilter', { q })} />
        )
      ) : (
        <VirtualList
          label={t('switch.tab.registrations')}
          items={left}
          total={left.length}
          filter={q}
          more={null}
          keyOf={keyOf}
          layout={styles.registrations}
          first={{
            title: t('registrations.user'),
            cell: ({ user, realm }, link) => (
              <span {...link}>
                <Verbatim text={`${user}@${realm}`} />
              </span>
            ),
          }}
          columns={columns}
        />
      )}
    </Kept>
  )
}
