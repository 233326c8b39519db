import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { ScriptFault } from '../../api/types.ts';
import { look } from './look.ts';

/** A place to show and put the cursor at; another object is another wish. */
export interface Goal {
  line: number;
  column: number;
}

interface CodeEditorProps {
  /** What it begins with; later changes are the writer's own. */
  text: string;
  faults: readonly ScriptFault[];
  goal: Goal | undefined;
  label: string;
  onChange(text: string): void;
}

/** Code to write: what is wrong with it is underlined, marked beside its line, and told when pointed at. */
export function CodeEditor({ text, faults, goal, label, onChange }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const first = useRef(text);
  const changed = useRef(onChange);
  changed.current = onChange;
  useEffect(() => {
    if (!place.current) return undefined;
    const tells = EditorView.updateListener.of((update) => {
      if (update.docChanged) changed.current(update.state.doc.toString());
    });
    const state = EditorState.create({ doc: first.current, extensions: [look(label), writes, tells] });
    view.current = new EditorView({ state, parent: place.current });
    return () => view.current?.destroy();
  }, [label]);
  useEffect(() => {
    const { current } = view;
    current?.dispatch(setDiagnostics(current.state, diagnostics(current.state.doc, faults)));
  }, [faults]);
  useEffect(() => {
    const { current } = view;
    if (!goal || !current) return;
    const at = positionOf(current.state.doc, goal);
    current.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
    current.focus();
  }, [goal]);
  return <div ref={place} />;
}

const writes: Extension = [
  [history(), drawSelection(), indentOnInput(), indentUnit.of('  '), bracketMatching(), closeBrackets()],
  [autocompletion(), highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), lintGutter()],
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...completionKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
];

function diagnostics(text: Text, faults: readonly ScriptFault[]): Diagnostic[] {
  return faults.map((fault) => {
    const from = positionOf(text, fault);
    const word = /^(?:'[^']*'|"[^"]*"|[\w$.]*)/.exec(text.sliceString(from, text.lineAt(from).to))?.[0].length ?? 0;
    const to = Math.min(text.length, from + Math.max(1, word));
    return { from, to, severity: 'error', message: `${fault.code}: ${fault.message}` };
  });
}

/** In a text that may have been written further since the place was found. */
function positionOf(text: Text, { line, column }: Goal): number {
  const found = text.line(Math.min(line, text.lines));
  return Math.min(found.to, found.from + column - 1);
}
