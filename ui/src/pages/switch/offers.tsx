import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { act, post } from '../../api/client'
import { explain } from '../../api/errors'
import { paths } from '../../api/paths'
import { offersQuery, switchKey } from '../../api/queries'
import type { Effect, Offer } from '../../api/types'
import { t } from '../../i18n'
import { SmallTable } from '../../lists/small-table'
import { Button } from '../../ui/button'
import { Confirm } from '../../ui/confirm'
import { Loaded } from '../../ui/loaded'
import { Verbatim } from '../../ui/verbatim'
import { EffectState } from './effect-state'
import { Interrupts } from './interrupts'
import { RevisionLink } from './revision'
import styles from './tab.module.css'

/** A restart of a profile takes its time. */
const WAIT_MS = 90_000

/** What waits for somebody. `said` is what came of the last decision. */
export function useOffers(key: string) {
  const client = useQueryClient()
  const offers = useQuery(offersQuery(key))
  const [asked, setAsked] = useState<number | null>(null)
  const decide = useMutation({
    mutationFn: async ({ offer, run }: { offer: Offer; run: boolean }): Promise<Effect | null> => {
      if (run) return await post<Effect>(paths.acceptOffer(key, offer.id), {}, WAIT_MS)
      await act('POST', paths.dismissOffer(key, offer.id))
      return null
    },
    onSuccess: () => setAsked(null),
    onSettled: () => client.invalidateQueries({ queryKey: [switchKey, key] }),
  })
  // What it interrupts is asked again and again: the question has it as it is now.
  const offer = offers.data?.find(({ id }) => id === asked)
  const failed = asked === null ? decide.error : null

  const said = (
    <p role="status" className={failed ? styles.failure : styles.reply}>
      {failed && explain(failed).happened}
      {asked === null && decide.isPending && t('orders.pending')}
      {decide.data && (
        <>
          <Verbatim text={decide.data.line} /> <EffectState state={decide.data.state} />{' '}
          <Verbatim text={decide.data.reply.trim()} />
        </>
      )}
      {decide.isSuccess && !decide.data && t('changes.dismissed')}
    </p>
  )
  const list = (
    <Loaded query={offers} tried={t('changes.tried')}>
      {(items) =>
        items.length === 0 ? (
          <p className={styles.empty}>{t('changes.noOffers')}</p>
        ) : (
          <SmallTable
            label={t('changes.offers')}
            items={items}
            keyOf={({ id }) => id}
            columns={[
              {
                title: t('changes.line'),
                width: 'minmax(0, 1.5fr)',
                cell: ({ line }) => <Verbatim text={line} full />,
              },
              {
                title: t('changes.interrupts'),
                width: 'minmax(0, 1.5fr)',
                cell: ({ interrupts }) => <Interrupts {...interrupts} />,
              },
              {
                title: t('changes.revision'),
                width: 'max-content',
                cell: ({ revision }) => <RevisionLink revision={revision} switchKey={key} />,
              },
            ]}
            actions={(each) => (
              <>
                <Button
                  kind="primary"
                  disabled={decide.isPending}
                  onClick={() => {
                    decide.reset()
                    setAsked(each.id)
                  }}
                >
                  {t('changes.run')}
                </Button>
                <Button
                  disabled={decide.isPending}
                  onClick={() => decide.mutate({ offer: each, run: false })}
                >
                  {t('changes.dismiss')}
                </Button>
              </>
            )}
          />
        )
      }
    </Loaded>
  )
  const question = offer && (
    <Confirm
      open
      onClose={() => setAsked(null)}
      title={t('changes.runTitle')}
      action={t('changes.run')}
      danger={offer.interrupts.channels !== 0 || offer.interrupts.registrations !== 0}
      pending={decide.isPending}
      error={decide.error}
      onConfirm={() => decide.mutate({ offer, run: true })}
    >
      <p>
        <Verbatim text={offer.line} full />
      </p>
      <p>
        <Interrupts {...offer.interrupts} />
      </p>
    </Confirm>
  )
  return { said, list, question }
}
