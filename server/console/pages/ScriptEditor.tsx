import { useQuery } from '@tanstack/react-query';
import { templatesQuery, versionQuery, versionsQuery } from '../api/script-queries.ts';
import type { DraftWish, ScriptVersion } from '../api/types.ts';
import { messages, words } from '../messages/messages.ts';
import { AuthorsOnly } from '../parts/AuthorsOnly.tsx';
import { DraftDesk } from '../parts/DraftDesk.tsx';
import { Loaded } from '../parts/Loaded.tsx';
import { PageSkeleton } from '../parts/Skeletons.tsx';

const say = messages.scripts;

/** Where a new script is written. */
export function NewScriptPage({ customerId }: { customerId: string }) {
  const query = useQuery(templatesQuery(customerId));
  return (
    <div className="page">
      <title>{`${say.newTitle} · ${words.product}`}</title>
      <Loaded query={query} skeleton={<PageSkeleton height={320} />}>
        {({ templates }) => (
          <DraftDesk customerId={customerId} templates={templates} begin={empty} latest={undefined} />
        )}
      </Loaded>
    </div>
  );
}

const empty: DraftWish = {
  path: 'flow.spec.ts',
  files: {
    'flow.spec.ts': `import { expect, test } from '@playwright/test';

test('My application', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto('/');
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
  });
});
`,
  },
};

/** Where the next version of a script is written, beginning with its newest one. */
export function EditScriptPage({ customerId, script }: { customerId: string; script: string }) {
  // What is being written is not exchanged for what somebody else publishes meanwhile.
  const query = useQuery({ ...versionsQuery(customerId, script), refetchInterval: false, staleTime: Infinity });
  return (
    <div className="page">
      <title>{`${say.editTitle(script)} · ${words.product}`}</title>
      <Loaded query={query} skeleton={<PageSkeleton height={320} />}>
        {({ versions: [newest] }) =>
          newest &&
          (newest.byAuthorKey ? <AuthorsOnly /> : <Next customerId={customerId} script={script} newest={newest} />)
        }
      </Loaded>
    </div>
  );
}

function Next({ customerId, script, newest }: { customerId: string; script: string; newest: ScriptVersion }) {
  const query = useQuery(versionQuery(customerId, script, newest.version));
  return (
    <Loaded query={query} skeleton={<PageSkeleton height={320} />}>
      {({ path, files }) => (
        <DraftDesk
          customerId={customerId}
          templates={[]}
          begin={{ path, files, hosts: newest.hosts }}
          latest={newest}
        />
      )}
    </Loaded>
  );
}
