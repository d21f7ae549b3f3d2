import { Link } from '@tanstack/react-router'
import { useLayoutEffect, useRef } from 'react'
import type { PathStep } from '../api/types'
import { useInstance } from '../app/place'
import { isSection, sectionTitle } from '../app/sections'
import { t } from '../i18n'
import { Verbatim } from '../ui/verbatim'
import styles from './breadcrumb.module.css'

/** The first step is the root of everything: its page is the overview. */
export function Breadcrumb({ path }: { path: PathStep[] }) {
  const instance = useInstance()
  const list = useRef<HTMLOListElement>(null)

  // Where there is no room for all of it, the nearest steps are what one wants to see.
  useLayoutEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest', inline: 'end' })
  }, [])

  return (
    <nav aria-label={t('node.path')}>
      <ol ref={list} className={styles.path}>
        <li>
          <Link to="/i/$instance" params={{ instance }}>
            {t('nav.overview')}
          </Link>
        </li>
        {path.slice(1).map((step, place) => (
          <li key={step.id}>
            <Link to="/i/$instance/nodes/$id" params={{ instance, id: step.id }}>
              {isSection(step, place + 1) ? (
                sectionTitle(step)
              ) : (
                <Verbatim text={step.name ?? step.tag} />
              )}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}
