import { Link } from '@tanstack/react-router'
import { Disc, Ear, PhoneForwarded, PhoneOff } from 'lucide-react'
import { type ComponentType, type ReactNode, useId, useRef, useState } from 'react'
import type { Channel, Switch } from '../../api/types'
import { useInstance } from '../../app/place'
import { useIsAdmin } from '../../app/rights'
import { formatTime, t } from '../../i18n'
import { type Call, party } from '../../live/calls'
import { ofCall } from '../../live/log-lines'
import { Button } from '../../ui/button'
import { ToneWord } from '../../ui/tone'
import toolbar from '../../ui/toolbar.module.css'
import { Verbatim } from '../../ui/verbatim'
import { type CallFormProps, ListenIn, Recording, Transfer } from './call-forms'
import { type Order, useOrders } from './orders'
import { Person } from './person'
import styles from './tab.module.css'
import { callTone } from './tones'

/** What is asked for more before it is done. */
const FORMS = {
  transfer: [PhoneForwarded, Transfer],
  listen: [Ear, ListenIn],
  record: [Disc, Recording],
} as const satisfies { [name: string]: readonly [typeof Ear, ComponentType<CallFormProps>] }
type Form = keyof typeof FORMS
const NAMES = Object.keys(FORMS) as Form[]

const HELD = 'HELD'

export const LegState = ({ leg }: { leg: Channel }) => (
  <ToneWord tone={callTone(leg.callstate)}>
    <Verbatim text={leg.callstate ?? '–'} />
  </ToneWord>
)

interface LegProps {
  one: Switch
  leg: Channel
  offset: number | null
  pending: boolean
  onGive: (order: Order) => void
}

function Leg({ one, leg, offset, pending, onGive }: LegProps) {
  const id = useId()
  const instance = useInstance()
  const admin = useIsAdmin()
  const { uuid, callstate } = leg
  const { name, number } = party(leg)
  const codec = [...new Set([leg.read_codec, leg.write_codec])].filter(Boolean).join(' / ')
  const does = [leg.application, leg.application_data].filter(Boolean).join(' ')
  const at = (s: number | null) => s !== null && formatTime(s * 1000 + (offset ?? 0))
  const facts: [string, string | null | false][] = [
    ['uuid', uuid],
    [
      t('calls.caller'),
      leg.direction === 'outbound' && [leg.cid_name, leg.cid_num].filter(Boolean).join(' '),
    ],
    [t('calls.dest'), leg.dest],
    [
      t('calls.callee'),
      leg.direction !== 'outbound' && [leg.callee_name, leg.callee_num].filter(Boolean).join(' '),
    ],
    [t('calls.context'), leg.context],
    [t('calls.does'), does],
    [t('calls.codec'), codec],
    [t('calls.address'), leg.ip_addr],
    [t('calls.began'), at(leg.created_s)],
    [t('calls.answered'), at(leg.answered_s)],
  ]
  const park = () =>
    onGive({
      command: 'call.park',
      values: { uuid },
      ask: {
        title: t('calls.parkTitle'),
        action: t('calls.park'),
        text: (
          <>
            <Person name={name} number={number} />
            <p>{t('calls.parkText')}</p>
            <p>{t('calls.leftBehind')}</p>
          </>
        ),
      },
    })
  return (
    <section className={styles.leg} aria-labelledby={id}>
      <h3 id={id}>
        <Verbatim text={leg.name ?? uuid} />
      </h3>
      <div className={styles.legHead}>
        <Person name={name} number={number} />
        <LegState leg={leg} />
        <span className={toolbar.space} />
        <span className={styles.buttons}>
          {leg.answered_s !== null && (
            <Button
              disabled={pending}
              onClick={() =>
                onGive({
                  command: callstate === HELD ? 'call.unhold' : 'call.hold',
                  values: { uuid },
                })
              }
            >
              {t(callstate === HELD ? 'calls.unhold' : 'calls.hold')}
            </Button>
          )}
          <Button disabled={pending} onClick={park}>
            {t('calls.park')}
          </Button>
        </span>
      </div>
      <dl className={styles.facts}>
        {facts
          .filter(([, value]) => value)
          .map(([fact, value]) => [
            <dt key={`${fact} t`}>{fact}</dt>,
            <dd key={fact}>
              <Verbatim text={value || ''} full />
            </dd>,
          ])}
        {admin && (
          <>
            <dt>{t('switch.tab.log')}</dt>
            <dd>
              <Link
                to="/i/$instance/switches/$key"
                params={{ instance, key: one.key }}
                search={{ tab: 'log', q: ofCall(uuid) }}
                className={styles.link}
              >
                {t('log.ofLeg')}
              </Link>
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}

interface ActionsProps {
  one: Switch
  call: Call
  pending: boolean
  onGive: (order: Order) => void
  onForget: () => void
  onHangUp: () => void
  /** What came of the last order. */
  said: ReactNode
}

function Actions({ one, call, pending, onGive, onForget, onHangUp, said }: ActionsProps) {
  const [open, setOpen] = useState<Form | null>(null)
  const openers = useRef<Partial<Record<Form, HTMLButtonElement | null>>>({})
  const close = () => {
    if (open !== null) openers.current[open]?.focus()
    setOpen(null)
  }
  const Shown = open && FORMS[open][1]
  return (
    <>
      <div className={styles.buttons}>
        {NAMES.map((name) => {
          const Icon = FORMS[name][0]
          return (
            <Button
              key={name}
              ref={(button) => {
                openers.current[name] = button
              }}
              aria-expanded={open === name}
              onClick={() => {
                onForget()
                setOpen(open === name ? null : name)
              }}
            >
              <Icon size={14} aria-hidden />
              {t(`calls.${name}`)}
            </Button>
          )
        })}
        <span className={toolbar.space} />
        <Button onClick={onHangUp}>
          <PhoneOff size={14} aria-hidden />
          {t('calls.hangUp')}
        </Button>
      </div>
      {said}
      {Shown && (
        <Shown
          key={open}
          one={one}
          call={call}
          pending={pending}
          onCancel={close}
          onGive={(command, values) => onGive({ command, values, onDone: close })}
        />
      )}
    </>
  )
}

interface Props {
  one: Switch
  /** undefined: it has ended meanwhile. */
  call: Call | undefined
  onHangUp: (call: Call) => void
}

/** A call with its legs, and what can be done with it. */
export function OneCall({ one, call, onHangUp }: Props) {
  const { give, said, pending, forget } = useOrders(one.key)
  const shown = <div className={styles.saidInside}>{said}</div>
  if (call === undefined) {
    return (
      <>
        {shown}
        <p>{t('calls.ended')}</p>
      </>
    )
  }
  return (
    <>
      <Actions
        one={one}
        call={call}
        pending={pending}
        onGive={give}
        onForget={forget}
        onHangUp={() => onHangUp(call)}
        said={shown}
      />
      {call.legs.map((leg) => (
        <Leg
          key={leg.uuid}
          one={one}
          leg={leg}
          offset={one.status?.clock_offset_ms ?? null}
          pending={pending}
          onGive={give}
        />
      ))}
    </>
  )
}
