import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { t } from '../i18n'
import { IconButton } from '../ui/button'
import { Verbatim } from '../ui/verbatim'
import styles from './secret-value.module.css'
import { clip, visible } from './text'

interface Props {
  name: string
  value: string
  /** What to show instead, until asked; null when the value is no secret. */
  mask: string | null
  full?: boolean
}

export function SecretValue({ name, value, mask, full = false }: Props) {
  const [revealed, setRevealed] = useState(false)
  if (mask === null) return <Verbatim text={value} full={full} />
  const short = clip(visible(name), 40)
  return (
    <span className={styles.secret}>
      <Verbatim text={revealed ? value : mask} full={full} />
      <IconButton
        icon={revealed ? EyeOff : Eye}
        label={t(revealed ? 'secret.hide' : 'secret.reveal', { name: short })}
        className={styles.button}
        onClick={(event) => {
          event.stopPropagation()
          setRevealed(!revealed)
        }}
      />
    </span>
  )
}
