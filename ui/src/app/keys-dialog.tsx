import { t } from '../i18n'
import { Dialog } from '../ui/dialog'
import styles from './keys-dialog.module.css'

const KEYS = [
  [['/'], 'keys.filter'],
  [['Esc'], 'keys.clear'],
  [['j', '↓'], 'keys.down'],
  [['k', '↑'], 'keys.up'],
  [['Enter'], 'keys.open'],
  [['←', '→'], 'keys.expand'],
  [['o'], 'keys.page'],
  [['?'], 'keys.help'],
] as const

export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={t('keys.title')}>
      <dl className={styles.keys}>
        {KEYS.map(([keys, meaning]) => (
          <div key={meaning}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(meaning)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
