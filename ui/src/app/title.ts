import { useEffect } from 'react'
import { t } from '../i18n'
import { clip, visible } from '../tree/text'

export function useTitle(...words: string[]): void {
  const title = [...words.map((word) => clip(visible(word), 60)), t('app.name')].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
