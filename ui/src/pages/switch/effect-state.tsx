import type { Effect } from '../../api/types'
import { t } from '../../i18n'
import { ToneWord } from '../../ui/tone'
import { effectTone } from './tones'

/** What a change came to, as a word. */
export function EffectState({ state }: { state: Effect['state'] }) {
  return <ToneWord tone={effectTone[state]}>{t(`changes.state.${state}`)}</ToneWord>
}
