import { Link } from '@tanstack/react-router'
import { t } from '../i18n'
import { Notice } from '../ui/notice'
import { useTitle } from './title'

export function NotFound() {
  useTitle(t('app.notFound'))
  return (
    <Notice title={t('app.notFound')} text={t('app.notFoundHint')}>
      <Link to="/">{t('app.home')}</Link>
    </Notice>
  )
}
