import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { DraftWish, ScriptTemplate, ScriptVersion } from '../api/types.ts';
import { messages } from '../messages/messages.ts';
import type { Goal } from './code/CodeEditor.tsx';
import { LazyCodeEditor } from './code/lazy.tsx';
import css from './DraftDesk.module.css';
import { DraftProblems } from './DraftProblems.tsx';
import { PublishDraft } from './PublishDraft.tsx';
import { TryDraft } from './TryDraft.tsx';
import { useCheck } from './use-check.ts';

const say = messages.scripts;

interface DraftDeskProps {
  customerId: string;
  /** What a new script can begin with. */
  templates: readonly ScriptTemplate[];
  begin: DraftWish;
  /** The version that the draft is to follow; none: it is a new script. */
  latest: ScriptVersion | undefined;
}

/** A draft while it is written: its text, what is wrong with it, trying it, publishing it. */
export function DraftDesk({ customerId, templates, begin, latest }: DraftDeskProps) {
  const [draft, setDraft] = useState(begin);
  const [file, setFile] = useState(begin.path);
  const [goal, setGoal] = useState<Goal>();
  const [publishing, setPublishing] = useState(false);
  const check = useCheck(customerId, draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(begin);
  useWarning(isChanged && !publishing);
  const names = Object.keys(draft.files);
  const faults = check.faults.filter((fault) => fault.file === file);
  const show = (where: string, place: Goal) => {
    if (where in draft.files) setFile(where);
    setGoal({ ...place });
  };
  const write = (text: string) => setDraft((was) => ({ ...was, files: { ...was.files, [file]: text } }));
  const beginWith = (next: DraftWish) => {
    setDraft(next);
    setFile(next.path);
  };
  return (
    <div className={css.desk}>
      <div className="page-head">
        <div>
          <p className="small">
            <Link href={`/c/${customerId}/scripts`}>{say.title}</Link>
          </p>
          <h1>{latest ? say.editTitle(draft.path.split('/').at(-1) ?? '') : say.newTitle}</h1>
        </div>
        <Button disabled={!check.isFine} onClick={() => setPublishing(true)}>
          {say.publish}
        </Button>
      </div>
      {!latest && (
        <Beginning draft={draft} templates={templates} begin={begin} onBegin={beginWith} onChange={setDraft} />
      )}
      <section className="panel" aria-label={say.editorLabel(file)}>
        <header className="panel-head">
          <h2>
            {names.length > 1 ? (
              <NativeSelect
                size="xs"
                aria-label={say.file}
                value={file}
                onChange={(event) => setFile(event.currentTarget.value)}
                data={names}
              />
            ) : (
              file
            )}
          </h2>
          <p className="muted small">{say.editorKeys}</p>
        </header>
        <div className={css.editor}>
          <LazyCodeEditor
            key={`${file} ${draft.path}`}
            text={draft.files[file] ?? ''}
            faults={faults}
            goal={goal}
            label={say.editorLabel(file)}
            onChange={write}
          />
        </div>
        <DraftProblems check={check} onShow={show} />
      </section>
      <section className={`panel ${css.hosts}`}>
        <TextInput
          label={say.furtherHosts}
          description={say.furtherHostsHint}
          defaultValue={(begin.hosts ?? []).join(', ')}
          onChange={({ currentTarget: { value } }) => setDraft((was) => ({ ...was, hosts: listOf(value) }))}
        />
      </section>
      <TryDraft customerId={customerId} draft={draft} check={check} />
      {publishing && (
        <PublishDraft customerId={customerId} draft={draft} check={check} onClose={() => setPublishing(false)} />
      )}
    </div>
  );
}

interface BeginningProps {
  draft: DraftWish;
  templates: readonly ScriptTemplate[];
  begin: DraftWish;
  onBegin(draft: DraftWish): void;
  onChange(draft: DraftWish): void;
}

/** What a new script is called, and what it begins with. */
function Beginning({ draft, templates, begin, onBegin, onChange }: BeginningProps) {
  const rename = (name: string) => {
    const { [draft.path]: text = '', ...others } = draft.files;
    onChange({ ...draft, path: name, files: { ...others, [name]: text } });
  };
  const choose = (name: string) => {
    const chosen = templates.find((template) => template.name === name);
    onBegin(chosen ? { path: chosen.path, files: chosen.files } : begin);
  };
  return (
    <section className={`panel ${css.beginning}`}>
      <NativeSelect
        label={say.template}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          { value: '', label: say.templateEmpty },
          ...templates.map(({ name, title }) => ({ value: name, label: title })),
        ]}
      />
      <TextInput
        label={say.name}
        description={say.nameHint}
        value={draft.path}
        maxLength={300}
        spellCheck={false}
        onChange={(event) => rename(event.currentTarget.value)}
      />
    </section>
  );
}

/** Whoever leaves with something unpublished is asked first. */
function useWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isNeeded]);
}

function listOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
