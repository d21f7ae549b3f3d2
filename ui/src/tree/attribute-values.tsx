import type { Attribute } from '../api/types'
import { t } from '../i18n'
import { Verbatim } from '../ui/verbatim'
import styles from './attribute-values.module.css'
import { parts } from './parts'
import { SecretValue } from './secret-value'
import { maskAttribute, maskText } from './secrets'

interface Props {
  node: { tag: string; attributes: Attribute[]; text: string | null }
}

/** All of an element beyond its name: the value of its pair, then other attributes, then its text. */
export function AttributeValues({ node }: Props) {
  const { label, value, rest } = parts(node.attributes)
  const name = (label === null ? undefined : node.attributes[label]?.[1]) ?? node.tag
  const pairValue = value === null ? undefined : node.attributes[value]
  return (
    <span className={styles.values}>
      {value !== null &&
        (pairValue?.[1] === '' ? (
          <span className={styles.empty}>{t('node.none')}</span>
        ) : (
          <SecretValue name={name} value={pairValue?.[1] ?? ''} mask={maskAttribute(node, value)} />
        ))}
      {rest.map((place) => {
        const [key = '', text = ''] = node.attributes[place] ?? []
        return (
          <span key={key} className={styles.pair}>
            <Verbatim text={key} className={styles.key} />
            <SecretValue name={key} value={text} mask={maskAttribute(node, place)} />
          </span>
        )
      })}
      {node.text !== null && <SecretValue name={name} value={node.text} mask={maskText(node)} />}
    </span>
  )
}
