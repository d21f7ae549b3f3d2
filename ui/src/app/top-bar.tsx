import { Link } from '@tanstack/react-router'
import { Keyboard, Menu as MenuIcon } from 'lucide-react'
import { t } from '../i18n'
import { IconButton } from '../ui/button'
import { AccountMenu } from './account-menu'
import { InstanceMenu } from './instance-menu'
import { useInstance } from './place'
import { StatusDot } from './status-dot'
import { ThemeMenu } from './theme-menu'
import styles from './top-bar.module.css'

interface Props {
  onMenu: () => void
  onKeys: () => void
}

export function TopBar({ onMenu, onKeys }: Props) {
  const instance = useInstance()
  return (
    <header className={styles.bar}>
      <IconButton icon={MenuIcon} label={t('app.menu')} className={styles.menu} onClick={onMenu} />
      <Link to="/i/$instance" params={{ instance }} className={styles.name}>
        {t('app.name')}
      </Link>
      <InstanceMenu />
      <span className={styles.space} />
      <StatusDot />
      <IconButton
        icon={Keyboard}
        label={t('keys.title')}
        className={styles.keys}
        onClick={onKeys}
      />
      <ThemeMenu />
      <AccountMenu />
    </header>
  )
}
