import { Outlet, useLocation } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../i18n'
import { Dialog } from '../ui/dialog'
import { KeysDialog } from './keys-dialog'
import { Nav } from './nav'
import { useFollowServer, useServer } from './server-state'
import styles from './shell.module.css'
import { useShortcuts } from './shortcuts'
import { StaleNote } from './stale-note'
import { TopBar } from './top-bar'

export function Shell() {
  useFollowServer()
  const { state } = useServer()
  const [keysOpen, setKeysOpen] = useState(false)
  const [drawerAt, setDrawerAt] = useState<string | null>(null)
  const { href } = useLocation()
  useShortcuts({ '?': () => setKeysOpen(true) })

  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {t('app.skip')}
      </a>
      <TopBar onMenu={() => setDrawerAt(href)} onKeys={() => setKeysOpen(true)} />
      <aside className={styles.side}>
        <Nav />
      </aside>
      <main id="content" tabIndex={-1} className={styles.main} data-away={state === 'away'}>
        <StaleNote />
        <div className={styles.page}>
          <Outlet />
        </div>
      </main>
      {/* Going somewhere closes the drawer: it belongs to the page it was opened on. */}
      <Dialog
        kind="drawer"
        open={drawerAt === href}
        onClose={() => setDrawerAt(null)}
        title={t('app.name')}
      >
        <Nav />
      </Dialog>
      <KeysDialog open={keysOpen} onClose={() => setKeysOpen(false)} />
    </div>
  )
}
