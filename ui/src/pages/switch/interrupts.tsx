import { t } from '../../i18n'

/** Whose calls and registrations end; null where nobody knows. */
export function Interrupts({
  channels,
  registrations,
}: {
  channels: number | null
  registrations: number | null
}) {
  const lost = [
    channels === null && t('interrupts.channelsUnknown'),
    registrations === null && t('interrupts.registrationsUnknown'),
    channels !== null && channels > 0 && t('interrupts.channels', { n: channels }),
    registrations !== null &&
      registrations > 0 &&
      t('interrupts.registrations', { n: registrations }),
  ].filter(Boolean)
  return <span>{lost.length === 0 ? t('interrupts.nothing') : lost.join(' ')}</span>
}
