import { useMemo, useState } from 'react'
import type { Channel } from '../../api/types'
import { t } from '../../i18n'
import { type Column, VirtualList } from '../../lists/virtual-list'
import { type Call, contains, joined, lasting } from '../../live/calls'
import { useLive } from '../../live/use-live'
import { useNow } from '../../live/use-now'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { Dialog } from '../../ui/dialog'
import { Notice } from '../../ui/notice'
import { Verbatim } from '../../ui/verbatim'
import { LegState, OneCall } from './call'
import { Kept } from './kept'
import { Nothing } from './nothing'
import { useOrders } from './orders'
import { Person } from './person'
import type { TabProps } from './tab'
import styles from './tab.module.css'
import { Tools } from './tools'

const KINDS = ['channels'] as const

const words = (leg: Channel) => [
  leg.cid_name,
  leg.cid_num,
  leg.callee_name,
  leg.callee_num,
  leg.dest,
  leg.name,
  leg.presence_id,
  leg.callstate,
  leg.uuid,
]
const keyOf = ({ id }: Call) => id

function Lasts({ began, offset }: { began: number | null; offset: number | null }) {
  return <span className={styles.time}>{lasting(began, useNow(), offset) ?? '–'}</span>
}

export function CallsTab({ one, q, onFilter }: TabProps) {
  const live = useLive(one.key, KINDS)
  const orders = useOrders(one.key)
  const [shown, setShown] = useState<string | null>(null)
  const offset = one.status?.clock_offset_ms ?? null
  const calls = useMemo(() => joined(live.rows.channels), [live.rows])
  const left = useMemo(
    () => calls.filter(({ legs }) => legs.some((leg) => contains(q, words(leg)))),
    [calls, q],
  )
  const open = calls.find(({ id }) => id === shown)

  const hangUp = ({ legs: [first, ...others] }: Call) => {
    setShown(null)
    orders.give({
      command: 'call.hangup',
      values: { uuid: first.uuid },
      ask: {
        title: t('calls.hangUpTitle'),
        danger: true,
        action: t('calls.hangUp'),
        text: (
          <>
            <p className={styles.person}>
              <Person name={first.cid_name} number={first.cid_num} /> →{' '}
              <Verbatim text={first.dest ?? '–'} />
            </p>
            <p>{t(others.length === 0 ? 'calls.hangUpOne' : 'calls.hangUpAll')}</p>
          </>
        ),
      },
    })
  }

  const columns: Column<Call>[] = [
    { title: t('calls.dest'), cell: ({ legs: [leg] }) => <Verbatim text={leg.dest ?? '–'} /> },
    { title: t('list.state'), cell: ({ legs: [leg] }) => <LegState leg={leg} /> },
    {
      title: t('calls.lasts'),
      cell: ({ legs: [leg] }) => <Lasts began={leg.created_s} offset={offset} />,
    },
    {
      title: t('calls.legs'),
      wide: true,
      cell: ({ legs }) => <Verbatim text={legs.map((leg) => leg.name ?? leg.uuid).join('  ')} />,
    },
    {
      title: t('list.actions'),
      wide: true,
      cell: (call) => (
        <Button kind="quiet" className={styles.raised} onClick={() => hangUp(call)}>
          {t('calls.hangUp')}
        </Button>
      ),
    },
  ]

  return (
    <Kept live={live}>
      {calls.length > 0 && (
        <Tools q={q} onFilter={onFilter} count={t('calls.count', { n: left.length })} />
      )}
      {orders.said}
      {left.length === 0 ? (
        calls.length === 0 ? (
          <Nothing one={one} title={t('calls.empty')} hint={t('calls.emptyHint')} />
        ) : (
          <Notice title={t('list.emptyFilter', { q })} />
        )
      ) : (
        <VirtualList
          label={t('switch.tab.calls')}
          items={left}
          total={left.length}
          filter={q}
          more={null}
          keyOf={keyOf}
          layout={styles.calls}
          first={{
            title: t('calls.caller'),
            cell: ({ id, legs: [leg] }, link) => (
              <button
                type="button"
                {...link}
                className={cx(link.className, styles.open)}
                aria-haspopup="dialog"
                onClick={() => setShown(id)}
              >
                <Person name={leg.cid_name} number={leg.cid_num} />
              </button>
            ),
          }}
          columns={columns}
        />
      )}
      <Dialog open={shown !== null} onClose={() => setShown(null)} title={t('calls.one')}>
        <div className={styles.dialog}>
          {shown !== null && <OneCall key={shown} one={one} call={open} onHangUp={hangUp} />}
        </div>
      </Dialog>
    </Kept>
  )
}
