import { useQuery } from '@tanstack/react-query'
import { effectsQuery } from '../../api/queries'
import { formatDateTime, t } from '../../i18n'
import { SmallTable } from '../../lists/small-table'
import { Loaded } from '../../ui/loaded'
import { Verbatim } from '../../ui/verbatim'
import { EffectState } from './effect-state'
import { useOffers } from './offers'
import { RevisionDialog, RevisionLink } from './revision'
import type { TabProps } from './tab'
import styles from './tab.module.css'

const at = (ms: number) => formatDateTime(new Date(ms).toISOString())

export function ChangesTab({ one }: TabProps) {
  const { key } = one
  const effects = useQuery(effectsQuery(key))
  const { said, list, question } = useOffers(key)
  return (
    <>
      {said}
      <div className={styles.scroll}>
        <section className={styles.section}>
          <h2>{t('changes.offers')}</h2>
          <p className={styles.note}>{t('changes.offersHint')}</p>
          {list}
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
                      cell: ({ state }) => <EffectState state={state} />,
                    },
                    {
                      title: t('changes.reply'),
                      width: 'minmax(0, 2fr)',
                      cell: ({ reply }) => reply.trim() && <Verbatim text={reply.trim()} full />,
                    },
                    {
                      title: t('changes.revision'),
                      width: 'max-content',
                      cell: ({ revision }) => <RevisionLink revision={revision} switchKey={key} />,
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
      {question}
      <RevisionDialog one={one} />
    </>
  )
}
