import { useMemo } from 'react'
import { t } from '../../i18n'
import { countedFor, lostWith, warningOf } from '../../live/unloading'
import { useLive } from '../../live/use-live'
import { Verbatim } from '../../ui/verbatim'
import { Interrupts } from './interrupts'
import styles from './tab.module.css'

interface Props {
  /** The switch. */
  name: string
  module: string
  /** It comes back at once. */
  again: boolean
}

/** What ends when a module is unloaded, as far as it can be seen. */
export function Unload({ name, module, again }: Props) {
  const kinds = useMemo(() => countedFor(module), [module])
  const live = useLive(name, kinds)
  const lost = live.ready ? lostWith(module, live.rows) : null
  const warning = warningOf(module)
  return (
    <>
      <Verbatim text={module} full />
      {warning && (
        <p className={styles.warning}>
          {t(`modules.warning.${warning}`)} {again && t('modules.warning.again')}
        </p>
      )}
      <p>{lost ? <Interrupts {...lost} /> : t('modules.unknown')}</p>
    </>
  )
}
