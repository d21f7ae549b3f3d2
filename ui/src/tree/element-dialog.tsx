import { Link } from '@tanstack/react-router'
import type { DeepNode } from '../api/types'
import { useInstance } from '../app/place'
import { t } from '../i18n'
import { CopyButton } from '../ui/copy-button'
import { Dialog } from '../ui/dialog'
import { Verbatim } from '../ui/verbatim'
import styles from './element-dialog.module.css'
import { labelOf } from './parts'
import { SecretValue } from './secret-value'
import { maskAttribute, maskText } from './secrets'

interface Props {
  node: DeepNode | null
  onClose: () => void
}

interface FieldProps {
  name: string
  value: string
  mask: string | null
}

function Field({ name, value, mask }: FieldProps) {
  return (
    <div className={styles.field}>
      <dt>
        <Verbatim text={name} />
        <CopyButton text={() => value} />
      </dt>
      <dd>
        <SecretValue name={name} value={value} mask={mask} full />
      </dd>
    </div>
  )
}

/** One element with nothing cut off. */
export function ElementDialog({ node, onClose }: Props) {
  const instance = useInstance()
  return (
    <Dialog
      open={node !== null}
      onClose={onClose}
      title={node && <Verbatim text={`${node.tag} ${labelOf(node)}`} />}
    >
      {node && (
        <>
          <dl className={styles.fields}>
            {node.attributes.map(([name, value], place) => (
              <Field key={name} name={name} value={value} mask={maskAttribute(node, place)} />
            ))}
            {node.text !== null && (
              <Field name={t('node.text')} value={node.text} mask={maskText(node)} />
            )}
          </dl>
          <p className={styles.open}>
            <Link to="/i/$instance/nodes/$id" params={{ instance, id: node.id }} onClick={onClose}>
              {t('node.open')}
            </Link>
          </p>
        </>
      )}
    </Dialog>
  )
}
