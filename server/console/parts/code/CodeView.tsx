import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { look } from './look.ts';

interface CodeViewProps {
  text: string;
  /** The text to compare it with: what it took away and what it brought are marked, and what is the same is folded. */
  before?: string;
  label: string;
}

/** Code to read. */
export function CodeView({ text, before, label }: CodeViewProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return undefined;
    const compared =
      before === undefined
        ? []
        : unifiedMergeView({
            original: before,
            mergeControls: false,
            collapseUnchanged: { margin: 3, minSize: 6 },
          });
    const reads = [EditorState.readOnly.of(true), compared];
    const state = EditorState.create({ doc: text, extensions: [look(label), reads] });
    const view = new EditorView({ state, parent: place.current });
    return () => view.destroy();
  }, [text, before, label]);
  return <div ref={place} />;
}
