import { expect, test } from 'vitest'
import { paths } from './paths'

test('every URL of the API', () => {
  const page = { q: 'a&b=ü', limit: 200, cursor: 'x/y' }
  expect([
    paths.session(),
    paths.status(),
    paths.instances(),
    paths.tree('default'),
    paths.tree('site/../b?'),
    paths.node('default', 5),
    paths.children('default', 5),
    paths.children('default', 5, page),
    paths.subtree('default', 5),
    paths.dialplanCheck('default'),
    paths.users('default'),
    paths.users('default', { q: '', limit: 200, cursor: null }),
    paths.users('default', page),
  ]).toMatchInlineSnapshot(`
    [
      "/api/v2/session",
      "/api/v2/status",
      "/api/v2/instances",
      "/api/v2/instances/default/tree",
      "/api/v2/instances/site%2F..%2Fb%3F/tree",
      "/api/v2/instances/default/nodes/5",
      "/api/v2/instances/default/nodes/5/children",
      "/api/v2/instances/default/nodes/5/children?q=a%26b%3D%C3%BC&limit=200&cursor=x%2Fy",
      "/api/v2/instances/default/nodes/5/subtree",
      "/api/v2/instances/default/dialplan:check",
      "/api/v2/instances/default/users",
      "/api/v2/instances/default/users?limit=200",
      "/api/v2/instances/default/users?q=a%26b%3D%C3%BC&limit=200&cursor=x%2Fy",
    ]
  `)
})
