import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { SignInForm } from './sign-in'

const session = { user: { id: 1, login: 'admin', role: 'admin' } }

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const fetch = vi.fn(async () => new Response(JSON.stringify(body), { status, headers }))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

async function signIn(login: string, password: string) {
  const onSignedIn = vi.fn()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignInForm returned={false} onSignedIn={onSignedIn} />
    </QueryClientProvider>,
  )
  const user = userEvent.setup()
  if (login !== '') await user.type(screen.getByLabelText('Login'), login)
  if (password !== '') await user.type(screen.getByLabelText('Password'), password)
  await user.click(screen.getByRole('button', { name: 'Sign in' }))
  return onSignedIn
}

afterEach(() => vi.unstubAllGlobals())

test('sends what was typed and hands on the session', async () => {
  const fetch = answer(200, session)
  const onSignedIn = await signIn('admin', ' secret ')
  await vi.waitFor(() => expect(onSignedIn.mock.calls[0]?.[0]).toEqual(session))
  const body = JSON.stringify({ login: 'admin', password: ' secret ' })
  expect(fetch).toHaveBeenCalledWith('/api/v2/session', expect.objectContaining({ body }))
})

test.each([
  [401, {}, 'Login or password is wrong.'],
  [429, { 'retry-after': '7' }, 'Too many tries. Try again in 7 seconds.'],
])('says what %i means', async (status, headers, message) => {
  answer(status, { title: 'no', status }, headers)
  const onSignedIn = await signIn('admin', 'wrong')
  expect(await screen.findByText(message)).toBeDefined()
  expect(onSignedIn).not.toHaveBeenCalled()
})

test('asks for what is missing before it asks the server', async () => {
  const fetch = answer(200, session)
  await signIn('admin', '')
  expect(await screen.findByText('Enter login and password.')).toBeDefined()
  expect(fetch).not.toHaveBeenCalled()
})
