import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ClipboardCheck, LayoutList, type LucideIcon, Radio, Users } from 'lucide-react'
import type { ReactNode } from 'react'
import { nodeQuery, treeQuery, userCountQuery } from '../api/queries'
import type { Tree } from '../api/types'
import { formatNumber, t } from '../i18n'
import { Loaded } from '../ui/loaded'
import styles from './nav.module.css'
import { useInstance } from './place'
import { inReadingOrder, sectionIcon, sectionTitle } from './sections'

/** The element shown and those around it: one of them is the section. */
function useShownIds(instance: string): number[] {
  const { id } = useParams({ strict: false })
  const { data } = useQuery({ ...nodeQuery(instance, id ?? 0), enabled: id !== undefined })
  return data && id !== undefined ? [id, ...data.path.map((step) => step.id)] : []
}

function Entry({ icon: Icon, text, count }: { icon: LucideIcon; text: string; count?: number }) {
  return (
    <>
      <Icon size={16} aria-hidden />
      <span className={styles.text}>{text}</span>
      {count !== undefined && <span className={styles.count}>{formatNumber(count)}</span>}
    </>
  )
}

function Sections({ instance }: { instance: string }): ReactNode {
  const tree = useQuery(treeQuery(instance))
  const shown = useShownIds(instance)
  return (
    <Loaded query={tree} tried={t('nav.tried', { instance })}>
      {({ sections }) =>
        inReadingOrder(sections).map((section, place) => (
          <li key={section.id} className={place === 0 ? styles.apart : undefined}>
            <Link
              to="/i/$instance/nodes/$id"
              params={{ instance, id: section.id }}
              className={styles.link}
              {...(shown.includes(section.id) && { 'aria-current': 'true' as const })}
            >
              <Entry
                icon={sectionIcon(section)}
                text={sectionTitle(section)}
                count={section.children}
              />
            </Link>
          </li>
        ))
      }
    </Loaded>
  )
}

const withDialplan = ({ sections }: Tree): boolean =>
  sections.some(({ tag, name }) => tag === 'section' && name === 'dialplan')

export function Nav() {
  const instance = useInstance()
  const { data: hasDialplan } = useQuery({ ...treeQuery(instance), select: withDialplan })
  const { data: users } = useQuery(userCountQuery(instance))
  return (
    <nav aria-label={t('nav.label')}>
      <ul className={styles.list}>
        <li>
          <Link
            to="/i/$instance"
            params={{ instance }}
            activeOptions={{ exact: true }}
            className={styles.link}
          >
            <Entry icon={LayoutList} text={t('nav.overview')} />
          </Link>
        </li>
        <li>
          <Link
            to="/i/$instance/users"
            params={{ instance }}
            activeOptions={{ includeSearch: false }}
            className={styles.link}
          >
            <Entry
              icon={Users}
              text={t('nav.users')}
              {...(users !== undefined && { count: users })}
            />
          </Link>
        </li>
        <li>
          <Link
            to="/i/$instance/switches"
            params={{ instance }}
            activeOptions={{ includeSearch: false }}
            className={styles.link}
          >
            <Entry icon={Radio} text={t('nav.switches')} />
          </Link>
        </li>
        {hasDialplan && (
          <li>
            <Link
              to="/i/$instance/dialplan-check"
              params={{ instance }}
              activeOptions={{ includeSearch: false }}
              className={styles.link}
            >
              <Entry icon={ClipboardCheck} text={t('nav.dialplanCheck')} />
            </Link>
          </li>
        )}
        <Sections instance={instance} />
      </ul>
    </nav>
  )
}
