import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '../i18n'
import { Button } from './button'

const SHOWN_MS = 2_000

interface Props {
  text: () => string
  label?: string
}

export function CopyButton({ text, label = t('copy.action') }: Props) {
  const [result, setResult] = useState<'done' | 'failed' | null>(null)

  useEffect(() => {
    if (result === null) return
    const timer = setTimeout(() => setResult(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [result])

  // The clipboard is missing on plain http, and may be forbidden.
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text())
      setResult('done')
    } catch {
      setResult('failed')
    }
  }

  const Icon = result === 'done' ? Check : Copy
  return (
    <Button onClick={copy}>
      <Icon size={14} aria-hidden />
      <span aria-live="polite">{result === null ? label : t(`copy.${result}`)}</span>
    </Button>
  )
}
