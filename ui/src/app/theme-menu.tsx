import { Monitor, Moon, Sun } from 'lucide-react'
import { t } from '../i18n'
import { Menu, MenuChoice } from '../ui/menu'
import { setTheme, themes, useTheme } from './theme'

const icons = { light: Sun, dark: Moon, system: Monitor }

export function ThemeMenu() {
  const theme = useTheme()
  const Icon = icons[theme]
  return (
    <Menu
      label={t('theme.menu', { theme: t(`theme.${theme}`) })}
      trigger={<Icon size={16} aria-hidden />}
    >
      <MenuChoice
        value={theme}
        onChange={setTheme}
        options={themes.map((value) => ({ value, text: t(`theme.${value}`) }))}
      />
    </Menu>
  )
}
