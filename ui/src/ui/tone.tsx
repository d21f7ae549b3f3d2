import type { ReactNode } from 'react'
import styles from './tone.module.css'

export type Tone = 'good' | 'plain' | 'warn' | 'bad'

/** A state as a word with a dot: never a colour alone. */
export function ToneWord({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={styles[tone]}>{children}</span>
}
