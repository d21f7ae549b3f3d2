import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ComponentType, useEffect, useRef, useState } from 'react'
import { follow } from '../../api/client'
import { paths } from '../../api/paths'
import { offersQuery, switchesQuery } from '../../api/queries'
import type { Switch } from '../../api/types'
import { useInstance } from '../../app/place'
import { useIsAdmin } from '../../app/rights'
import { SWITCH_TABS, type SwitchTab } from '../../app/search'
import { useTitle } from '../../app/title'
import { formatNumber, t } from '../../i18n'
import { Log } from '../../live/log'
import { levelNumber } from '../../live/log-lines'
import { useFollowSwitches } from '../../live/use-live'
import { Loaded } from '../../ui/loaded'
import { Notice } from '../../ui/notice'
import { PageHeader } from '../../ui/page-header'
import { ToneWord } from '../../ui/tone'
import toolbar from '../../ui/toolbar.module.css'
import { Verbatim } from '../../ui/verbatim'
import { CallCenterTab } from './callcenter'
import { CallsTab } from './calls'
import { ChangesTab } from './changes'
import { ConferencesTab } from './conferences'
import { ConsoleTab } from './console'
import { DoctorTab } from './doctor'
import { LogTab } from './log'
import { LogContext } from './log-context'
import { ModulesTab } from './modules'
import styles from './page.module.css'
import { Reconnect } from './reconnect'
import { RegistrationsTab } from './registrations'
import { SipTab } from './sip'
import type { TabProps } from './tab'
import { phaseTone } from './tones'
import { Trouble } from './trouble'

const TABS: Record<SwitchTab, ComponentType<TabProps>> = {
  calls: CallsTab,
  registrations: RegistrationsTab,
  sip: SipTab,
  callcenter: CallCenterTab,
  conferences: ConferencesTab,
  modules: ModulesTab,
  changes: ChangesTab,
  log: LogTab,
  console: ConsoleTab,
  doctor: DoctorTab,
}
/** What the server shows to admins only. */
const FOR_ADMINS: readonly SwitchTab[] = ['log']
/** Of which kinds a tab shows how many there are. */
const COUNTED: Partial<Record<SwitchTab, string>> = {
  registrations: 'registrations',
  conferences: 'conferences',
  modules: 'modules',
}

interface TabsProps {
  one: Switch
  tabs: readonly SwitchTab[]
  current: SwitchTab
}

function Tabs({ one, tabs, current }: TabsProps) {
  const instance = useInstance()
  const { data: offers = [] } = useQuery(offersQuery(one.key))
  const bar = useRef<HTMLElement>(null)
  // Where there is no room for all of them, the current one is what one wants to see.
  // biome-ignore lint/correctness/useExhaustiveDependencies: again for each tab, and when they get wider.
  useEffect(() => {
    bar.current
      ?.querySelector('[aria-current]')
      ?.scrollIntoView?.({ block: 'nearest', inline: 'center' })
  }, [current, offers.length])
  return (
    <nav ref={bar} aria-label={t('switch.tabs')} className={styles.tabs}>
      {tabs.map((tab) => {
        const count = one.counts[COUNTED[tab] ?? '']
        return (
          <Link
            key={tab}
            to="/i/$instance/switches/$key"
            params={{ instance, key: one.key }}
            search={tab === 'calls' ? {} : { tab }}
            className={styles.tab}
            activeOptions={{ exact: true, includeSearch: true }}
            {...(tab === current && { 'aria-current': 'page' as const })}
          >
            {t(`switch.tab.${tab}`)}
            {tab === 'changes' && offers.length > 0 && (
              <span className={styles.waiting}>{t('changes.waiting', { n: offers.length })}</span>
            )}
            {count !== undefined && count > 0 && (
              <span className={styles.count}>{formatNumber(count)}</span>
            )}
          </Link>
        )
      })}
    </nav>
  )
}

function OneSwitch({ one }: { one: Switch }) {
  useTitle(one.name)
  useFollowSwitches()
  const instance = useInstance()
  const { tab: asked = 'calls', q = '' } = useSearch({
    from: '/signed-in/i/$instance/switches/$key',
  })
  const navigate = useNavigate({ from: '/i/$instance/switches/$key' })
  const [log] = useState(
    () => new Log((level, signal) => follow(paths.log(one.key, levelNumber(level)), signal)),
  )
  const admin = useIsAdmin()
  const tabs = SWITCH_TABS.filter((each) => admin || !FOR_ADMINS.includes(each))
  const tab = tabs.includes(asked) ? asked : 'calls'
  const Shown = TABS[tab]
  return (
    <LogContext value={log}>
      <PageHeader
        above={
          <Link to="/i/$instance/switches" params={{ instance }} className={toolbar.note}>
            {t('switches.title')}
          </Link>
        }
        title={<Verbatim text={one.name} className={styles.title} />}
        beside={
          <>
            <ToneWord tone={phaseTone[one.phase]}>{t(`switches.phase.${one.phase}`)}</ToneWord>
            <span className={toolbar.note}>
              <Verbatim text={`${one.host}:${one.port}`} />
            </span>
            {one.status?.version && (
              <span className={toolbar.note}>
                <Verbatim text={one.status.version} />
              </span>
            )}
            <span className={toolbar.space} />
            <Reconnect one={one} />
          </>
        }
      >
        <Trouble one={one} />
      </PageHeader>
      <Tabs one={one} tabs={tabs} current={tab} />
      <Shown
        key={tab}
        one={one}
        q={q}
        onFilter={(text) => navigate({ search: (now) => ({ ...now, q: text }), replace: true })}
      />
    </LogContext>
  )
}

export function SwitchPage() {
  const { key } = useParams({ from: '/signed-in/i/$instance/switches/$key' })
  const query = useQuery(switchesQuery)
  const instance = useInstance()
  return (
    <Loaded query={query} tried={t('switches.tried')}>
      {(all) => {
        const one = all.find((each) => each.key === key)
        if (one) return <OneSwitch key={key} one={one} />
        return (
          <Notice title={t('switch.missing')}>
            <Link to="/i/$instance/switches" params={{ instance }}>
              {t('switches.title')}
            </Link>
          </Notice>
        )
      }}
    </Loaded>
  )
}
