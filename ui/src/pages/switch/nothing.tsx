import type { Switch } from '../../api/types'
import { t } from '../../i18n'
import { Notice } from '../../ui/notice'

interface Props {
  one: Switch
  title: string
  hint?: string
}

/** There is nothing; of a switch that was not read nobody knows. */
export function Nothing({ one, title, hint }: Props) {
  const known = one.phase === 'live' || one.phase === 'reading'
  if (!known) return <Notice title={t('live.unknown')} text={t('live.unknownHint')} />
  return <Notice title={title} {...(hint !== undefined && { text: hint })} />
}
