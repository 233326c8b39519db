import { type ComponentProps, lazy, Suspense } from 'react';
import { messages } from '../../messages/messages.ts';
import { Bar } from '../Loaded.tsx';
import type { CodeEditor } from './CodeEditor.tsx';
import type { CodeView } from './CodeView.tsx';

/* What shows and writes code is as large as all the rest: it is loaded by the pages that need it, when they do. */

const View = lazy(async () => ({ default: (await import('./CodeView.tsx')).CodeView }));
const Editor = lazy(async () => ({ default: (await import('./CodeEditor.tsx')).CodeEditor }));

export function LazyCodeView(props: ComponentProps<typeof CodeView>) {
  return (
    <Suspense fallback={<Waiting />}>
      <View {...props} />
    </Suspense>
  );
}

export function LazyCodeEditor(props: ComponentProps<typeof CodeEditor>) {
  return (
    <Suspense fallback={<Waiting />}>
      <Editor {...props} />
    </Suspense>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label={messages.scripts.loadingCode}>
      <Bar width="100%" height={240} />
    </div>
  );
}
