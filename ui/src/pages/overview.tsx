import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { treeQuery } from '../api/queries'
import type { Section } from '../api/types'
import { useInstance } from '../app/place'
import { inReadingOrder, sectionTitle } from '../app/sections'
import { useTitle } from '../app/title'
import { formatNumber, t } from '../i18n'
import { type Column, VirtualList } from '../lists/virtual-list'
import { Loaded } from '../ui/loaded'
import { PageHeader } from '../ui/page-header'
import { StateWord } from '../ui/state-word'
import toolbar from '../ui/toolbar.module.css'
import { FirstRun } from './first-run'
import styles from './overview.module.css'
import { SwitchTiles } from './switch-tiles'

const columns: Column<Section>[] = [
  {
    title: t('overview.description'),
    wide: true,
    cell: ({ description }) => <span className={styles.description}>{description}</span>,
  },
  {
    title: t('overview.entries'),
    cell: ({ children }) => <span className={styles.count}>{formatNumber(children)}</span>,
  },
  { title: t('list.state'), cell: ({ enabled }) => <StateWord enabled={enabled} /> },
]

export function OverviewPage() {
  useTitle(t('nav.overview'))
  const instance = useInstance()
  const tree = useQuery(treeQuery(instance))
  return (
    <Loaded query={tree} tried={t('overview.tried', { instance })}>
      {({ sections, revision }) =>
        sections.length === 0 ? (
          <FirstRun />
        ) : (
          <>
            <PageHeader
              title={t('nav.overview')}
              beside={<span className={toolbar.count}>{t('overview.revision', { revision })}</span>}
            />
            <SwitchTiles />
            <VirtualList
              label={t('nav.label')}
              items={inReadingOrder(sections)}
              total={sections.length}
              filter=""
              more={null}
              keyOf={(section) => section.id}
              layout={styles.layout}
              first={{
                title: t('overview.section'),
                cell: (section, link) => (
                  <Link to="/i/$instance/nodes/$id" params={{ instance, id: section.id }} {...link}>
                    {sectionTitle(section)}
                  </Link>
                ),
              }}
              columns={columns}
            />
          </>
        )
      }
    </Loaded>
  )
}
