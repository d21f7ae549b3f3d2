import { type ReactNode, useState } from 'react'
import type { Node, PathStep } from '../api/types'
import { isSection, sectionTitle } from '../app/sections'
import { t } from '../i18n'
import { labelOf } from '../tree/parts'
import { SecretValue } from '../tree/secret-value'
import { maskAttribute } from '../tree/secrets'
import { Button } from '../ui/button'
import { PageHeader } from '../ui/page-header'
import { StateWord } from '../ui/state-word'
import { Verbatim } from '../ui/verbatim'
import { Breadcrumb } from './breadcrumb'
import styles from './node-header.module.css'

const LONG = 120

interface Props {
  node: Node
  path: PathStep[]
  /** What can be done with what stands below. */
  children: ReactNode
}

/** A name may be as long as it likes; the header shows its beginning. */
function Name({ text }: { text: string }) {
  const [full, setFull] = useState(false)
  return (
    <>
      <Verbatim text={text} full={full} className={full ? styles.fullName : styles.name} />
      {text.length > LONG && (
        <Button onClick={() => setFull(!full)} aria-expanded={full}>
          {t(full ? 'node.showLess' : 'node.showAll')}
        </Button>
      )}
    </>
  )
}

function Title({ node }: { node: Node }) {
  const label = labelOf(node)
  return (
    <>
      <Verbatim text={node.tag} className={styles.tag} />
      {label !== node.tag && <Name text={label} />}
    </>
  )
}

export function NodeHeader({ node, path, children }: Props) {
  const section = isSection(node, path.length)
  const label = labelOf(node)
  const more = node.attributes
    .map(([name, value], place) => ({ name, value, mask: maskAttribute(node, place) }))
    .filter(({ value }) => !section && value !== label)
  return (
    <PageHeader
      above={<Breadcrumb path={path} />}
      title={section ? sectionTitle(node) : <Title node={node} />}
      beside={!node.enabled && <StateWord enabled={false} />}
    >
      {more.length > 0 && (
        <dl className={styles.attributes} aria-label={t('node.attributes')}>
          {more.map(({ name, value, mask }) => (
            <div key={name}>
              <dt>
                <Verbatim text={name} />
              </dt>
              <dd>
                <SecretValue name={name} value={value} mask={mask} full />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {children}
    </PageHeader>
  )
}
