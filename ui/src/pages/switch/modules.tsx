import { useMemo } from 'react'
import type { Module } from '../../api/types'
import { t } from '../../i18n'
import { type Column, VirtualList } from '../../lists/virtual-list'
import { contains } from '../../live/calls'
import { useLive } from '../../live/use-live'
import { Notice } from '../../ui/notice'
import { Verbatim } from '../../ui/verbatim'
import { Kept } from './kept'
import { Nothing } from './nothing'
import type { TabProps } from './tab'
import styles from './tab.module.css'
import { Tools } from './tools'

const KINDS = ['modules'] as const
const keyOf = ({ name }: Module) => name

const columns: Column<Module>[] = [
  {
    title: t('modules.file'),
    wide: true,
    cell: ({ filename }) => filename && <Verbatim text={filename} />,
  },
]

export function ModulesTab({ one, q, onFilter }: TabProps) {
  const live = useLive(one.key, KINDS)
  const all = useMemo(
    () => [...live.rows.modules.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    [live.rows],
  )
  const left = useMemo(
    () => all.filter(({ name, filename }) => contains(q, [name, filename])),
    [all, q],
  )
  return (
    <Kept live={live}>
      {all.length > 0 && (
        <Tools q={q} onFilter={onFilter} count={t('modules.count', { n: left.length })} />
      )}
      {left.length === 0 ? (
        all.length === 0 ? (
          <Nothing one={one} title={t('modules.empty')} />
        ) : (
          <Notice title={t('list.emptyFilter', { q })} />
        )
      ) : (
        <VirtualList
          label={t('switch.tab.modules')}
          items={left}
          total={left.length}
          filter={q}
          more={null}
          keyOf={keyOf}
          layout={styles.modules}
          first={{
            title: t('modules.module'),
            cell: ({ name }, link) => (
              <span {...link}>
                <Verbatim text={name} />
              </span>
            ),
          }}
          columns={columns}
        />
      )}
    </Kept>
  )
}
