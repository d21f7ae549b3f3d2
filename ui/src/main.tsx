import { CSPProvider } from '@base-ui/react/csp-provider'
import { DirectionProvider } from '@base-ui/react/direction-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/base.css'
import { ApiError, AwayError } from './api/client'
import { createQueryClient } from './app/query-client'
import { createAppRouter } from './app/router'
import { applyTheme } from './app/theme'
import { direction, setDocumentLanguage } from './i18n'

applyTheme()
setDocumentLanguage()

const queryClient = createQueryClient(() => {
  const { pathname, href } = router.state.location
  if (pathname !== '/sign-in') router.navigate({ to: '/sign-in', search: { next: href } })
})
const router = createAppRouter(queryClient)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

// What the server or the network did is on the page already; only mistakes of ours belong in the console.
const onCaughtError = (error: unknown) => {
  if (!(error instanceof ApiError || error instanceof AwayError)) reportError(error)
}

createRoot(root, { onCaughtError }).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <DirectionProvider direction={direction}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </DirectionProvider>
    </CSPProvider>
  </StrictMode>,
)
