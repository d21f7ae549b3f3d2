import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { t } from '../i18n'
import { ErrorPanel } from '../ui/error-panel'

/** What a route could not load, or a mistake of ours while showing it. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const retry = () => {
    reset()
    void router.invalidate()
  }
  return <ErrorPanel error={error} tried={t('app.tried')} onRetry={retry} />
}
