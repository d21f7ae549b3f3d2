import { Link } from '@tanstack/react-router'
import type { PathStep } from '../api/types'
import { useInstance } from '../app/place'
import { isSection, sectionTitle } from '../app/sections'
import { t } from '../i18n'
import { Verbatim } from '../ui/verbatim'
import styles from './breadcrumb.module.css'

/** The first step is the root of everything: its page is the overview. */
export function Breadcrumb({ path }: { path: PathStep[] }) {
  const instance = useInstance()
  const steps = path.filter((step, place) => place > 0 || isSection(step))
  return (
    <nav aria-label={t('node.path')}>
      <ol className={styles.path}>
        <li>
          <Link to="/i/$instance" params={{ instance }}>
            {t('nav.overview')}
          </Link>
        </li>
        {steps.map((step) => (
          <li key={step.id}>
            <Link to="/i/$instance/nodes/$id" params={{ instance, id: step.id }}>
              {isSection(step) ? sectionTitle(step) : <Verbatim text={step.name ?? step.tag} />}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}
