import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { act, post } from '../../api/client'
import { explain } from '../../api/errors'
import { paths } from '../../api/paths'
import { effectsQuery, offersQuery, switchKey } from '../../api/queries'
import type { Effect, Offer } from '../../api/types'
import { formatDateTime, t } from '../../i18n'
import { SmallTable } from '../../lists/small-table'
import { Button } from '../../ui/button'
import { Loaded } from '../../ui/loaded'
import { ToneWord } from '../../ui/tone'
import { Verbatim } from '../../ui/verbatim'
import { Interrupts } from './interrupts'
import type { TabProps } from './tab'
import styles from './tab.module.css'
import { effectTone } from './tones'

/** A restart of a profile takes its time. */
const WAIT_MS = 90_000

const at = (ms: number) => formatDateTime(new Date(ms).toISOString())

function State({ state }: { state: Effect['state'] }) {
  return <ToneWord tone={effectTone[state]}>{t(`changes.state.${state}`)}</ToneWord>
}

export function ChangesTab({ one }: TabProps) {
  const { key } = one
  const client = useQueryClient()
  const offers = useQuery(offersQuery(key))
  const effects = useQuery(effectsQuery(key))
  const decide = useMutation({
    mutationFn: async ({ offer, run }: { offer: Offer; run: boolean }): Promise<Effect | null> => {
      if (run) return await post<Effect>(paths.acceptOffer(key, offer.id), {}, WAIT_MS)
      await act('POST', paths.dismissOffer(key, offer.id))
      return null
    },
    onSettled: () => client.invalidateQueries({ queryKey: [switchKey, key] }),
  })
  return (
    <>
      <p role="status" className={decide.isError ? styles.failure : styles.reply}>
        {decide.isError && explain(decide.error).happened}
        {decide.isPending && t('orders.pending')}
        {decide.data && (
          <>
            <Verbatim text={decide.data.line} /> <State state={decide.data.state} />{' '}
            <Verbatim text={decide.data.reply.trim()} />
          </>
        )}
        {decide.isSuccess && !decide.data && t('changes.dismissed')}
      </p>
      <div className={styles.scroll}>
        <section className={styles.section}>
          <h2>{t('changes.offers')}</h2>
          <p className={styles.note}>{t('changes.offersHint')}</p>
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
                      cell: ({ revision }) => revision,
                    },
                  ]}
                  actions={(offer) => (
                    <>
                      <Button
                        kind="primary"
                        disabled={decide.isPending}
                        onClick={() => decide.mutate({ offer, run: true })}
                      >
                        {t('changes.run')}
                      </Button>
                      <Button
                        disabled={decide.isPending}
                        onClick={() => decide.mutate({ offer, run: false })}
                      >
                        {t('changes.dismiss')}
                      </Button>
                    </>
                  )}
                />
              )
            }
          </Loaded>
        </section>
        <section className={styles.section}>
          <h2>{t('changes.effects')}</h2>
          <Loaded query={effects} tried={t('changes.tried')}>
            {(items) =>
              items.length === 0 ? (
                <p className={styles.empty}>{t('changes.noEffects')}</p>
              ) : (
                <SmallTable
                  label={t('changes.effects')}
                  items={items}
                  keyOf={({ id }) => id}
                  columns={[
                    {
                      title: t('changes.line'),
                      width: 'minmax(0, 1.5fr)',
                      cell: ({ line }) => <Verbatim text={line} full />,
                    },
                    {
                      title: t('list.state'),
                      width: 'max-content',
                      cell: ({ state }) => <State state={state} />,
                    },
                    {
                      title: t('changes.reply'),
                      width: 'minmax(0, 2fr)',
                      cell: ({ reply }) => reply.trim() && <Verbatim text={reply.trim()} full />,
                    },
                    {
                      title: t('changes.revision'),
                      width: 'max-content',
                      cell: ({ revision }) => revision,
                    },
                    {
                      title: t('changes.at'),
                      width: 'max-content',
                      cell: ({ at_ms }) => at(at_ms),
                    },
                  ]}
                />
              )
            }
          </Loaded>
        </section>
      </div>
    </>
  )
}
