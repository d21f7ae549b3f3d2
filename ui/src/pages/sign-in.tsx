import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { Eye, EyeOff } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { post } from '../api/client'
import { explainSignIn } from '../api/errors'
import { paths } from '../api/paths'
import { sessionQuery } from '../api/queries'
import type { Session } from '../api/types'
import { ThemeMenu } from '../app/theme-menu'
import { useTitle } from '../app/title'
import { t } from '../i18n'
import { Button, IconButton } from '../ui/button'
import styles from './sign-in.module.css'

interface Credentials {
  login: string
  password: string
}

export function SignInPage() {
  useTitle(t('signIn.title'))
  const { next } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const client = useQueryClient()
  const enter = (session: Session) => {
    client.setQueryData(sessionQuery.queryKey, session)
    router.history.push(`${router.basepath}${next ?? '/'}`)
  }
  return <SignInForm returned={next !== undefined && next !== '/'} onSignedIn={enter} />
}

interface FormProps {
  /** The session ended while somebody was at work. */
  returned: boolean
  onSignedIn: (session: Session) => void
}

export function SignInForm({ returned, onSignedIn }: FormProps) {
  const password = useRef<HTMLInputElement>(null)
  const [shown, setShown] = useState(false)
  const [missing, setMissing] = useState(false)
  const signIn = useMutation({
    mutationFn: (credentials: Credentials) => post<Session>(paths.session(), credentials),
    onSuccess: onSignedIn,
    onError: () => password.current?.select(),
  })

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const credentials = {
      login: String(form.get('login') ?? '').trim(),
      password: String(form.get('password') ?? ''),
    }
    const incomplete = credentials.login === '' || credentials.password === ''
    setMissing(incomplete)
    if (!incomplete) signIn.mutate(credentials)
  }

  const failure = signIn.error ? explainSignIn(signIn.error) : null
  const message = missing ? t('signIn.missing') : failure
  return (
    <div className={styles.page}>
      <div className={styles.theme}>
        <ThemeMenu />
      </div>
      <main className={styles.card}>
        <h1 className={styles.name}>{t('app.name')}</h1>
        {returned && <p className={styles.note}>{t('signIn.returned')}</p>}
        <form method="post" onSubmit={submit} noValidate className={styles.form}>
          <label className={styles.field}>
            {t('signIn.login')}
            <input
              name="login"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              // biome-ignore lint/a11y/noAutofocus: the page has this one purpose.
              autoFocus
            />
          </label>
          <div className={styles.field}>
            <label htmlFor="password">{t('signIn.password')}</label>
            <div className={styles.secret}>
              <input
                ref={password}
                id="password"
                name="password"
                type={shown ? 'text' : 'password'}
                autoComplete="current-password"
                aria-describedby="sign-in-message"
              />
              <IconButton
                icon={shown ? EyeOff : Eye}
                label={t(shown ? 'signIn.hidePassword' : 'signIn.showPassword')}
                className={styles.eye}
                onClick={() => setShown(!shown)}
              />
            </div>
          </div>
          <p role="alert" id="sign-in-message" className={styles.failure}>
            {signIn.isPending ? null : message}
          </p>
          <Button kind="primary" type="submit" disabled={signIn.isPending}>
            {t(signIn.isPending ? 'signIn.busy' : 'signIn.submit')}
          </Button>
        </form>
      </main>
    </div>
  )
}
