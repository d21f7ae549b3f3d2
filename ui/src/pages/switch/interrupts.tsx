import { t } from '../../i18n'

/** Whose calls and registrations end. */
export function Interrupts({
  channels,
  registrations,
}: {
  channels: number
  registrations: number
}) {
  const lost = [
    channels > 0 && t('interrupts.channels', { n: channels }),
    registrations > 0 && t('interrupts.registrations', { n: registrations }),
  ].filter(Boolean)
  return <span>{lost.length === 0 ? t('interrupts.nothing') : lost.join(' ')}</span>
}
