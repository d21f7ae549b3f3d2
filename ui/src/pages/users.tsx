import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { usersQuery } from '../api/queries'
import type { DirectoryUser } from '../api/types'
import { useInstance } from '../app/place'
import { useTitle } from '../app/title'
import { t } from '../i18n'
import { PagedList } from '../lists/paged-list'
import type { Column } from '../lists/virtual-list'
import { PageHeader } from '../ui/page-header'
import { StateWord } from '../ui/state-word'
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

  return (
    <PagedList
      query={query}
      q={q}
      onFilter={(text) => navigate({ search: { q: text }, replace: true })}
      header={(tools) => <PageHeader title={t('users.title')}>{tools}</PageHeader>}
      words={{ count: 'users.count', empty: 'users.empty', tried: 'users.tried' }}
      label={t('users.title')}
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
