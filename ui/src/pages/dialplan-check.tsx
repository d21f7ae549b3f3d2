import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { dialplanCheckQuery } from '../api/queries'
import type { DialplanCheck } from '../api/types'
import { useInstance } from '../app/place'
import { useTitle } from '../app/title'
import { t } from '../i18n'
import { type Column, VirtualList } from '../lists/virtual-list'
import { clip, visible } from '../tree/text'
import { FilterBox } from '../ui/filter-box'
import { Loaded } from '../ui/loaded'
import { Notice } from '../ui/notice'
import { PageHeader } from '../ui/page-header'
import toolbar from '../ui/toolbar.module.css'
import { Verbatim } from '../ui/verbatim'
import { CheckedContexts } from './checked-contexts'
import styles from './dialplan-check.module.css'
import { type Kind, matching, type RemarkRow, remarkRows } from './remarks'

/** The message is shown nowhere else: a row grows with it, within reason. */
const MAX_MESSAGE = 1_000

const wordOf = (kind: Kind): string => t(`check.kind.${kind}`)
const keyOf = ({ key }: RemarkRow): number => key

const columns: Column<RemarkRow>[] = [
  { title: t('check.context'), cell: ({ context }) => <Verbatim text={context} /> },
  {
    title: t('check.kind'),
    cell: ({ kind }) => <span className={styles[kind]}>{wordOf(kind)}</span>,
  },
  { title: t('check.attribute'), cell: ({ attribute }) => <Verbatim text={attribute} /> },
  {
    title: t('check.message'),
    cell: ({ message }) => <Verbatim text={visible(clip(message, MAX_MESSAGE))} full />,
  },
]

function Remarks({ check }: { check: DialplanCheck }) {
  const instance = useInstance()
  const { q = '' } = useSearch({ from: '/signed-in/i/$instance/dialplan-check' })
  const navigate = useNavigate({ from: '/i/$instance/dialplan-check' })
  const all = useMemo(() => remarkRows(check.contexts), [check])
  const rows = useMemo(() => matching(all, q, wordOf), [all, q])

  return (
    <>
      <PageHeader title={t('check.title')}>
        <CheckedContexts check={check} />
        {all.length > 0 && (
          <div className={toolbar.toolbar}>
            <FilterBox
              value={q}
              onChange={(text) => navigate({ search: { q: text }, replace: true })}
              label={t('list.filter')}
            />
            <span className={toolbar.count} role="status">
              {t(q === '' ? 'check.count' : 'list.countFiltered', { n: rows.length })}
            </span>
          </div>
        )}
      </PageHeader>
      {rows.length === 0 ? (
        <Notice title={all.length === 0 ? t('check.empty') : t('list.emptyFilter', { q })} />
      ) : (
        <VirtualList
          label={t('check.title')}
          items={rows}
          total={rows.length}
          filter={q}
          more={null}
          keyOf={keyOf}
          layout={styles.layout}
          wrap
          first={{
            title: t('check.extension'),
            cell: ({ extension, node }, link) => {
              const name = <Verbatim text={extension} className={styles.extension} />
              // Without an element there is nowhere to lead to, but the row can be reached all the same.
              if (node === 0) return <span {...link}>{name}</span>
              return (
                <Link to="/i/$instance/nodes/$id" params={{ instance, id: node }} {...link}>
                  {name}
                </Link>
              )
            },
          }}
          columns={columns}
        />
      )}
    </>
  )
}

export function DialplanCheckPage() {
  useTitle(t('check.title'))
  const query = useQuery(dialplanCheckQuery(useInstance()))
  return (
    <Loaded query={query} tried={t('check.tried')}>
      {(check) => <Remarks check={check} />}
    </Loaded>
  )
}
