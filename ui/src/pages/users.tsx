import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { usersQuery } from '../api/queries'
import type { DirectoryUser } from '../api/types'
import { useInstance } from '../app/place'
import { useTitle } from '../app/title'
import { t } from '../i18n'
import { usePaged } from '../lists/paged'
import { type Column, VirtualList } from '../lists/virtual-list'
import { FilterBox } from '../ui/filter-box'
import { Loaded } from '../ui/loaded'
import { Notice } from '../ui/notice'
import { PageHeader } from '../ui/page-header'
import { StateWord } from '../ui/state-word'
import toolbar from '../ui/toolbar.module.css'
import { Verbatim } from '../ui/verbatim'
import styles from './users.module.css'

const words = (text: string | null) => (text === null ? null : <Verbatim text={text} />)

// `number-alias` and `cidr` are FreeSWITCH's own words: the same in every language.
const columns: Column<DirectoryUser>[] = [
  { title: t('users.domain'), cell: ({ domain }) => words(domain) },
  { title: t('users.group'), wide: true, cell: ({ group }) => words(group) },
  { title: 'number-alias', wide: true, cell: ({ number_alias }) => words(number_alias) },
  { title: 'cidr', wide: true, cell: ({ cidr }) => words(cidr) },
  { title: t('list.state'), cell: ({ enabled }) => <StateWord enabled={enabled} /> },
]

export function UsersPage() {
  useTitle(t('users.title'))
  const instance = useInstance()
  const { q = '' } = useSearch({ from: '/signed-in/i/$instance/users' })
  const navigate = useNavigate({ from: '/i/$instance/users' })
  const query = useInfiniteQuery(usersQuery(instance, q))
  const { items, total, more, pending, shown } = usePaged(query, q)
  const setFilter = (text: string) => navigate({ search: { q: text }, replace: true })
  const counted = shown === '' ? 'users.count' : 'list.countFiltered'

  return (
    <>
      <PageHeader title={t('users.title')}>
        <div className={toolbar.toolbar}>
          <FilterBox value={q} onChange={setFilter} label={t('list.filter')} pending={pending} />
          <span className={toolbar.count} role="status">
            {query.data && t(counted, { n: total })}
          </span>
        </div>
      </PageHeader>
      <Loaded query={query} tried={t('users.tried')}>
        {() =>
          items.length === 0 ? (
            <Notice title={shown === '' ? t('users.empty') : t('list.emptyFilter', { q: shown })} />
          ) : (
            <VirtualList
              label={t('users.title')}
              items={items}
              total={total}
              filter={shown}
              more={more}
              keyOf={(user) => user.id}
              layout={styles.layout}
              first={{
                title: t('users.user'),
                cell: ({ id, user }, link) => (
                  <Link to="/i/$instance/nodes/$id" params={{ instance, id }} {...link}>
                    <Verbatim text={user} className={styles.user} />
                  </Link>
                ),
              }}
              columns={columns}
            />
          )
        }
      </Loaded>
    </>
  )
}
