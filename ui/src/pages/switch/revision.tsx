import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { instancesQuery, revisionQuery } from '../../api/queries'
import type { OldElement, Revision, RevisionStep, Switch } from '../../api/types'
import { useInstance } from '../../app/place'
import { formatDateTime, t } from '../../i18n'
import { AttributeValues } from '../../tree/attribute-values'
import { labelOf } from '../../tree/parts'
import { Dialog } from '../../ui/dialog'
import { Loaded } from '../../ui/loaded'
import { StateWord } from '../../ui/state-word'
import { Verbatim } from '../../ui/verbatim'
import { EffectState } from './effect-state'
import styles from './revision.module.css'
import tab from './tab.module.css'

/** Opens what a revision changed. */
export function RevisionLink({ revision, switchKey }: { revision: number; switchKey: string }) {
  const instance = useInstance()
  return (
    <Link
      to="/i/$instance/switches/$key"
      params={{ instance, key: switchKey }}
      search={{ tab: 'changes', revision }}
      className={styles.link}
      aria-haspopup="dialog"
      aria-label={t('changes.openRevision', { revision: String(revision) })}
    >
      {revision}
    </Link>
  )
}

const shownAs = ({ tag, attributes, text }: OldElement) => ({
  tag,
  attributes: Object.entries(attributes),
  text,
})

function Side({ title, element }: { title: string; element: OldElement }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <AttributeValues node={shownAs(element)} />
      </dd>
    </>
  )
}

const isChanged = ({ before, after }: RevisionStep) =>
  before !== null &&
  after !== null &&
  JSON.stringify(shownAs(before)) !== JSON.stringify(shownAs(after))

/** An element, what it was and what it became. */
function Step({ step, instance }: { step: RevisionStep; instance: string }) {
  const { op, node, address, before, after } = step
  const element = after ?? before
  const name = element ? labelOf({ ...shownAs(element), name: element.name }) : String(node)
  const where = <Verbatim text={address ?? name} full />
  return (
    <li className={styles.step}>
      <p className={styles.head}>
        <span className={styles.op}>{t(`changes.op.${op}`)}</span>
        {after === null ? (
          where
        ) : (
          <Link to="/i/$instance/nodes/$id" params={{ instance, id: node }} className={tab.link}>
            {where}
          </Link>
        )}
        {op === 'enable' && after && <StateWord enabled={after.enabled} />}
      </p>
      <dl className={tab.facts}>
        {isChanged(step) && before && <Side title={t('changes.before')} element={before} />}
        {isChanged(step) && after && <Side title={t('changes.after')} element={after} />}
      </dl>
    </li>
  )
}

function Shown({ revision, instance }: { revision: Revision; instance: string }) {
  const { summary, actor, origin, at, steps, total_steps, effects } = revision
  return (
    <div className={tab.dialog}>
      <dl className={tab.facts}>
        <dt>{t('changes.summary')}</dt>
        <dd>
          <Verbatim text={summary} full />
        </dd>
        <dt>{t('changes.by')}</dt>
        <dd>
          <Verbatim text={`${actor} · ${origin}`} full />
        </dd>
        {at !== null && (
          <>
            <dt>{t('changes.at')}</dt>
            <dd>{formatDateTime(at)}</dd>
          </>
        )}
      </dl>
      <section className={tab.section}>
        <h3>{t('changes.objects')}</h3>
        {steps.length === 0 ? (
          <p className={tab.empty}>{t('changes.noObjects')}</p>
        ) : (
          <ul className={styles.steps}>
            {steps.map((step, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a revision stays as it is, and may do several things to one node.
              <Step key={place} step={step} instance={instance} />
            ))}
          </ul>
        )}
        {total_steps > steps.length && (
          <p className={tab.note}>{t('changes.moreObjects', { n: total_steps - steps.length })}</p>
        )}
      </section>
      {effects.length > 0 && (
        <section className={tab.section}>
          <h3>{t('changes.cameTo')}</h3>
          <ul className={styles.steps}>
            {effects.map((effect) => (
              <li key={effect.id} className={styles.head}>
                <Verbatim text={effect.switch} className={styles.op} />
                <Verbatim text={effect.line} full />
                <EffectState state={effect.state} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

function One({ id, instance }: { id: number; instance: string }) {
  const query = useQuery(revisionQuery(instance, id))
  return (
    <Loaded query={query} tried={t('changes.revisionTried')}>
      {(revision) => <Shown revision={revision} instance={instance} />}
    </Loaded>
  )
}

/** What the revision in the URL changed; the switch may be of another instance than the pages around it. */
export function RevisionDialog({ one }: { one: Switch }) {
  const here = useInstance()
  const navigate = useNavigate({ from: '/i/$instance/switches/$key' })
  const { revision } = useSearch({ from: '/signed-in/i/$instance/switches/$key' })
  const { data: instances } = useQuery(instancesQuery)
  const instance = instances?.find(({ id }) => id === one.instance_id)?.name ?? here
  return (
    <Dialog
      open={revision !== undefined}
      onClose={() => navigate({ search: ({ revision: _, ...rest }) => rest, replace: true })}
      title={t('changes.revisionTitle', { revision: String(revision ?? '') })}
    >
      {revision !== undefined && instances && <One id={revision} instance={instance} />}
    </Dialog>
  )
}
