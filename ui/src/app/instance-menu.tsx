import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown } from 'lucide-react'
import { instancesQuery } from '../api/queries'
import { t } from '../i18n'
import { Menu, MenuChoice } from '../ui/menu'
import { Verbatim } from '../ui/verbatim'
import styles from './instance-menu.module.css'
import { useInstance } from './place'

/** Nothing to choose from, nothing shown. */
export function InstanceMenu() {
  const { data: instances = [] } = useQuery(instancesQuery)
  const instance = useInstance()
  const navigate = useNavigate()
  if (instances.length < 2) return null

  return (
    <Menu
      label={t('instance.menu', { name: instance })}
      trigger={
        <span className={styles.current}>
          <Verbatim text={instance} />
          <ChevronsUpDown size={14} aria-hidden />
        </span>
      }
    >
      <MenuChoice
        value={instance}
        onChange={(name) => navigate({ to: '/i/$instance', params: { instance: name } })}
        options={instances.map((one) => ({
          value: one.name,
          text: (
            <span className={styles.option}>
              <Verbatim text={one.name} />
              {one.default && <small className={styles.note}>{t('instance.default')}</small>}
            </span>
          ),
        }))}
      />
    </Menu>
  )
}
