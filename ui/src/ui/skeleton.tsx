import styles from './skeleton.module.css'

const WIDTHS = ['34%', '52%', '41%', '60%', '38%', '47%', '55%', '36%']

/** Grey rows; CSS shows them only when the wait lasts longer than 150 ms. */
export function Skeleton() {
  return (
    <div className={styles.skeleton} aria-hidden>
      {WIDTHS.map((inlineSize) => (
        <div key={inlineSize} className={styles.row}>
          <span style={{ inlineSize }} />
        </div>
      ))}
    </div>
  )
}
