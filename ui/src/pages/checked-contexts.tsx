import { Fragment } from 'react'
import type { CheckedContext, DialplanCheck } from '../api/types'
import { t } from '../i18n'
import { Verbatim } from '../ui/verbatim'
import styles from './checked-contexts.module.css'

/** More than these would leave no room for the list below. */
const SHOWN = 6

function factsOf({ name, mode, extensions }: CheckedContext, { agreement }: DialplanCheck) {
  const facts = [t(`check.mode.${mode}`), t('check.extensions', { n: extensions })]
  if (mode !== 'checked') return facts
  const counted = Object.hasOwn(agreement, name) ? agreement[name] : undefined
  const { agreed, disagreed } = counted ?? { agreed: 0, disagreed: 0 }
  return [...facts, t('check.agreed', { n: agreed }), t('check.disagreed', { n: disagreed })]
}

function List({ check }: { check: DialplanCheck }) {
  return (
    <ul className={styles.list} aria-label={t('check.contexts')}>
      {check.contexts.map((context) => (
        <li key={context.name} className={styles.line}>
          <Verbatim text={context.name} className={styles.name} />
          <span className={styles.facts}>
            {factsOf(context, check).map((fact, place) => (
              <Fragment key={fact}>
                {place > 0 && ' · '}
                <span className={styles.fact}>{fact}</span>
              </Fragment>
            ))}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** How each context is served, a line for each; very many are shown when asked for. */
export function CheckedContexts({ check }: { check: DialplanCheck }) {
  const { contexts } = check
  if (contexts.length === 0) return null
  if (contexts.length <= SHOWN) return <List check={check} />
  return (
    <details>
      <summary className={styles.summary}>
        {t('check.contextCount', { n: contexts.length })}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse. */}
      <div className={styles.scroller} tabIndex={0}>
        <List check={check} />
      </div>
    </details>
  )
}
