import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { CircleUser } from 'lucide-react'
import { remove } from '../api/client'
import { explain, isSignedOut } from '../api/errors'
import { paths } from '../api/paths'
import { sessionQuery } from '../api/queries'
import { t } from '../i18n'
import { Menu, MenuItem } from '../ui/menu'
import { Verbatim } from '../ui/verbatim'
import styles from './account-menu.module.css'

export function AccountMenu() {
  const { data: session } = useQuery(sessionQuery)
  const navigate = useNavigate()
  const client = useQueryClient()
  const signOut = useMutation({
    mutationFn: async () => {
      try {
        await remove(paths.session())
      } catch (error) {
        if (!isSignedOut(error)) throw error
      }
    },
    onSuccess: async () => {
      client.setQueryData(sessionQuery.queryKey, null)
      await navigate({ to: '/sign-in' })
      // What the last person saw is not for the next one.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
    },
  })
  if (!session) return null
  const { login, role } = session.user

  return (
    <>
      {signOut.error && (
        <span role="alert" className={styles.failed}>
          {t('account.signOutFailed', { reason: explain(signOut.error).happened })}
        </span>
      )}
      <Menu
        label={t('account.menu', { login })}
        trigger={
          <>
            <CircleUser size={16} aria-hidden />
            <span className={styles.login}>
              <Verbatim text={login} />
            </span>
          </>
        }
      >
        <div className={styles.who}>
          <Verbatim text={login} />
          <small>{t('account.role', { role })}</small>
        </div>
        <MenuItem onClick={() => signOut.mutate()}>{t('account.signOut')}</MenuItem>
      </Menu>
    </>
  )
}
