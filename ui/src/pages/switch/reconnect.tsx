import { useMutation, useQueryClient } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { act } from '../../api/client'
import { explain } from '../../api/errors'
import { paths } from '../../api/paths'
import { switchesQuery } from '../../api/queries'
import type { Switch } from '../../api/types'
import { t } from '../../i18n'
import { Button } from '../../ui/button'
import styles from './page.module.css'

const SHOWN_MS = 4_000

/** Connects now, or reads everything again where there is a connection. */
export function Reconnect({ one }: { one: Switch }) {
  const client = useQueryClient()
  const again = useMutation({
    mutationFn: () => act('POST', paths.reconnect(one.key)),
    onSuccess: () => setTimeout(() => again.reset(), SHOWN_MS),
    onSettled: () => client.invalidateQueries({ queryKey: switchesQuery.queryKey, exact: true }),
  })
  return (
    <>
      <Button disabled={again.isPending} onClick={() => again.mutate()}>
        <RefreshCw size={14} aria-hidden />
        {t(one.phase === 'live' ? 'switches.readAgain' : 'switches.reconnect')}
      </Button>
      <span role="status" className={styles.said}>
        {again.isSuccess && t('switches.trying')}
        {again.isError && explain(again.error).happened}
      </span>
    </>
  )
}
