import { clip, visible, visibleBlock } from '../tree/text'
import { cx } from './cx'
import styles from './verbatim.module.css'

interface Props {
  text: string
  /** Rows show the beginning; details show everything, with its line breaks. */
  full?: boolean
  className?: string | undefined
}

/** Text from outside, exactly as text: isolated from the writing direction around it. */
export function Verbatim({ text, full = false, className }: Props) {
  const shown = full ? visibleBlock(text) : visible(clip(text))
  return <bdi className={cx(full ? styles.full : styles.line, className)}>{shown}</bdi>
}
