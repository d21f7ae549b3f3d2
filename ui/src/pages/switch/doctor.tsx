import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import { paths } from '../../api/paths'
import { doctorQuery } from '../../api/queries'
import type { DoctorCheck, ImportPart, SwitchImported } from '../../api/types'
import { t } from '../../i18n'
import { visibleBlock } from '../../tree/text'
import { Button } from '../../ui/button'
import { Confirm } from '../../ui/confirm'
import { CopyButton } from '../../ui/copy-button'
import { Loaded } from '../../ui/loaded'
import { type Tone, ToneWord } from '../../ui/tone'
import { Verbatim } from '../../ui/verbatim'
import styles from './doctor.module.css'
import type { TabProps } from './tab'
import shared from './tab.module.css'

const TONES: Record<DoctorCheck['state'], Tone> = { good: 'good', note: 'warn', bad: 'bad' }
const PARTS: ImportPart[] = ['directory', 'dialplan', 'configuration', 'global_variables']
/** A whole directory takes a while. */
const WAIT_MS = 300_000

function Check({ check: { what, state, found, remedy } }: { check: DoctorCheck }) {
  return (
    <li className={styles.check}>
      <ToneWord tone={TONES[state]}>{t(`doctor.state.${state}`)}</ToneWord>
      <div className={styles.words}>
        <p className={styles.what}>{what}</p>
        <p>{visibleBlock(found)}</p>
        {remedy !== '' && <p className={styles.remedy}>{visibleBlock(remedy)}</p>}
      </div>
    </li>
  )
}

function Imported({ done }: { done: SwitchImported }) {
  return (
    <div className={shared.section} role="status">
      <p>
        {t('doctor.added', { n: done.added })}
        {done.revision !== null && ` ${t('doctor.inRevision', { revision: done.revision })}`}
      </p>
      {done.report && <pre className={styles.report}>{visibleBlock(done.report)}</pre>}
      {done.skipped.length > 0 && (
        <details>
          <summary>{t('doctor.skipped', { n: done.skipped.length })}</summary>
          <ul className={styles.skipped}>
            {done.skipped.map((name) => (
              <li key={name}>
                <Verbatim text={name} full />
              </li>
            ))}
          </ul>
        </details>
      )}
      {done.files !== null && (
        <div className={shared.section}>
          <p className={shared.note}>{t('doctor.files')}</p>
          <pre className={styles.report}>custompbx import {visibleBlock(done.files)}</pre>
        </div>
      )}
    </div>
  )
}

export function DoctorTab({ one }: TabProps) {
  const query = useQuery(doctorQuery(one.key))
  const [asked, setAsked] = useState<ImportPart | null>(null)
  const take = useMutation({
    mutationFn: (what: ImportPart) =>
      post<SwitchImported>(paths.importRunning(one.key), { what }, WAIT_MS),
    onSuccess: () => setAsked(null),
  })
  return (
    <div className={shared.scroll}>
      <section className={shared.section}>
        <h2>{t('doctor.checks')}</h2>
        <Loaded query={query} tried={t('doctor.tried')}>
          {({ checks }) => (
            <>
              <ul>
                {checks.map((check) => (
                  <Check key={`${check.what} ${check.found}`} check={check} />
                ))}
              </ul>
              <div className={shared.buttons}>
                <Button disabled={query.isFetching} onClick={() => query.refetch()}>
                  {t(query.isFetching ? 'doctor.looking' : 'doctor.again')}
                </Button>
              </div>
            </>
          )}
        </Loaded>
      </section>
      {query.data && (
        <section className={shared.section}>
          <h2>{t('doctor.snippets')}</h2>
          <p className={shared.note}>{t('doctor.snippetsHint')}</p>
          {Object.entries(query.data.snippets).map(([name, text]) => (
            <div key={name} className={styles.snippet}>
              <details>
                <summary>{name}.conf.xml</summary>
                <pre>{visibleBlock(text)}</pre>
              </details>
              <CopyButton text={() => text} label={t('doctor.copy', { name })} />
            </div>
          ))}
        </section>
      )}
      <section className={shared.section}>
        <h2>{t('doctor.import')}</h2>
        <p className={shared.note}>{t('doctor.importHint')}</p>
        <div className={shared.buttons}>
          {PARTS.map((part) => (
            <Button
              key={part}
              disabled={take.isPending}
              onClick={() => {
                take.reset()
                setAsked(part)
              }}
            >
              {t(`doctor.part.${part}`)}
            </Button>
          ))}
        </div>
        {take.data && <Imported done={take.data} />}
      </section>
      {asked !== null && (
        <Confirm
          open
          onClose={() => setAsked(null)}
          title={t('doctor.importTitle', { part: t(`doctor.part.${asked}`) })}
          action={t(take.isPending ? 'doctor.taking' : 'doctor.take')}
          pending={take.isPending}
          error={take.error}
          onConfirm={() => take.mutate(asked)}
        >
          <p>{t('doctor.importText')}</p>
        </Confirm>
      )}
    </div>
  )
}
