import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { post } from '../../api/client'
import { explain } from '../../api/errors'
import { paths } from '../../api/paths'
import type { CommandReply } from '../../api/types'
import { t } from '../../i18n'
import { clip, visible } from '../../tree/text'
import { Confirm } from '../../ui/confirm'
import { Verbatim } from '../../ui/verbatim'
import styles from './tab.module.css'

/** What a switch is told to do. */
export interface Order {
  command: string
  values: Record<string, string>
  /** What is asked before; without it, it is done at once. */
  ask?: { title: string; text: ReactNode; action: string; danger?: boolean }
  /** Called once the switch has done it. */
  onDone?: () => void
}

/** Restarting a profile or loading a module takes its time. */
const WAIT_MS = 90_000

const lineOf = ({ command, values }: Order) => [command, ...Object.values(values)].join(' ')

/**
 * Tells a switch what to do. `said` is what came of it, and the question before; it belongs into the page. `forget` takes
 * away what came of it.
 */
export function useOrders(key: string) {
  const [asked, setAsked] = useState<Order | null>(null)
  const done = useMutation({
    mutationFn: (order: Order) =>
      post<CommandReply>(paths.command(key, order.command), order.values, WAIT_MS),
    onSuccess: (_, order) => {
      setAsked(null)
      order.onDone?.()
    },
  })
  const give = (order: Order) => {
    done.reset()
    if (order.ask) setAsked(order)
    else done.mutate(order)
  }
  const failed = asked === null ? done.error : null
  const said = (
    <>
      <p role="status" className={failed ? styles.failure : styles.reply}>
        {done.variables && asked === null && !done.isIdle && (
          <>
            <Verbatim text={lineOf(done.variables)} /> {done.isPending && t('orders.pending')}
            {failed ? explain(failed).happened : null}
            {done.data && visible(clip(done.data.reply.trim() || t('orders.done')))}
          </>
        )}
      </p>
      {asked?.ask && (
        <Confirm
          open
          onClose={() => setAsked(null)}
          title={asked.ask.title}
          action={asked.ask.action}
          danger={asked.ask.danger ?? false}
          pending={done.isPending}
          error={done.error}
          onConfirm={() => done.mutate(asked)}
        >
          {asked.ask.text}
        </Confirm>
      )}
    </>
  )
  return { give, said, pending: done.isPending, forget: done.reset }
}
