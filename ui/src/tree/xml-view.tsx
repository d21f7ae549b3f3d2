import { useMemo, useState } from 'react'
import type { DeepNode } from '../api/types'
import { t } from '../i18n'
import { Button } from '../ui/button'
import { CopyButton } from '../ui/copy-button'
import { hasSecret } from './secrets'
import { visible } from './text'
import { type Token, xmlLines, xmlText } from './xml'
import styles from './xml-view.module.css'

const containsSecret = (node: DeepNode): boolean =>
  hasSecret(node) || node.children.some(containsSecret)

const containsDisabled = (node: DeepNode): boolean =>
  !node.enabled || node.children.some(containsDisabled)

/** Colours cost an element per word: with more lines than this they would be waited for. */
const COLOURED_LINES = 1_000

function Coloured({ tokens }: { tokens: Token[] }) {
  return tokens.map(([kind, text], place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place.
    <span key={place} className={styles[kind]}>
      {visible(text)}
    </span>
  ))
}

export function XmlView({ root }: { root: DeepNode }) {
  const secret = useMemo(() => containsSecret(root), [root])
  const disabled = useMemo(() => containsDisabled(root), [root])
  const [revealed, setRevealed] = useState(false)
  const masked = secret && !revealed
  const lines = useMemo(() => xmlLines(root, masked), [root, masked])
  const coloured = lines.length <= COLOURED_LINES

  return (
    <div className={styles.view}>
      <div className={styles.tools}>
        <CopyButton text={() => xmlText(lines)} label={t(masked ? 'copy.masked' : 'copy.action')} />
        {secret && (
          <Button onClick={() => setRevealed(!revealed)} aria-pressed={revealed}>
            {t(revealed ? 'secret.hideAll' : 'secret.revealAll')}
          </Button>
        )}
        {disabled && <span className={styles.note}>{t('node.disabledNote')}</span>}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
      <pre className={styles.text} dir="ltr" tabIndex={0}>
        {lines.map(({ depth, off, tokens }, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
          <span key={line} className={styles.line} data-off={off}>
            {'  '.repeat(depth)}
            {coloured ? (
              <Coloured tokens={tokens} />
            ) : (
              visible(tokens.map(([, text]) => text).join(''))
            )}
            {'\n'}
          </span>
        ))}
      </pre>
    </div>
  )
}
